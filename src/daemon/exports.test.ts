import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { failureOf } from '../../test/fakes/failure.ts';
import { type FakeOtlp, startFakeOtlp } from '../../test/fakes/otlp.ts';
import { type FakeSentry, startFakeSentry } from '../../test/fakes/sentry.ts';
import { aTask, taskEnded } from '../../test/fakes/transition.ts';
import { loadConfig } from '../config/load.ts';
import type { Notice } from '../report.ts';
import { createSystemClock } from '../runtime/clock.ts';
import type { Span } from '../sink/otlp/spans.ts';
import { createExports, type Exports } from './exports.ts';

const startAt = 1_700_000_000_000;
const traceId = '1'.repeat(32);

const span: Span = {
  traceId,
  spanId: '2'.repeat(16),
  parentSpanId: undefined,
  name: 'process shop.pay',
  kind: 'consumer',
  startAt: 1_000,
  endAt: 2_000,
  isError: false,
  statusMessage: undefined,
  attributes: {},
  events: [],
  links: [],
};

interface Open {
  readonly exports: Exports;
  readonly otlp: FakeOtlp;
  readonly sentry: FakeSentry;
  readonly notices: Notice[];
  /** Sets the time in ms after the start. */
  setTime(ms: number): void;
  setExporting(value: boolean): void;
  /** A task that ended, with one span. */
  transition(): void;
  failure(facts?: Parameters<typeof failureOf>[0]): void;
}

/** The exports of a configuration, in which `OTLP` and `DSN` stand for a fake collector and a fake Sentry. */
async function open(t: TestContext, yaml: string): Promise<Open> {
  const [otlp, sentry] = [await startFakeOtlp(), await startFakeSentry()];
  t.after(() => Promise.all([otlp.stop(), sentry.stop()]));
  const text = `broker: redis://test/0\n${yaml.replace('OTLP', otlp.endpoint).replace('DSN', sentry.dsn)}`;
  const loaded = loadConfig({ text, file: 'test.yaml', env: {}, hostname: 'pod-7', readFile: () => '' });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  let [now, isExporting] = [startAt, true];
  const notices: Notice[] = [];
  const exports = await createExports({
    config: loaded.config,
    clock: { ...createSystemClock(), now: () => now },
    random: () => 0.5,
    report: (notice) => notices.push(notice),
    isExporting: () => isExporting,
  });
  t.after(() => exports.stop());
  return {
    exports,
    otlp,
    sentry,
    notices,
    setTime: (ms) => {
      now = startAt + ms;
    },
    setExporting: (value) => {
      isExporting = value;
    },
    transition: () => exports.transition(taskEnded({ task: aTask({ traceId, spanId: span.spanId }) }), [span]),
    failure(facts = {}) {
      const failure = failureOf({ at: now, ...facts });
      exports.failure(failure, { fingerprint: failure.fingerprint, count: 1, firstAt: now, lastAt: now });
    },
  };
}

const counts = ({ otlp, sentry }: Open) => ({
  spans: otlp.spans().length,
  records: otlp.logRecords().length,
  events: sentry.events().length,
});

describe('the configuration decides what is exported:', () => {
  for (const { name, yaml, expected } of [
    { name: 'nothing without an endpoint and a DSN', yaml: '', expected: { spans: 0, records: 0, events: 0 } },
    {
      name: 'spans and log records with an endpoint',
      yaml: 'otlp: { endpoint: "OTLP" }',
      expected: { spans: 1, records: 1, events: 0 },
    },
    {
      name: 'no spans if traces are off',
      yaml: 'otlp: { endpoint: "OTLP", traces: false }',
      expected: { spans: 0, records: 1, events: 0 },
    },
    {
      name: 'no log records if logs are off',
      yaml: 'otlp: { endpoint: "OTLP", logs: false }',
      expected: { spans: 1, records: 0, events: 0 },
    },
    {
      name: 'nothing if traces and logs are off',
      yaml: 'otlp: { endpoint: "OTLP", traces: false, logs: false }',
      expected: { spans: 0, records: 0, events: 0 },
    },
    {
      name: 'no record of a success at a share of 0',
      yaml: 'otlp: { endpoint: "OTLP", sample_logs: 0 }',
      expected: { spans: 1, records: 0, events: 0 },
    },
    { name: 'Sentry events with a DSN', yaml: 'sentry: { dsn: "DSN" }', expected: { spans: 0, records: 0, events: 1 } },
    {
      name: 'everything with both',
      yaml: 'otlp: { endpoint: "OTLP" }\nsentry: { dsn: "DSN" }',
      expected: { spans: 1, records: 1, events: 1 },
    },
    {
      name: 'Sentry events also while the store that shares their budget is unreachable',
      yaml: 'store: redis://127.0.0.1:1/0\nsentry: { dsn: "DSN" }',
      expected: { spans: 0, records: 0, events: 1 },
    },
  ])
    test(name, async (t) => {
      const opened = await open(t, yaml);
      opened.transition();
      opened.failure();
      await opened.exports.stop();
      assert.deepEqual(counts(opened), expected);
      assert.equal(opened.exports.queuedCount(), 0);
      assert.deepEqual(opened.sentry.objections(), []);
    });
});

for (const { name, isSent } of [
  { name: 'bug', isSent: true },
  { name: 'resource', isSent: true },
  { name: 'transient', isSent: true },
  { name: 'cancelled', isSent: false },
] as const)
  test(`a failure of class ${name} is ${isSent ? 'sent to' : 'kept from'} Sentry`, async (t) => {
    const opened = await open(t, 'sentry: { dsn: "DSN" }');
    opened.failure({ class: name });
    await opened.exports.stop();
    assert.equal(opened.sentry.events().length, isSent ? 1 : 0);
  });

describe('a standby', () => {
  test('exports nothing, also when it stops', async (t) => {
    const opened = await open(t, 'otlp: { endpoint: "OTLP" }\nsentry: { dsn: "DSN" }');
    opened.setExporting(false);
    opened.transition();
    opened.failure();
    assert.equal(opened.exports.queuedCount(), 0);
    await opened.exports.stop();
    assert.deepEqual(counts(opened), { spans: 0, records: 0, events: 0 });
  });

  test('that takes over exports what came after the position of the previous leader', async (t) => {
    const opened = await open(t, 'otlp: { endpoint: "OTLP", logs: false }\nsentry: { dsn: "DSN" }');
    opened.setExporting(false);
    for (const ms of [1_000, 2_000, 3_000]) {
      opened.setTime(ms);
      opened.transition();
      opened.failure({ id: `failure at ${ms}`, fingerprint: `cause at ${ms}` });
    }
    opened.setExporting(true);
    opened.exports.takeOver(startAt + 2_000);
    await opened.exports.stop();
    assert.deepEqual(counts(opened), { spans: 1, records: 0, events: 1 });
    assert.equal(opened.sentry.events()[0]?.['timestamp'], (startAt + 3_000) / 1_000);
  });
});

test('the queue counts spans and log records until the collector has them', async (t) => {
  const opened = await open(t, 'otlp: { endpoint: "OTLP" }');
  opened.transition();
  assert.equal(opened.exports.queuedCount(), 2);
  await opened.exports.stop();
  assert.equal(opened.exports.queuedCount(), 0);
});

test('a stop delivers to Sentry although the collector refuses', async (t) => {
  const opened = await open(t, 'otlp: { endpoint: "OTLP", logs: false }\nsentry: { dsn: "DSN" }');
  opened.otlp.failNext(400);
  opened.transition();
  opened.failure();
  await opened.exports.stop();
  assert.deepEqual(counts(opened), { spans: 0, records: 0, events: 1 });
});
