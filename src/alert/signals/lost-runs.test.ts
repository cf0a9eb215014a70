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
import type { SignalKey } from '../key.ts';
import { lostRuns } from './lost-runs.ts';

const key: SignalKey = { kind: 'pool', condition: 'lost', pool: 'celery@mail' };
const criticalBilling = { tasks: [taskPolicy({ match: ['billing.*'], severity: 'critical' })] };

function lose(bench: DetectorBench, times: number, { host = 'celery@mail-1', task = 'mail.send' } = {}): void {
  bench.fail(times, { cause: 'worker-lost', exception: 'WorkerLostError', class: 'resource', host, task });
}

describe('count in one pool', () => {
  test('one lost attempt is chance, two hold', () => {
    const bench = createDetectorBench();
    lose(bench, 1);
    assert.deepEqual(outcomesOf(bench.detect(lostRuns)), ['below-threshold']);
    lose(bench, 1, { host: 'celery@mail-2', task: 'news.send' });
    assert.deepEqual(outcomesOf(bench.detect(lostRuns)), ['holds']);
  });

  test('lost attempts of two pools do not add up', () => {
    const bench = createDetectorBench();
    lose(bench, 1);
    lose(bench, 1, { host: 'celery@web-1' });
    assert.deepEqual(outcomesOf(bench.detect(lostRuns)), ['below-threshold', 'below-threshold']);
  });

  test('other failures are no lost attempts', () => {
    const bench = createDetectorBench();
    bench.fail(5);
    assert.deepEqual(bench.detect(lostRuns), []);
  });

  const window = [
    { title: 'a lost attempt in the first bucket of ten minutes counts', agoMs: 10 * minute + 9_999, outcome: 'holds' },
    { title: 'a lost attempt one bucket earlier does not', agoMs: 10 * minute + 10_000, outcome: 'below-threshold' },
  ];
  for (const { title, agoMs, outcome } of window) {
    test(title, () => {
      const bench = createDetectorBench();
      lose(bench, 1);
      bench.pass(agoMs);
      lose(bench, 1);
      assert.deepEqual(outcomesOf(bench.detect(lostRuns)), [outcome]);
    });
  }
});

describe('critical tasks', () => {
  test('one lost attempt of a critical task holds, is critical and does not wait', () => {
    const bench = createDetectorBench(criticalBilling);
    lose(bench, 1, { task: 'billing.charge' });
    const { level, severity, waitMs, figures } = conditionOf(bench.detect(lostRuns));
    assert.deepEqual(
      { level, severity, waitMs, limit: figures.limit },
      { level: 'holds', severity: 'critical', waitMs: 0, limit: 1 },
    );
  });

  test('other lost attempts have the severity of the signal and wait', () => {
    const bench = createDetectorBench(criticalBilling);
    lose(bench, 2);
    const { severity, waitMs } = conditionOf(bench.detect(lostRuns));
    assert.deepEqual({ severity, waitMs }, { severity: undefined, waitMs: 20 * second });
    assert.equal(lostRuns.severity, 'high');
  });
});

describe('reasons', () => {
  const deploys = [
    { title: 'a deploy suppresses lost attempts for three minutes', agoMs: 3 * minute, outcome: 'deploy-grace' },
    { title: 'a deploy before that does not', agoMs: 3 * minute + 1, outcome: 'holds' },
  ];
  for (const { title, agoMs, outcome } of deploys) {
    test(title, () => {
      const bench = createDetectorBench();
      lose(bench, 2);
      assert.deepEqual(outcomesOf(bench.detect(lostRuns, { deploys: [deployAt(start - agoMs)] })), [outcome]);
    });
  }

  test('the deploy of another pool does not suppress', () => {
    const bench = createDetectorBench();
    lose(bench, 2);
    assert.deepEqual(outcomesOf(bench.detect(lostRuns, { deploys: [deployAt(start, ['celery@web'])] })), ['holds']);
  });

  test('a death needs no baseline, so learning does not suppress it', () => {
    const bench = createDetectorBench({}, { observedMs: 0, listeningMs: 0 });
    lose(bench, 2);
    assert.deepEqual(outcomesOf(bench.detect(lostRuns)), ['holds']);
  });

  test('a suppression accounts for each lost attempt once', () => {
    const bench = createDetectorBench();
    lose(bench, 1);
    const [finding] = bench.detect(lostRuns);
    assert.equal(finding?.failures, 1);
    bench.evidence.markReported(key, 1);
    assert.deepEqual(bench.detect(lostRuns), []);
  });

  test('no reason suppresses a signal that fires', () => {
    const bench = createDetectorBench({}, { observedMs: 0, listeningMs: 0 });
    bench.open(key);
    lose(bench, 2);
    assert.deepEqual(outcomesOf(bench.detect(lostRuns, { deploys: [deployAt(start)] })), ['holds']);
  });
});

test('a signal that fires clears below its count, at the time of the last lost attempt', () => {
  const bench = createDetectorBench();
  lose(bench, 2);
  bench.open(key);
  bench.pass(11 * minute);
  const { level, lastAt, clearMs, figures } = conditionOf(bench.detect(lostRuns));
  assert.deepEqual({ level, lastAt, clearMs }, { level: 'clear', lastAt: start, clearMs: 15 * minute });
  assert.equal(figures.count, 0);
});

test('an old pool without an incident is not evaluated', () => {
  const bench = createDetectorBench();
  lose(bench, 2);
  bench.pass(11 * minute);
  assert.deepEqual(bench.detect(lostRuns), []);
});

test('the key is the pool, and the subject names its tasks and workers', () => {
  const bench = createDetectorBench();
  lose(bench, 1);
  bench.pass(minute);
  lose(bench, 1, { host: 'celery@mail-2', task: 'news.send' });
  const found = conditionOf(bench.detect(lostRuns, { deploys: [deployAt(start - 14 * minute)] }));
  assert.deepEqual(found.key, key);
  assert.equal(found.firstAt, start);
  assert.deepEqual(found.figures, { count: 2, limit: 2, withinMs: 10 * minute, baseline: undefined, of: undefined });
  const parts = { now: { 'worker gone': 2 }, atFirst: { 'worker gone': 0 } };
  assert.deepEqual(found.counter, { now: 2, atFirst: 0, parts });
  assert.deepEqual(found.subject.tasks, ['mail.send', 'news.send']);
  assert.deepEqual(found.subject.hosts, ['celery@mail-1', 'celery@mail-2']);
  assert.deepEqual(found.subject.exceptions, ['WorkerLostError']);
  assert.equal(found.deploy?.version, 'v2');
});
