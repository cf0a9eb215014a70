import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  conditionOf,
  createDetectorBench,
  type DetectorBench,
  hour,
  markAt,
  minute,
  outcomesOf,
  start,
  taskPolicy,
} from '../../../test/fakes/detector.ts';
import { keyText } from '../key.ts';
import type { Policy } from '../policy.ts';
import { surge } from './surge.ts';

/** A cause that failed `failures` times five hours ago. */
function known(failures = 3, policy: Partial<Policy> = {}): DetectorBench {
  const bench = createDetectorBench(policy);
  bench.history({ failures });
  return bench;
}

describe('limit', () => {
  const cases = [
    { title: 'seven failures of a rare cause are its known rate', before: 3, failures: 7, outcome: 'known-rate' },
    { title: 'eight failures of a rare cause hold', before: 3, failures: 8, outcome: 'holds' },
    // 400 a day are at most 3.08 in ten minutes by chance; four times as many and three are 16.
    {
      title: 'fifteen failures of a frequent cause are its known rate',
      before: 400,
      failures: 15,
      outcome: 'known-rate',
    },
    { title: 'sixteen failures of a frequent cause hold', before: 400, failures: 16, outcome: 'holds' },
  ];
  for (const { title, before, failures, outcome } of cases) {
    test(title, () => {
      const bench = known(before);
      bench.fail(failures);
      assert.deepEqual(outcomesOf(bench.detect(surge)), [outcome]);
    });
  }

  test('the least count of one task may be another one', () => {
    const own = taskPolicy({ thresholds: { surge: { min: 9 } } });
    const bench = known(3, { tasks: [own] });
    bench.fail(8);
    assert.deepEqual(outcomesOf(bench.detect(surge)), ['known-rate']);
    bench.fail(1);
    assert.deepEqual(outcomesOf(bench.detect(surge)), ['holds']);
  });

  test('failures during an open incident do not count towards the baseline', () => {
    const bench = known();
    bench.evidence.openIncidentKeys = new Set([keyText({ kind: 'cause', fingerprint: 'cause-1' })]);
    bench.fail(8);
    // Three a day are at most 0.06 in ten minutes.
    assert.equal(conditionOf(bench.detect(surge)).figures.baseline?.toFixed(3), '0.056');
  });
});

describe('windows', () => {
  const cases = [
    { title: 'a failure in the first bucket of the window counts', agoMs: 10 * minute + 9_999, outcome: 'holds' },
    { title: 'a failure one bucket earlier does not count', agoMs: 10 * minute + 10_000, outcome: 'known-rate' },
  ];
  for (const { title, agoMs, outcome } of cases) {
    test(title, () => {
      const bench = known();
      bench.fail(1);
      bench.pass(agoMs);
      bench.fail(7);
      assert.deepEqual(outcomesOf(bench.detect(surge)), [outcome]);
    });
  }

  const slow = [
    { failures: 15, outcome: 'known-rate' },
    { failures: 16, outcome: 'holds' },
  ];
  for (const { failures, outcome } of slow) {
    test(`${failures} failures in half an hour, fewer than eight in ten minutes: ${outcome}`, () => {
      const bench = known();
      bench.fail(failures - 10);
      bench.pass(11 * minute);
      bench.fail(5);
      bench.pass(11 * minute);
      bench.fail(5);
      const [finding] = bench.detect(surge);
      assert.ok(finding !== undefined);
      assert.deepEqual(outcomesOf([finding]), [outcome]);
      assert.equal(finding.figures.withinMs, outcome === 'holds' ? 30 * minute : 10 * minute);
    });
  }
});

describe('a surge that fires', () => {
  const cases = [
    { title: 'holds at its limit', failures: 8, level: 'holds' },
    { title: 'lingers at half of its limit', failures: 4, level: 'lingers' },
    { title: 'clears below half of its limit', failures: 3, level: 'clear' },
  ];
  for (const { title, failures, level } of cases) {
    test(title, () => {
      const bench = known();
      bench.open({ kind: 'cause', fingerprint: 'cause-1' });
      bench.fail(failures);
      bench.pass(minute);
      const found = conditionOf(bench.detect(surge));
      assert.equal(found.level, level);
      assert.equal(found.lastAt, start + minute);
      assert.equal(found.clearMs, 10 * minute);
    });
  }
});

test('the key is the cause, and the severity is normal unless the policy of the task sets another one', () => {
  assert.equal(surge.severity, 'normal');
  for (const severity of [undefined, 'high'] as const) {
    const bench = known(3, { tasks: [taskPolicy({ severity })] });
    bench.fail(8);
    const found = conditionOf(bench.detect(surge));
    assert.deepEqual(found.key, { kind: 'cause', fingerprint: 'cause-1' });
    assert.equal(found.severity, severity);
    assert.deepEqual({ count: found.figures.count, limit: found.figures.limit }, { count: 8, limit: 8 });
  }
});

test('a critical task and a marked cause are judged by other signals', () => {
  const bench = known(3, { tasks: [taskPolicy({ severity: 'critical' })] });
  bench.fail(20);
  assert.deepEqual(bench.detect(surge), []);
  for (const state of ['archived', 'resolved'] as const) {
    const marked = known();
    marked.fail(20);
    assert.deepEqual(marked.detect(surge, { marks: [markAt(state, start)] }), []);
  }
});

test('the learning period suppresses a surge until its end', () => {
  for (const { observedMs, outcome } of [
    { observedMs: hour - 1, outcome: 'learning' },
    { observedMs: hour, outcome: 'holds' },
  ]) {
    const bench = createDetectorBench({}, { observedMs, listeningMs: minute });
    bench.fail(8);
    assert.deepEqual(outcomesOf(bench.detect(surge)), [outcome]);
  }
});
