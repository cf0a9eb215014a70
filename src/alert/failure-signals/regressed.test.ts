import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  conditionOf,
  createDetectorBench,
  deployAt,
  markAt,
  minute,
  outcomesOf,
  second,
  start,
  taskPolicy,
} from '../../../test/fakes/detector.ts';
import { regressed } from './regressed.ts';

const graceMs = 5 * minute;
/** Resolved at the start. */
const marks = [markAt('resolved', start)];

describe('failures after the grace', () => {
  const cases = [
    { title: 'one failure is below the threshold', failures: 1, outcome: 'below-threshold' },
    { title: 'two failures hold', failures: 2, outcome: 'holds' },
  ];
  for (const { title, failures, outcome } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.pass(graceMs);
      bench.fail(failures);
      bench.pass(second);
      assert.deepEqual(outcomesOf(bench.detect(regressed, { marks })), [outcome]);
    });
  }
});

describe('grace of five minutes, in buckets of ten seconds', () => {
  const cases = [
    {
      title: 'failures in the last bucket of the grace do not count',
      afterMs: graceMs - 1,
      outcome: 'below-threshold',
    },
    { title: 'failures at its end count', afterMs: graceMs, outcome: 'holds' },
  ];
  for (const { title, afterMs, outcome } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.pass(afterMs);
      bench.fail(5);
      bench.pass(minute);
      assert.deepEqual(outcomesOf(bench.detect(regressed, { marks })), [outcome]);
    });
  }

  test('an evaluation at the end of the grace counts nothing', () => {
    const bench = createDetectorBench();
    bench.pass(graceMs);
    bench.fail(5);
    assert.equal(bench.detect(regressed, { marks })[0]?.figures.count, 0);
  });
});

describe('window of ten minutes', () => {
  const cases = [
    { title: 'a failure at the start of the window counts', agoMs: 10 * minute, outcome: 'holds' },
    {
      title: 'a failure one bucket earlier does not count',
      agoMs: 10 * minute + 10 * second,
      outcome: 'below-threshold',
    },
  ];
  for (const { title, agoMs, outcome } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.pass(20 * minute);
      bench.fail(1);
      bench.pass(agoMs);
      bench.fail(1);
      assert.deepEqual(outcomesOf(bench.detect(regressed, { marks })), [outcome]);
    });
  }
});

describe('newer release', () => {
  const cases = [
    { title: 'one failure holds if a deploy followed the resolution', deploy: deployAt(start), outcome: 'holds' },
    { title: 'a deploy before the resolution does not count', deploy: deployAt(start - 1), outcome: 'below-threshold' },
    {
      title: 'a deploy of another pool does not count',
      deploy: deployAt(start + minute, ['celery@web']),
      outcome: 'below-threshold',
    },
    {
      title: 'a deploy of the pool of the failure counts',
      deploy: deployAt(start + minute, ['celery@m*']),
      outcome: 'holds',
    },
  ];
  for (const { title, deploy, outcome } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.pass(graceMs);
      bench.fail(1);
      bench.pass(second);
      assert.deepEqual(outcomesOf(bench.detect(regressed, { marks, deploys: [deploy] })), [outcome]);
    });
  }
});

describe('causes of other signals', () => {
  const cases = [
    { title: 'a cause without a mark', marks: [], severity: undefined },
    { title: 'an archived cause', marks: [markAt('archived', start)], severity: undefined },
    { title: 'a critical task', marks, severity: 'critical' },
  ] as const;
  for (const { title, marks: given, severity } of cases) {
    test(title, () => {
      const bench = createDetectorBench({ tasks: [taskPolicy({ severity })] });
      bench.pass(graceMs);
      bench.fail(5);
      bench.pass(second);
      assert.deepEqual(bench.detect(regressed, { marks: given }), []);
    });
  }
});

test('a regression clears when too few failures are in its window, at the time of the last one', () => {
  const bench = createDetectorBench();
  bench.open({ kind: 'cause', fingerprint: 'cause-1' });
  bench.pass(graceMs);
  bench.fail(2);
  bench.pass(10 * minute + 10 * second);
  const { level, lastAt, clearMs } = conditionOf(bench.detect(regressed, { marks }));
  assert.deepEqual({ level, lastAt, clearMs }, { level: 'clear', lastAt: start + graceMs, clearMs: 10 * minute });
});

test('the key is the cause, and the severity is high unless the policy of the task sets another one', () => {
  assert.equal(regressed.severity, 'high');
  for (const { severity, want } of [
    { severity: undefined, want: 'high' },
    { severity: 'normal', want: 'normal' },
  ] as const) {
    const bench = createDetectorBench({ tasks: [taskPolicy({ severity })] });
    bench.pass(graceMs);
    bench.fail(2);
    bench.pass(second);
    const found = conditionOf(bench.detect(regressed, { marks }));
    assert.equal(found.severity, want);
    assert.deepEqual(found.key, { kind: 'cause', fingerprint: 'cause-1' });
    assert.deepEqual(found.figures, { count: 2, limit: 2, withinMs: 10 * minute, baseline: undefined, of: undefined });
  }
});

test('learning does not suppress a regression', () => {
  const bench = createDetectorBench({}, { observedMs: 0, listeningMs: 0 });
  bench.pass(graceMs);
  bench.fail(2);
  bench.pass(second);
  assert.deepEqual(outcomesOf(bench.detect(regressed, { marks })), ['holds']);
});
