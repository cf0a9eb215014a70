import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  conditionOf,
  createDetectorBench,
  type DetectorBench,
  day,
  deployAt,
  hour,
  minute,
  outcomesOf,
  second,
  start,
  taskPolicy,
} from '../../../test/fakes/detector.ts';
import { keyText, type SignalKey } from '../key.ts';
import type { Policy } from '../policy.ts';
import { failureRate } from './failure-rate.ts';

const key: SignalKey = { kind: 'task', task: 'mail.send' };

/** A task with 1,000 attempts before, `failed` of which failed. */
function frequent(failed = 0, policy: Partial<Policy> = {}): DetectorBench {
  const bench = createDetectorBench(policy);
  bench.history({ runs: 1_000, failed });
  return bench;
}

function attempts(bench: DetectorBench, { all, failed }: { readonly all: number; readonly failed: number }): void {
  bench.attempts(all - failed);
  bench.attempts(failed, { outcome: 'failed' });
  bench.fail(failed);
}

describe('share of the attempts', () => {
  const cases = [
    { title: '19 of 100 attempts are below the share', before: 0, all: 100, failed: 19, outcomes: [] },
    { title: '20 of 100 attempts hold', before: 0, all: 100, failed: 20, outcomes: ['holds'] },
    { title: '19 attempts are too few, even if all failed', before: 0, all: 19, failed: 19, outcomes: [] },
    { title: '20 attempts are enough', before: 0, all: 20, failed: 20, outcomes: ['holds'] },
    { title: 'four of 20 attempts are within chance', before: 0, all: 20, failed: 4, outcomes: [] },
    { title: 'five of 20 attempts hold', before: 0, all: 20, failed: 5, outcomes: ['holds'] },
    // A tenth of the attempts failed before: four times 9.9 and one more.
    { title: '43 of 100 attempts are below four times the baseline', before: 100, all: 100, failed: 43, outcomes: [] },
    {
      title: '44 of 100 attempts reach four times the baseline',
      before: 100,
      all: 100,
      failed: 44,
      outcomes: ['holds'],
    },
  ];
  for (const { title, before, all, failed, outcomes } of cases) {
    test(title, () => {
      const bench = frequent(before);
      attempts(bench, { all, failed });
      assert.deepEqual(outcomesOf(bench.detect(failureRate)), outcomes);
    });
  }

  test('one task may have another share', () => {
    const own = taskPolicy({ match: ['mail.*'], thresholds: { failureRate: { over: 0.3 } } });
    const bench = frequent(0, { tasks: [own] });
    attempts(bench, { all: 100, failed: 29 });
    assert.deepEqual(outcomesOf(bench.detect(failureRate)), []);
    bench.fail(1);
    assert.deepEqual(outcomesOf(bench.detect(failureRate)), ['holds']);
  });

  test('failures without an end event of their attempt count as attempts', () => {
    const bench = frequent();
    bench.fail(20);
    assert.equal(conditionOf(bench.detect(failureRate)).figures.of, 20);
  });

  test('different causes add up, and the most frequent one describes the condition', () => {
    const bench = frequent();
    attempts(bench, { all: 80, failed: 9 });
    bench.fail(5, { fingerprint: 'cause-2', title: 'KeyError: id', exception: 'KeyError', class: 'bug' });
    bench.fail(10, { fingerprint: 'cause-3', title: 'OSError: disk', exception: 'OSError', class: 'resource' });
    const { subject, figures } = conditionOf(bench.detect(failureRate));
    assert.equal(figures.count, 24);
    assert.equal(subject.title, 'OSError: disk');
    assert.deepEqual(subject.exceptions, ['OSError']);
    assert.equal(subject.class, 'resource');
    assert.deepEqual(subject.tasks, ['mail.send']);
  });
});

describe('window of five minutes, in buckets of ten seconds', () => {
  const cases = [
    { title: 'failures in the first bucket of the window count', agoMs: 5 * minute + 9_999, outcomes: ['holds'] },
    { title: 'failures one bucket earlier do not count', agoMs: 5 * minute + 10_000, outcomes: [] },
  ];
  for (const { title, agoMs, outcomes } of cases) {
    test(title, () => {
      const bench = frequent();
      attempts(bench, { all: 20, failed: 20 });
      bench.pass(agoMs);
      assert.deepEqual(outcomesOf(bench.detect(failureRate)), outcomes);
    });
  }
});

describe('a rate that fires', () => {
  const cases = [
    { title: 'lingers at a tenth of the attempts', all: 100, failed: 10, level: 'lingers' },
    { title: 'clears below a tenth of the attempts', all: 100, failed: 9, level: 'clear' },
    { title: 'clears at a single failure', all: 5, failed: 1, level: 'clear' },
    { title: 'lingers at two failures of a few attempts', all: 10, failed: 2, level: 'lingers' },
  ];
  for (const { title, all, failed, level } of cases) {
    test(title, () => {
      const bench = frequent();
      bench.open(key);
      attempts(bench, { all, failed });
      bench.pass(second);
      const found = conditionOf(bench.detect(failureRate));
      assert.equal(found.level, level);
      assert.equal(found.lastAt, level === 'clear' ? start : start + second);
      assert.equal(found.clearMs, 10 * minute);
      assert.deepEqual([found.figures.count, found.figures.of], [failed, all]);
    });
  }

  test('is evaluated until it clears, also hours after the last failure', () => {
    const bench = frequent();
    attempts(bench, { all: 20, failed: 20 });
    bench.open(key);
    bench.pass(2 * hour);
    const { level, lastAt, subject } = conditionOf(bench.detect(failureRate));
    assert.deepEqual({ level, lastAt }, { level: 'clear', lastAt: start });
    assert.equal(subject.title, 'mail.send fails', 'no cause failed in the window');
  });

  test('excludes the attempts of its incident from the baseline', () => {
    const bench = frequent();
    bench.evidence.openIncidentKeys = new Set([keyText(key)]);
    attempts(bench, { all: 100, failed: 50 });
    // One failure more than none, of 1,020 attempts; scaled to 100.
    assert.equal(conditionOf(bench.detect(failureRate)).figures.baseline?.toFixed(4), '0.0980');
  });
});

describe('a rare task', () => {
  test('three failed attempts hold, two do not', () => {
    const bench = createDetectorBench();
    attempts(bench, { all: 2, failed: 2 });
    assert.deepEqual(bench.detect(failureRate), []);
    attempts(bench, { all: 1, failed: 1 });
    const found = conditionOf(bench.detect(failureRate));
    assert.equal(found.level, 'holds');
    assert.deepEqual(found.figures, { count: 3, limit: 3, withinMs: 0, baseline: undefined, of: 3 });
  });

  test('a success among the last three attempts is no condition', () => {
    const bench = createDetectorBench();
    attempts(bench, { all: 2, failed: 2 });
    bench.attempts(1);
    attempts(bench, { all: 2, failed: 2 });
    assert.deepEqual(bench.detect(failureRate), []);
    attempts(bench, { all: 1, failed: 1 });
    assert.deepEqual(outcomesOf(bench.detect(failureRate)), ['holds']);
  });

  const rates = [
    { title: 'fewer than twelve attempts in an hour are rare', runs: 24 * 12 - 1, outcomes: ['holds'] },
    { title: 'twelve attempts in an hour are not rare', runs: 24 * 12, outcomes: [] },
  ];
  for (const { title, runs, outcomes } of rates) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.history({ runs });
      attempts(bench, { all: 3, failed: 3 });
      assert.deepEqual(outcomesOf(bench.detect(failureRate)), outcomes);
    });
  }

  test('recent failures without an end event do not make a task frequent', () => {
    const bench = createDetectorBench();
    bench.history({ runs: 24 * 12 + 2 });
    bench.fail(3);
    assert.deepEqual(outcomesOf(bench.detect(failureRate)), ['holds']);
  });

  const times = [
    { title: 'the last failure is recent for a minute', gapMs: hour, afterMs: minute - 1, outcomes: ['holds'] },
    { title: 'a last failure a minute ago is not recent', gapMs: hour, afterMs: minute, outcomes: [] },
    { title: 'three failures within a day hold', gapMs: day - 1, afterMs: 0, outcomes: ['holds'] },
    { title: 'three failures in a whole day do not', gapMs: day, afterMs: 0, outcomes: [] },
  ];
  for (const { title, gapMs, afterMs, outcomes } of times) {
    test(title, () => {
      const bench = createDetectorBench();
      attempts(bench, { all: 1, failed: 1 });
      bench.pass(gapMs);
      attempts(bench, { all: 2, failed: 2 });
      bench.pass(afterMs);
      assert.deepEqual(outcomesOf(bench.detect(failureRate)), outcomes);
    });
  }

  const observed = [
    { title: 'an hour of observation shows that a task is rare', observedMs: hour, outcomes: ['holds'] },
    { title: 'less than an hour of observation shows nothing', observedMs: hour - 1, outcomes: [] },
  ];
  for (const { title, observedMs, outcomes } of observed) {
    test(title, () => {
      const bench = createDetectorBench({}, { observedMs, listeningMs: minute });
      attempts(bench, { all: 3, failed: 3 });
      assert.deepEqual(outcomesOf(bench.detect(failureRate)), outcomes);
    });
  }
});

test('the severity is high unless the policy of the task sets another one', () => {
  assert.equal(failureRate.severity, 'high');
  for (const severity of [undefined, 'critical'] as const) {
    const bench = frequent(0, { tasks: [taskPolicy({ severity })] });
    attempts(bench, { all: 20, failed: 20 });
    const found = conditionOf(bench.detect(failureRate));
    assert.equal(found.severity, severity);
    assert.deepEqual(found.key, key);
    assert.equal(found.firstAt, start - 5 * minute);
    assert.equal(found.failures, 0, 'the causes report the failures');
    assert.equal(found.waitMs, 20 * second);
  }
});

test('a deploy of the last 15 minutes is suspect', () => {
  for (const { at, isSuspect } of [
    { at: start - 15 * minute, isSuspect: true },
    { at: start - 15 * minute - 1, isSuspect: false },
  ]) {
    const bench = frequent();
    attempts(bench, { all: 20, failed: 20 });
    const { deploy } = conditionOf(bench.detect(failureRate, { deploys: [deployAt(at, ['celery@mail'])] }));
    assert.equal(deploy !== undefined, isSuspect);
  }
});
