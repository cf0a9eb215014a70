/** The process: exit codes, probes, reconnects, the gap after a lost connection. Real Redis, real daemon. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { freePort, missingTools, start, startDaemon, startRedis, stopEverything, waitFor } from '../live/process.ts';

const skip = missingTools();
const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the process', { skip: skip ?? false }, () => {
  after(stopEverything);

  async function daemonOn(url: string) {
    const ops = await freePort();
    return startDaemon(
      `broker: ${url}/0\nops: { listen: "127.0.0.1:${ops}" }\nui: { listen: "off" }\nshutdown_timeout: 5s\n`,
      {},
      ops,
    );
  }

  test('SIGTERM drains and ends with 0', async () => {
    const redis = await startRedis();
    const daemon = await daemonOn(redis.url);
    await daemon.ready();
    assert.equal((await daemon.get('/healthz')).status, 200);
    assert.match(await (await daemon.get('/metrics')).text(), /taskvigil_source_connected\{source="celery"\} 1/);
    const before = Date.now();
    assert.equal(await daemon.stop('SIGTERM'), 0);
    assert.ok(Date.now() - before < 5_000, 'within its deadline');
    assert.match(daemon.output(), /"msg":"stopped"/);
  });

  test('is alive but not ready while the broker is away, and ready when it comes', async () => {
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

  test('tells a gap when Redis drops it, and when Redis restarts', async () => {
    const redis = await startRedis();
    const daemon = await daemonOn(redis.url);
    await daemon.ready();
    const gaps = () => daemon.output().match(/events may have been missed/g)?.length ?? 0;
    const client = new Redis(redis.url);
    // What Redis does to a subscriber that reads too slowly.
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    client.disconnect();
    await waitFor('the first gap', 15_000, () => gaps() === 1);
    await redis.stop('SIGKILL');
    await waitFor('not ready', 10_000, async () => (await daemon.get('/readyz')).status === 503);
    await startRedis(redis.port);
    await waitFor('the second gap', 40_000, () => gaps() === 2);
    assert.equal(await daemon.stop(), 0);
  });

  test('a wrong configuration ends with 78 and every problem in its place', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'taskvigil-')), 'bad.yaml');
    writeFileSync(file, 'broker: redis://localhost/0\nalerts:\n  threshold: 0\n  windw: 5m\n');
    const daemon = start(join(root, 'node_modules/.bin/node'), [join(root, 'src/main.ts'), 'run', '-c', file]);
    assert.equal(await daemon.ended, 78);
    assert.match(daemon.output(), /bad\.yaml:3:14: alerts\.threshold: /);
    assert.match(daemon.output(), /bad\.yaml:4:3: alerts\.windw: .*window/);
  });
});
