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
import type { Finding } from '../detection/condition.ts';
import { matchesEverything } from '../matcher.ts';
import { escalated } from './escalated.ts';

const archived = { marks: [markAt('archived', start - minute)] };

function detect(bench: DetectorBench): readonly Finding[] {
  return bench.detect(escalated, archived);
}

describe('limit of an archived cause', () => {
  const cases = [
    { title: 'nine failures stay archived', failures: 9, min: 8, outcome: 'archived' },
    { title: 'ten failures hold', failures: 10, min: 8, outcome: 'holds' },
    { title: 'a lower least count of the policy does not apply', failures: 9, min: 2, outcome: 'archived' },
    {
      title: 'eleven failures stay archived if the policy requires twelve',
      failures: 11,
      min: 12,
      outcome: 'archived',
    },
    { title: 'twelve failures hold if the policy requires twelve', failures: 12, min: 12, outcome: 'holds' },
  ];
  for (const { title, failures, min, outcome } of cases) {
    test(title, () => {
      const bench = createDetectorBench({ tasks: [taskPolicy({ thresholds: { surge: { min } } })] });
      bench.fail(failures);
      assert.deepEqual(outcomesOf(detect(bench)), [outcome]);
    });
  }

  // 400 a day are at most 3.08 in ten minutes by chance; four times as many and three are 16.
  for (const { failures, outcome } of [
    { failures: 15, outcome: 'archived' },
    { failures: 16, outcome: 'holds' },
  ]) {
    test(`${failures} failures of a cause that failed 400 times before: ${outcome}`, () => {
      const bench = createDetectorBench();
      bench.history({ failures: 400 });
      bench.fail(failures);
      assert.deepEqual(outcomesOf(detect(bench)), [outcome]);
    });
  }

  for (const { failures, outcome } of [
    { failures: 19, outcome: 'archived' },
    { failures: 20, outcome: 'holds' },
  ]) {
    test(`${failures} failures in half an hour, nine at most in ten minutes: ${outcome}`, () => {
      const bench = createDetectorBench();
      bench.fail(failures - 11);
      bench.pass(11 * minute);
      bench.fail(6);
      bench.pass(11 * minute);
      bench.fail(5);
      assert.deepEqual(outcomesOf(detect(bench)), [outcome]);
    });
  }
});

describe('marks', () => {
  const cases = [
    { title: 'a cause without a mark is judged by another signal', marks: [], outcomes: [] },
    { title: 'a resolved cause is judged by another signal', marks: [markAt('resolved', start)], outcomes: [] },
    {
      title: 'the latest mark applies',
      marks: [markAt('resolved', start - minute), markAt('archived', start)],
      outcomes: ['holds'],
    },
    {
      title: 'a mark on another exception does not apply',
      marks: [markAt('archived', start, { match: { ...matchesEverything, exceptions: ['KeyError'] } })],
      outcomes: [],
    },
  ];
  for (const { title, marks, outcomes } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.fail(10);
      assert.deepEqual(outcomesOf(bench.detect(escalated, { marks })), outcomes);
    });
  }
});

describe('an escalation that fires', () => {
  const cases = [
    { title: 'lingers at half of its limit', failures: 5, level: 'lingers' },
    { title: 'clears below half of its limit', failures: 4, level: 'clear' },
  ];
  for (const { title, failures, level } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.open({ kind: 'cause', fingerprint: 'cause-1' });
      bench.fail(failures);
      assert.equal(conditionOf(detect(bench)).level, level);
    });
  }
});

test('learning does not suppress an escalation, because an operator knows the cause', () => {
  const bench = createDetectorBench({}, { observedMs: 0, listeningMs: 0 });
  bench.fail(10);
  assert.deepEqual(outcomesOf(detect(bench)), ['holds']);
});

test('a critical task is judged by its own signal', () => {
  const bench = createDetectorBench({ tasks: [taskPolicy({ severity: 'critical' })] });
  bench.fail(10);
  assert.deepEqual(detect(bench), []);
});

test('the key is the cause, the severity is normal, and a suppression accounts for its failures', () => {
  const bench = createDetectorBench();
  bench.fail(9);
  assert.equal(detect(bench)[0]?.failures, 9);
  bench.fail(1);
  const found = conditionOf(detect(bench));
  assert.deepEqual(found.key, { kind: 'cause', fingerprint: 'cause-1' });
  assert.equal(found.severity ?? escalated.severity, 'normal');
  assert.deepEqual({ count: found.figures.count, limit: found.figures.limit }, { count: 10, limit: 10 });
});
