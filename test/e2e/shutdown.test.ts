/** The process: exit codes, probes, reconnects, the gap after a lost connection. Real Redis, real daemon. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { type FakeOtlp, startFakeOtlp } from '../fakes/otlp.ts';
import { type FakeSentry, startFakeSentry } from '../fakes/sentry.ts';
import {
  freePort,
  missingTools,
  start,
  startDaemon,
  startRedis,
  stopEverything,
  temporaryFolder,
  waitFor,
} from '../live/process.ts';

const skip = missingTools();
const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the process', { skip: skip ?? false }, () => {
  let otlp: FakeOtlp;
  let sentry: FakeSentry;

  beforeEach(async () => {
    [otlp, sentry] = [await startFakeOtlp(), await startFakeSentry()];
  });

  afterEach(async () => {
    await stopEverything();
    await Promise.all([otlp.stop(), sentry.stop()]);
  });

  async function daemonOn(url: string, { shutdownTimeout = '5s' } = {}) {
    const ops = await freePort();
    const config = `broker: ${url}/0
otlp: { endpoint: "${otlp.endpoint}" }
sentry: { dsn: "${sentry.dsn}" }
ops: { listen: "127.0.0.1:${ops}" }
ui: { listen: "off" }
shutdown_timeout: ${shutdownTimeout}
`;
    return startDaemon(config, {}, ops);
  }

  test('SIGTERM delivers what is held and ends with 0', async () => {
    const redis = await startRedis();
    const daemon = await daemonOn(redis.url);
    await daemon.ready();
    assert.equal((await daemon.get('/healthz')).status, 200);
    await publish(redis.url, failureOf('11111111-2222-4333-8444-555555555555'));
    await waitFor('the event', 5_000, async () =>
      /events_received_total\{[^}]*task-failed/.test(await daemon.metrics()),
    );
    const at = Date.now();
    assert.equal(await daemon.stop('SIGTERM'), 0);
    assert.ok(Date.now() - at < 5_000, 'within its deadline');
    assert.match(daemon.output(), /"msg":"stopped".*"undelivered":0\}/);
    const names = otlp.spans().map(({ name }) => name);
    assert.deepEqual(names.toSorted(), ['bakery.bake', 'process bakery.bake', 'wait bakery.bake']);
    assert.ok(otlp.spans().every(({ traceId }) => traceId === '11111111222243338444555555555555'));
    assert.ok(otlp.logRecords().some(({ severity }) => severity === 'ERROR'));
    assert.equal(sentry.events().length, 1);
  });

  test('a collector that never answers does not hold the end beyond its deadline', async () => {
    const redis = await startRedis();
    const daemon = await daemonOn(redis.url, { shutdownTimeout: '1s' });
    await daemon.ready();
    otlp.hold();
    await publish(redis.url, failureOf('a'));
    await waitFor('a request that is held', 10_000, () => otlp.log.some((line) => line.endsWith('held')));
    const at = Date.now();
    assert.equal(await daemon.stop('SIGTERM'), 0);
    assert.ok(Date.now() - at < 4_000, `took ${Date.now() - at} ms`);
    assert.match(daemon.output(), /"level":"error","msg":"items dropped".*"reason":"deadline"/);
  });

  test('a second SIGTERM ends it at once, with 143', async () => {
    const redis = await startRedis();
    const daemon = await daemonOn(redis.url, { shutdownTimeout: '25s' });
    await daemon.ready();
    otlp.hold();
    await publish(redis.url, failureOf('a'));
    await waitFor('a request that is held', 10_000, () => otlp.log.some((line) => line.endsWith('held')));
    daemon.signal('SIGTERM');
    await waitFor('its word', 5_000, () => daemon.output().includes('"msg":"stopping"'));
    const at = Date.now();
    assert.equal(await daemon.stop('SIGTERM'), 143);
    assert.ok(Date.now() - at < 2_000, `took ${Date.now() - at} ms`);
  });

  test('is alive but not ready while the broker is down, and ready when it is up', async () => {
    const port = await freePort();
    const daemon = await daemonOn(`redis://127.0.0.1:${port}`);
    await waitFor('health', 10_000, () =>
      daemon.get('/healthz').then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    const readiness = await daemon.get('/readyz');
    assert.equal(readiness.status, 503);
    assert.doesNotMatch(await readiness.text(), /127\.0\.0\.1/);
    await startRedis(port);
    await daemon.ready();
    assert.equal(await daemon.stop(), 0);
  });

  test('records a gap when Redis drops the connection and when Redis restarts, and receives events after each', async () => {
    const redis = await startRedis();
    const daemon = await daemonOn(redis.url);
    await daemon.ready();
    const gaps = () => daemon.output().match(/events may have been missed/g)?.length ?? 0;
    const heard = async (count: number) =>
      new RegExp(`events_received_total\\{[^}]*task-failed[^}]*\\} ${count}$`, 'm').test(await daemon.metrics());
    const client = new Redis(redis.url);
    // What Redis does to a subscriber that reads too slowly.
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    client.disconnect();
    await waitFor('the first gap', 15_000, () => gaps() === 1);
    await publish(redis.url, failureOf('a'));
    await waitFor('an event after the first gap', 10_000, () => heard(1));
    await redis.stop('SIGKILL');
    await waitFor('not ready', 10_000, async () => (await daemon.get('/readyz')).status === 503);
    await startRedis(redis.port);
    await waitFor('the second gap', 40_000, () => gaps() === 2);
    await daemon.ready();
    await publish(redis.url, failureOf('b'));
    await waitFor('an event after the second gap', 10_000, () => heard(2));
    assert.match(await daemon.metrics(), /source_gap_seconds_total\{[^}]*\} (?!0$)/m);
    assert.equal(await daemon.stop(), 0);
  });

  test('a wrong configuration ends with 78 and every problem in its place', async () => {
    const file = join(temporaryFolder(), 'bad.yaml');
    writeFileSync(file, 'broker: redis://localhost/0\nalerts:\n  wait: soon\n  learnin: 5m\n');
    const daemon = start(join(root, 'node_modules/.bin/node'), [join(root, 'src/main.ts'), 'run', '-c', file]);
    assert.equal(await daemon.ended, 78);
    assert.match(daemon.output(), /bad\.yaml:3:9: alerts\.wait: /);
    assert.match(daemon.output(), /bad\.yaml:4:3: alerts\.learnin: .*learning/);
  });
});

/** All events of one task, as a worker sends them in one message. */
function failureOf(uuid: string): readonly Record<string, unknown>[] {
  const now = Date.now() / 1_000;
  const common = { hostname: 'oven@one', pid: 7, utcoffset: 0, clock: 1, uuid };
  const ids = { root_id: uuid, parent_id: null };
  return [
    { ...common, ...ids, type: 'task-received', timestamp: now - 0.3, name: 'bakery.bake', args: '()', kwargs: '{}' },
    { ...common, type: 'task-started', timestamp: now - 0.2 },
    {
      ...common,
      type: 'task-failed',
      timestamp: now - 0.1,
      exception: "OvenError('cold')",
      traceback:
        'Traceback (most recent call last):\n  File "/app/bakery.py", line 3, in bake\n    heat()\nbakery.OvenError: cold\n',
    },
  ];
}

/** As kombu publishes it. */
async function publish(url: string, events: readonly Record<string, unknown>[]): Promise<void> {
  const redis = new Redis(url);
  const envelope = {
    body: Buffer.from(JSON.stringify(events)).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: { hostname: 'oven@one' },
    properties: { body_encoding: 'base64' },
  };
  try {
    const heardBy = await redis.publish('/0.celeryev/task.multi', JSON.stringify(envelope));
    assert.ok(heardBy > 0, 'somebody listens');
  } finally {
    redis.disconnect();
  }
}
