import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  conditionOf,
  createDetectorBench,
  type DetectorBench,
  minute,
  outcomesOf,
  second,
  start,
} from '../../../test/fakes/detector.ts';
import { Evidence } from '../evidence/evidence.ts';
import { blind } from './blind.ts';

/** The last event was received `ms` before the evaluation. */
function silentFor(ms: number): { readonly bench: DetectorBench; readonly now: number } {
  return { bench: createDetectorBench(), now: start + ms };
}

const silenceLimitMs = 20 * second;

describe('silence of the fleet', () => {
  const cases = [
    { title: 'at the limit is no condition', silentMs: 20 * second, outcomes: [] },
    { title: 'beyond the limit holds', silentMs: 20 * second + 1, outcomes: ['holds'] },
  ];
  for (const { title, silentMs, outcomes } of cases) {
    test(title, () => {
      const { bench, now } = silentFor(silentMs);
      assert.deepEqual(outcomesOf(bench.detect(blind, { now, silenceLimitMs })), outcomes);
    });
  }

  test('proves nothing if too few workers are online to decide', () => {
    const { bench, now } = silentFor(60 * minute);
    assert.deepEqual(bench.detect(blind, { now, silenceLimitMs: Number.POSITIVE_INFINITY }), []);
  });

  test('before the first event is no condition', () => {
    const { bench, now } = silentFor(60 * minute);
    const evidence = new Evidence({ queueOf: () => undefined, isIgnored: () => false });
    assert.deepEqual(bench.detect(blind, { evidence, now, silenceLimitMs: 0 }), []);
  });
});

test('the signal clears with the next event, after 30 s without silence', () => {
  const bench = createDetectorBench();
  bench.open({ kind: 'self' });
  bench.pass(minute);
  const { level, clearMs, lastAt } = conditionOf(bench.detect(blind, { silenceLimitMs }));
  assert.deepEqual({ level, clearMs, lastAt }, { level: 'clear', clearMs: 30 * second, lastAt: start + minute });
});

test('the key is this instance, and the figures are the silence and its limit', () => {
  const { bench, now } = silentFor(90 * second);
  const found = conditionOf(bench.detect(blind, { now, silenceLimitMs }));
  assert.deepEqual(found.key, { kind: 'self' });
  assert.equal(found.severity ?? blind.severity, 'high');
  assert.deepEqual(found.figures, {
    count: 90 * second,
    limit: 20 * second,
    withinMs: 0,
    baseline: undefined,
    of: undefined,
  });
  assert.equal(found.firstAt, start);
  assert.equal(found.waitMs, 0);
  assert.equal(found.subject.title, 'no events for 90 s, although workers are online');
});
