import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  conditionOf,
  createDetectorBench,
  type DetectorBench,
  deployAt,
  minute,
  outcomesOf,
  second,
  start,
  taskPolicy,
} from '../../../test/fakes/detector.ts';
import { keyText, type SignalKey } from '../key.ts';
import type { Policy } from '../policy.ts';
import { retryStorm } from './retry-storm.ts';

const key: SignalKey = { kind: 'retry', task: 'mail.send', exception: 'Timeout' };
const periodMs = 30 * second;

/** Retries in each of consecutive periods of 30 s, with as many successes besides; ends at the end of the last period. */
function retries(bench: DetectorBench, counts: readonly number[], successes = 0): DetectorBench {
  for (const count of counts) {
    bench.attempts(count, { retryOf: 'Timeout' });
    bench.attempts(successes);
    bench.pass(periodMs);
  }
  return bench;
}

function withHistory(retried: number): DetectorBench {
  const bench = createDetectorBench();
  bench.history({ runs: 980, retried });
  return bench;
}

describe('count in each period', () => {
  const cases = [
    { title: 'five retries in each of three periods hold', counts: [5, 5, 5], outcome: 'holds' },
    { title: 'four retries in the last period are absorbed', counts: [5, 5, 4], outcome: 'absorbed-by-retry' },
    { title: 'four retries in the first period are absorbed', counts: [4, 5, 5], outcome: 'absorbed-by-retry' },
    { title: 'two periods are a short outage', counts: [20, 20], outcome: 'absorbed-by-retry' },
    { title: 'a period without retries ends the row', counts: [9, 0, 9, 9], outcome: 'absorbed-by-retry' },
  ];
  for (const { title, counts, outcome } of cases) {
    test(title, () => {
      const bench = retries(createDetectorBench(), counts);
      assert.deepEqual(outcomesOf(bench.detect(retryStorm)), [outcome]);
    });
  }

  test('one task may have another least count', () => {
    const own = taskPolicy({ match: ['mail.*'], thresholds: { retryStorm: { atLeast: 6 } } });
    assert.deepEqual(outcomesOf(retries(createDetectorBench({ tasks: [own] }), [5, 6, 6]).detect(retryStorm)), [
      'absorbed-by-retry',
    ]);
    assert.deepEqual(outcomesOf(retries(createDetectorBench({ tasks: [own] }), [6, 6, 6]).detect(retryStorm)), [
      'holds',
    ]);
  });

  test('retries for two exceptions do not add up', () => {
    const bench = createDetectorBench();
    for (let period = 0; period < 3; period += 1) {
      bench.attempts(4, { retryOf: 'Timeout' });
      bench.attempts(4, { retryOf: 'OSError' });
      bench.pass(periodMs);
    }
    assert.deepEqual(outcomesOf(bench.detect(retryStorm)), ['absorbed-by-retry', 'absorbed-by-retry']);
  });
});

describe('share of the attempts', () => {
  const cases = [
    { title: 'six retries of 15 attempts hold', successes: 9, outcome: 'holds' },
    { title: 'six retries of 16 attempts are absorbed', successes: 10, outcome: 'absorbed-by-retry' },
  ];
  for (const { title, successes, outcome } of cases) {
    test(title, () => {
      const bench = retries(createDetectorBench(), [6, 6, 6], successes);
      assert.deepEqual(outcomesOf(bench.detect(retryStorm)), [outcome]);
    });
  }
});

describe('a task that polls by retrying', () => {
  // Three of ten attempts were retried before, so six of ten make a storm.
  const cases = [
    { title: 'six of ten attempts are twice the baseline', successes: 4, outcome: 'holds' },
    { title: 'six of eleven attempts are below twice the baseline', successes: 5, outcome: 'absorbed-by-retry' },
  ];
  for (const { title, successes, outcome } of cases) {
    test(title, () => {
      const bench = retries(withHistory(299), [6, 6, 6], successes);
      assert.deepEqual(outcomesOf(bench.detect(retryStorm)), [outcome]);
    });
  }

  // Without history the baseline is one of 20 attempts; those of the last ten minutes do not count.
  for (const { attempts, outcome } of [
    { attempts: 50, outcome: 'holds' },
    { attempts: 51, outcome: 'absorbed-by-retry' },
  ]) {
    test(`without history five retries of ${attempts} attempts, where the policy requires no share: ${outcome}`, () => {
      const own = taskPolicy({ thresholds: { retryStorm: { over: 0.01 } } });
      const bench = retries(createDetectorBench({ tasks: [own] }), [5, 5, 5], attempts - 5);
      assert.deepEqual(outcomesOf(bench.detect(retryStorm)), [outcome]);
    });
  }

  test('during an open incident the baseline is not applied', () => {
    const bench = retries(withHistory(299), [5, 5, 5], 4);
    bench.evidence.openIncidentKeys = new Set([keyText(key)]);
    assert.deepEqual(outcomesOf(bench.detect(retryStorm)), ['holds']);
  });
});

describe('reasons', () => {
  test('an ignored exception is absorbed', () => {
    const policies: readonly (readonly [Partial<Policy>, string])[] = [
      [{ tasks: [taskPolicy({ ignore: ['Time*'] })] }, 'absorbed-by-retry'],
      [{ tasks: [taskPolicy({ ignore: ['OSError'] })] }, 'holds'],
    ];
    for (const [policy, outcome] of policies) {
      assert.deepEqual(outcomesOf(retries(createDetectorBench(policy), [9, 9, 9]).detect(retryStorm)), [outcome]);
    }
  });

  test('retries without news and without an incident are not evaluated', () => {
    const bench = retries(createDetectorBench(), [5, 5, 5]);
    bench.evidence.clearTouched();
    assert.deepEqual(bench.detect(retryStorm), []);
    bench.open(key);
    assert.deepEqual(outcomesOf(bench.detect(retryStorm)), ['holds']);
  });

  test('learning does not suppress a storm', () => {
    const bench = retries(createDetectorBench({}, { observedMs: 0, listeningMs: 0 }), [5, 5, 5]);
    assert.deepEqual(outcomesOf(bench.detect(retryStorm)), ['holds']);
  });
});

test('a storm clears once a period has too few retries', () => {
  const bench = retries(createDetectorBench(), [5, 5, 5, 4]);
  bench.open(key);
  const { level, clearMs, lastAt } = conditionOf(bench.detect(retryStorm));
  assert.deepEqual({ level, clearMs, lastAt }, { level: 'clear', clearMs: 3 * minute, lastAt: bench.now() });
});

test('the condition counts the retries of its periods', () => {
  const bench = retries(createDetectorBench(), [7, 5, 5, 5], 2);
  const found = conditionOf(bench.detect(retryStorm));
  assert.deepEqual(found.key, key);
  assert.deepEqual(found.figures, {
    // The window counts the bucket in which it begins as a whole.
    count: 15,
    limit: 15,
    withinMs: 90 * second,
    baseline: undefined,
    of: 21,
  });
  assert.equal(found.firstAt, bench.now() - 90 * second);
  assert.deepEqual(found.counter, { now: 22, atFirst: 7 });
  assert.equal(found.waitMs, 0);
  assert.equal(found.subject.title, 'Timeout: no answer');
  assert.equal(found.subject.class, 'transient');
  assert.deepEqual(found.subject.pools, ['celery@mail']);
});

test('a retry in the second of the evaluation counts towards the total', () => {
  const bench = retries(createDetectorBench(), [5, 5, 5]);
  bench.attempts(1, { retryOf: 'Timeout' });
  assert.deepEqual(conditionOf(bench.detect(retryStorm)).counter, { now: 16, atFirst: 0 });
});

test('the severity is normal unless the policy of the task sets another one', () => {
  assert.equal(retryStorm.severity, 'normal');
  for (const severity of [undefined, 'critical'] as const) {
    const bench = retries(createDetectorBench({ tasks: [taskPolicy({ severity })] }), [5, 5, 5]);
    assert.equal(conditionOf(bench.detect(retryStorm)).severity, severity);
  }
});

test('a deploy of the last 15 minutes is suspect', () => {
  const bench = retries(createDetectorBench(), [5, 5, 5]);
  for (const { agoMs, isSuspect } of [
    { agoMs: 15 * minute, isSuspect: true },
    { agoMs: 15 * minute + 1, isSuspect: false },
  ]) {
    const deploys = [deployAt(bench.now() - agoMs)];
    assert.equal(conditionOf(bench.detect(retryStorm, { deploys })).deploy !== undefined, isSuspect);
  }
  assert.equal(bench.now(), start + 90 * second);
});
