import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type FakeOtlp, startFakeOtlp } from '../../test/fakes/otlp.ts';
import { type FakeSlack, startFakeSlack } from '../../test/fakes/slack.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { policyOf } from '../config/policy/policy.ts';
import type { Notice } from '../report.ts';
import { createScaledClock, createSystemClock } from '../runtime/clock.ts';
import type { Outlet, Source } from '../source/source.ts';
import { createDaemon } from './daemon.ts';

const fakes: (FakeSlack | FakeOtlp)[] = [];
after(() => Promise.all(fakes.map((fake) => fake.stop())));

function configOf(yaml: string): Config {
  const loaded = loadConfig({ text: yaml, file: 'test.yaml', env: {}, hostname: 'h', readFile: () => '' });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

interface SourceBehaviour {
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
}

/** A source that passes on what the test gives it. */
function createTestSource({ start, stop }: SourceBehaviour = {}) {
  let outlet: Outlet | undefined;
  let stopCount = 0;
  const source: Source = {
    name: 'test',
    async start(given) {
      outlet = given;
      await start?.();
      given.connected(true, Date.now());
    },
    async stop() {
      stopCount += 1;
      await stop?.();
    },
  };
  const publish = (event: object): void =>
    outlet?.message({ source: 'test', receivedAt: Date.now(), payload: JSON.stringify(event), form: 'event-body' });
  return { source, publish, outlet: () => outlet, stopCount: () => stopCount };
}

const taskId = '11111111-2222-4333-8444-555555555555';

/** The events of one task that fails at its first attempt. */
function failedTask(): readonly object[] {
  const common = { uuid: taskId, hostname: 'celery@pay-1', timestamp: Date.now() / 1_000, pid: 1, utcoffset: 0 };
  return [
    { ...common, clock: 1, type: 'task-received', name: 'payouts.send', args: '()', kwargs: '{}', retries: 0 },
    { ...common, clock: 2, type: 'task-started' },
    { ...common, clock: 3, type: 'task-failed', exception: "LedgerLocked('it is locked')", traceback },
  ];
}

const traceback =
  'Traceback (most recent call last):\n  File "/app/pay.py", line 3, in send\nLedgerLocked: it is locked\n';

/** A daemon with a fake Slack and a fake collector, on the real clock. */
async function openDaemon(behaviour: SourceBehaviour) {
  const [slack, otlp] = [await startFakeSlack(), await startFakeOtlp()];
  fakes.push(slack, otlp);
  const config = configOf(`
broker: redis://test/0
critical: [payouts.*]
alerts: { learning: 0s }
slack: { token: "${slack.token}", channel: "#alerts", api_url: "${slack.apiUrl}" }
otlp: { endpoint: "${otlp.endpoint}" }
`);
  const notices: Notice[] = [];
  const test = createTestSource(behaviour);
  const daemon = await createDaemon({
    config,
    policy: policyOf(config),
    clock: createSystemClock(),
    // Ten times as fast, so that a service that never stops costs the test 0.2 s.
    shutdownClock: createScaledClock(createSystemClock(), 10),
    random: () => 0.5,
    report: (notice) => notices.push(notice),
    instance: 'test/1',
    sources: () => [test.source],
  });
  return { ...test, slack, otlp, notices, daemon };
}

test('a source that rejects its stop keeps neither the due Slack post nor the queued spans', async () => {
  const { daemon, slack, otlp, notices, publish } = await openDaemon({
    stop: () => Promise.reject(new Error('no route to host')),
  });
  await daemon.start();
  for (const event of failedTask()) publish(event);
  const { undelivered, late } = await daemon.stop();
  assert.equal(slack.messages('alerts').length, 1);
  assert.match(JSON.stringify(slack.messages('alerts')), /payouts\.send/);
  assert.ok(otlp.spans().length > 0);
  assert.deepEqual({ undelivered, late }, { undelivered: 0, late: [] });
  const bugs = notices.flatMap((notice) => (notice.kind === 'bug' ? [notice.where] : []));
  assert.deepEqual(bugs, ['stop brokers']);
});

test('a source that never stops costs its own limit and leaves the rest of the time to the sinks', async () => {
  const { daemon, slack, publish } = await openDaemon({ stop: () => new Promise(() => {}) });
  await daemon.start();
  for (const event of failedTask()) publish(event);
  const { late } = await daemon.stop();
  assert.equal(slack.messages('alerts').length, 1);
  assert.deepEqual(late, ['brokers']);
});

test('a daemon stops twice and without a start', async () => {
  const { daemon, stopCount } = await openDaemon({});
  await daemon.stop();
  await daemon.stop();
  assert.ok(stopCount() >= 1);
});

test('a source that cannot start ends the start, and what had started stops again', async () => {
  const { daemon, stopCount } = await openDaemon({ start: () => Promise.reject(new Error('bad certificate')) });
  await assert.rejects(daemon.start(), /bad certificate/);
  assert.equal(stopCount(), 1);
});
