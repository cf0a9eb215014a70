import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  conditionOf,
  createDetectorBench,
  type DetectorBench,
  markAt,
  minute,
  outcomesOf,
  start,
  taskPolicy,
} from '../../../test/fakes/detector.ts';
import { critical } from './critical.ts';

/** A fleet in which `billing.*` is critical. */
function billing(options: { readonly observedMs?: number; readonly listeningMs?: number } = {}): DetectorBench {
  return createDetectorBench({ tasks: [taskPolicy({ match: ['billing.*'], severity: 'critical' })] }, options);
}

const charge = { task: 'billing.charge' };

test('the first failure of a critical task holds', () => {
  const bench = billing();
  bench.fail(1, charge);
  assert.deepEqual(outcomesOf(bench.detect(critical)), ['holds']);
});

test('any number of failures of another task is no critical failure', () => {
  const bench = billing();
  bench.fail(50, { task: 'mail.send' });
  assert.deepEqual(bench.detect(critical), []);
});

test('a high severity is not critical', () => {
  const bench = createDetectorBench({ tasks: [taskPolicy({ severity: 'high' })] });
  bench.fail(1, charge);
  assert.deepEqual(bench.detect(critical), []);
});

describe('the condition holds for a minute after the last failure', () => {
  const cases = [
    { passedMs: minute - 1, outcome: 'holds' },
    { passedMs: minute, outcome: 'clear' },
  ];
  for (const { passedMs, outcome } of cases) {
    test(`after ${passedMs} ms: ${outcome}`, () => {
      const bench = billing();
      bench.fail(1, charge);
      bench.pass(passedMs);
      const found = conditionOf(bench.detect(critical));
      assert.equal(found.level, outcome);
      assert.equal(found.lastAt, start);
      assert.equal(found.clearMs, 10 * minute);
    });
  }
});

test('an incident about the cause stays under evaluation after its failures were reported', () => {
  const bench = billing();
  bench.open({ kind: 'cause', fingerprint: 'cause-1' });
  bench.fail(1, charge);
  bench.evidence.clearTouched();
  bench.pass(minute);
  assert.deepEqual(outcomesOf(bench.detect(critical)), ['clear']);
});

test('a critical failure does not wait, and its severity is critical', () => {
  const bench = billing();
  bench.fail(2, charge);
  const found = conditionOf(bench.detect(critical));
  assert.equal(found.waitMs, 0);
  assert.equal(found.severity, 'critical');
  assert.equal(found.failures, 2);
  assert.deepEqual(found.key, { kind: 'cause', fingerprint: 'cause-1' });
  assert.deepEqual(found.figures, { count: 2, limit: 1, withinMs: 10 * minute, baseline: undefined, of: undefined });
});

test('the count is that of the window for new failures', () => {
  const bench = billing();
  bench.fail(1, charge);
  bench.pass(10 * minute + 10_000);
  bench.fail(1, charge);
  assert.equal(conditionOf(bench.detect(critical)).figures.count, 1);
});

test('learning and the mark of an operator do not suppress a critical failure', () => {
  const bench = billing({ observedMs: 0, listeningMs: 0 });
  bench.fail(1, charge);
  assert.deepEqual(outcomesOf(bench.detect(critical, { marks: [markAt('archived', start)] })), ['holds']);
});

test('a cancelled task and an ignored exception are no critical failure', () => {
  const bench = createDetectorBench({ tasks: [taskPolicy({ severity: 'critical', ignore: ['Time*'] })] });
  bench.fail(1, { class: 'cancelled', exception: undefined });
  bench.fail(1, { fingerprint: 'cause-2', exception: 'Timeout' });
  bench.fail(1, { fingerprint: 'cause-3', exception: 'KeyError' });
  assert.deepEqual(outcomesOf(bench.detect(critical)), ['cancelled', 'ignored', 'holds']);
});
