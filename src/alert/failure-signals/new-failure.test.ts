import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  conditionOf,
  createDetectorBench,
  deployAt,
  hour,
  markAt,
  minute,
  outcomesOf,
  second,
  start,
  taskPolicy,
} from '../../../test/fakes/detector.ts';
import type { SignalKey } from '../key.ts';
import { newFailure } from './new-failure.ts';

const key: SignalKey = { kind: 'cause', fingerprint: 'cause-1' };

describe('least count', () => {
  const cases = [
    { title: 'two failures are below the threshold', failures: 2, outcome: 'below-threshold' },
    { title: 'three failures hold', failures: 3, outcome: 'holds' },
  ];
  for (const { title, failures, outcome } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.fail(failures);
      assert.deepEqual(outcomesOf(bench.detect(newFailure)), [outcome]);
    });
  }

  test('the count of one task may be another one', () => {
    const own = taskPolicy({ match: ['mail.*'], thresholds: { newFailure: { min: 4 } } });
    const bench = createDetectorBench({ tasks: [own] });
    bench.fail(3);
    bench.fail(3, { task: 'news.send', fingerprint: 'cause-2' });
    assert.deepEqual(outcomesOf(bench.detect(newFailure)), ['below-threshold', 'holds']);
  });

  test('failures of two causes do not add up', () => {
    const bench = createDetectorBench();
    bench.fail(2);
    bench.fail(2, { fingerprint: 'cause-2' });
    assert.deepEqual(outcomesOf(bench.detect(newFailure)), ['below-threshold', 'below-threshold']);
  });
});

describe('window of ten minutes, in buckets of ten seconds', () => {
  const cases = [
    { title: 'a failure in the first bucket of the window counts', agoMs: 10 * minute + 9_999, outcome: 'holds' },
    { title: 'a failure one bucket earlier does not count', agoMs: 10 * minute + 10_000, outcome: 'below-threshold' },
  ];
  for (const { title, agoMs, outcome } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.fail(1);
      bench.pass(agoMs);
      bench.fail(2);
      assert.deepEqual(outcomesOf(bench.detect(newFailure)), [outcome]);
    });
  }

  const slow = [
    { title: 'five failures in half an hour hold', failures: 5, outcome: 'holds' },
    { title: 'four failures in half an hour are below the threshold', failures: 4, outcome: 'below-threshold' },
  ];
  for (const { title, failures, outcome } of slow) {
    test(`${title}, if at most two of them are in ten minutes`, () => {
      const bench = createDetectorBench();
      for (let count = 1; count < failures; count += 1) {
        bench.fail(1);
        bench.pass(7 * minute);
      }
      bench.fail(1);
      assert.deepEqual(outcomesOf(bench.detect(newFailure)), [outcome]);
    });
  }

  test('the figures of slow growth are those of the long window', () => {
    const bench = createDetectorBench();
    for (let count = 0; count < 5; count += 1) {
      bench.fail(1);
      if (count < 4) bench.pass(7 * minute);
    }
    const { figures, firstAt } = conditionOf(bench.detect(newFailure));
    assert.deepEqual(figures, { count: 5, limit: 5, withinMs: 30 * minute, baseline: undefined, of: 5 });
    assert.equal(firstAt, start);
  });
});

describe('share of the attempts', () => {
  const cases = [
    { title: 'three failures of 100 attempts hold', attempts: 100, outcome: 'holds' },
    { title: 'three failures of 101 attempts are below the share', attempts: 101, outcome: 'below-threshold' },
  ];
  for (const { title, attempts, outcome } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.fail(3);
      bench.attempts(attempts);
      assert.deepEqual(outcomesOf(bench.detect(newFailure)), [outcome]);
    });
  }

  test('attempts before the first failure do not count', () => {
    const bench = createDetectorBench();
    bench.attempts(500);
    bench.pass(10 * second);
    bench.fail(3);
    assert.equal(conditionOf(bench.detect(newFailure)).figures.of, 3);
  });
});

describe('after a deploy', () => {
  const cases = [
    { title: 'two failures hold in the second of the deploy', agoMs: 0, pools: [], outcome: 'holds' },
    { title: 'two failures hold 15 minutes after it', agoMs: 15 * minute, pools: [], outcome: 'holds' },
    { title: 'two failures are too few later', agoMs: 15 * minute + 1, pools: [], outcome: 'below-threshold' },
    { title: 'a deploy of the pool of the worker counts', agoMs: minute, pools: ['celery@mail'], outcome: 'holds' },
    { title: 'a deploy of another pool does not count', agoMs: minute, pools: ['x'], outcome: 'below-threshold' },
  ];
  for (const { title, agoMs, pools, outcome } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.fail(2);
      assert.deepEqual(outcomesOf(bench.detect(newFailure, { deploys: [deployAt(start - agoMs, pools)] })), [outcome]);
    });
  }

  test('one failure is too few', () => {
    const bench = createDetectorBench();
    bench.fail(1);
    assert.deepEqual(outcomesOf(bench.detect(newFailure, { deploys: [deployAt(start)] })), ['below-threshold']);
  });

  test('a cause that failed before the deploy needs three failures', () => {
    const bench = createDetectorBench();
    bench.fail(1);
    bench.pass(minute);
    bench.fail(1);
    assert.deepEqual(outcomesOf(bench.detect(newFailure, { deploys: [deployAt(start + 1)] })), ['below-threshold']);
  });

  test('the condition names the deploy', () => {
    const bench = createDetectorBench();
    bench.fail(2);
    const deploy = deployAt(start - minute);
    assert.equal(conditionOf(bench.detect(newFailure, { deploys: [deploy] })).deploy, deploy);
  });
});

describe('causes that failed before', () => {
  const cases = [
    { title: 'a cause with two earlier failures is new', failures: 2, firstAgoMs: 5 * hour, isNew: true },
    { title: 'a cause with three earlier failures is known', failures: 3, firstAgoMs: 5 * hour, isNew: false },
    { title: 'a cause that began an hour ago is known', failures: 3, firstAgoMs: hour, isNew: false },
    { title: 'a cause that began less than an hour ago is new', failures: 3, firstAgoMs: hour - 1, isNew: true },
  ];
  for (const { title, failures, firstAgoMs, isNew } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.history({ failures, firstAgoMs });
      bench.fail(3);
      assert.deepEqual(outcomesOf(bench.detect(newFailure)), isNew ? ['holds'] : []);
    });
  }

  // Two failures in the 50 min before the window: at most 1.29 by chance in ten minutes; four times as many and two are 7.
  const limits = [
    { failures: 6, outcome: 'below-threshold' },
    { failures: 7, outcome: 'holds' },
  ];
  for (const { failures, outcome } of limits) {
    test(`${failures} failures after two earlier ones within an hour: ${outcome}`, () => {
      const bench = createDetectorBench({}, { observedMs: hour });
      bench.history({ failures: 2 });
      bench.fail(failures);
      const [finding] = bench.detect(newFailure);
      assert.equal(finding?.figures.limit, 7);
      assert.deepEqual(outcomesOf([finding]), [outcome]);
    });
  }
});

describe('reasons', () => {
  test('the learning period suppresses the signal until its end', () => {
    for (const { observedMs, outcome } of [
      { observedMs: hour - 1, outcome: 'learning' },
      { observedMs: hour, outcome: 'holds' },
    ]) {
      const bench = createDetectorBench({}, { observedMs, listeningMs: minute });
      bench.fail(4);
      assert.deepEqual(outcomesOf(bench.detect(newFailure)), [outcome]);
    }
  });

  test('learning does not suppress a signal that fires already', () => {
    const bench = createDetectorBench({}, { observedMs: minute, listeningMs: minute });
    bench.open(key);
    bench.fail(3);
    assert.deepEqual(outcomesOf(bench.detect(newFailure)), ['holds']);
  });

  test('a suppression accounts for the failures that were not reported', () => {
    const bench = createDetectorBench();
    bench.fail(2);
    const [finding] = bench.detect(newFailure);
    assert.equal(finding?.failures, 2);
    assert.deepEqual(finding?.key, key);
  });

  test('a critical task and a marked cause are judged by other signals', () => {
    const bench = createDetectorBench({ tasks: [taskPolicy({ severity: 'critical' })] });
    bench.fail(3);
    assert.deepEqual(bench.detect(newFailure), []);
    const marked = createDetectorBench();
    marked.fail(3);
    assert.deepEqual(marked.detect(newFailure, { marks: [markAt('archived', start)] }), []);
  });
});

describe('condition', () => {
  test('a signal below its threshold clears, at the time of the last failure', () => {
    const bench = createDetectorBench();
    bench.open(key);
    bench.fail(2);
    bench.pass(minute);
    const { level, lastAt, clearMs } = conditionOf(bench.detect(newFailure));
    assert.deepEqual({ level, lastAt, clearMs }, { level: 'clear', lastAt: start, clearMs: 10 * minute });
  });

  test('the severity is normal unless the policy of the task sets another one', () => {
    assert.equal(newFailure.severity, 'normal');
    for (const severity of [undefined, 'high'] as const) {
      const bench = createDetectorBench({ tasks: [taskPolicy({ severity })] });
      bench.fail(3);
      assert.equal(conditionOf(bench.detect(newFailure)).severity, severity);
    }
  });

  test('the key is the cause, and the figures are the count in its window', () => {
    const bench = createDetectorBench();
    bench.fail(3);
    bench.attempts(40);
    const found = conditionOf(bench.detect(newFailure));
    assert.deepEqual(found.key, key);
    assert.deepEqual(found.figures, { count: 3, limit: 3, withinMs: 10 * minute, baseline: undefined, of: 40 });
    assert.deepEqual(found.counter, { now: 3, atFirst: 0 });
    assert.equal(found.waitMs, 20 * second);
  });
});
