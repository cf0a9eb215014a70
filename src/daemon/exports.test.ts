import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { failureOf } from '../../test/fakes/failure.ts';
import { startFakeOtlp } from '../../test/fakes/otlp.ts';
import { startFakeSentry } from '../../test/fakes/sentry.ts';
import { loadConfig } from '../config/load.ts';
import { FailureTally } from '../failure/tally.ts';
import type { Transition } from '../lifecycle/transition.ts';
import type { Notice } from '../report.ts';
import { createSystemClock } from '../runtime/clock.ts';
import { createExports } from './exports.ts';

interface Sinks {
  readonly otlp?: boolean;
  readonly sentry?: boolean;
}

/** Exports with a fake collector and a fake Sentry, on the real clock. */
async function open(t: TestContext, sinks: Sinks, isExporting: () => boolean = () => true) {
  const [otlp, sentry] = [await startFakeOtlp(), await startFakeSentry()];
  t.after(() => Promise.all([otlp.stop(), sentry.stop()]));
  const text = [
    'broker: redis://a/0',
    ...(sinks.otlp === true ? [`otlp: { endpoint: "${otlp.endpoint}" }`] : []),
    ...(sinks.sentry === true ? [`sentry: { dsn: "${sentry.dsn}" }`] : []),
  ].join('\n');
  const loaded = loadConfig({ text, file: 'c.yaml', env: {}, hostname: 'h', readFile: () => '' });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const notices: Notice[] = [];
  const exports = await createExports({
    config: loaded.config,
    clock: createSystemClock(),
    random: () => 0.5,
    report: (notice) => notices.push(notice),
    isExporting,
  });
  const tally = new FailureTally();
  const fail = (id: string): void => {
    const failure = failureOf({ id });
    const group = tally.count(failure, Date.now());
    assert.ok(group);
    exports.failure(failure, group);
  };
  return { otlp, sentry, exports, fail, notices };
}

test('without sinks nothing is sent and nothing is queued', async (t) => {
  const { exports, fail, otlp, sentry } = await open(t, {});
  fail('f1');
  exports.sweep(0);
  assert.equal(exports.queuedCount(), 0);
  await exports.stop();
  assert.deepEqual([otlp.log, sentry.log], [[], []]);
});

test('a failure becomes a Sentry event, delivered at the stop at the latest', async (t) => {
  const { exports, fail, sentry } = await open(t, { sentry: true });
  fail('f1');
  await exports.stop();
  assert.equal(sentry.events().length, 1);
});

test('a standby sends nothing until it takes over', async (t) => {
  let isExporting = false;
  const { exports, fail, sentry } = await open(t, { sentry: true }, () => isExporting);
  fail('f1');
  isExporting = true;
  exports.takeOver(0);
  await exports.stop();
  assert.equal(sentry.events().length, 1);
});

test('a take-over drops the items that the previous leader delivered', async (t) => {
  const { exports, fail, sentry } = await open(t, { sentry: true }, () => false);
  fail('f1');
  exports.takeOver(Date.now() + 1_000);
  await exports.stop();
  assert.deepEqual(sentry.events(), []);
});

test('spans and the record of a transition are queued and delivered', async (t) => {
  const { exports, otlp } = await open(t, { otlp: true });
  const task = { id: 't1', traceId: '1'.repeat(32), spanId: '2'.repeat(16), attempts: [], firstAt: 0 };
  const transition = { kind: 'task-queued', at: 0, task } as unknown as Transition;
  exports.transition(transition, [
    {
      traceId: task.traceId,
      spanId: task.spanId,
      parentSpanId: undefined,
      name: 'shop.pay',
      kind: 'internal',
      startAt: 0,
      endAt: 1,
      isError: true,
      statusMessage: undefined,
      attributes: {},
      events: [],
      links: [],
    },
  ]);
  assert.ok(exports.queuedCount() > 0);
  await exports.stop();
  assert.equal(exports.queuedCount(), 0);
  assert.equal(otlp.spans().length, 1);
});
