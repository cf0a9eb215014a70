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
} from '../../../test/fakes/detector.ts';
import type { SignalKey } from '../key.ts';
import type { Policy } from '../policy.ts';
import { workerShort } from './worker-short.ts';

const key: SignalKey = { kind: 'pool', pool: 'celery@mail' };

/** A pool of three workers, of which `missing` send no heartbeat after the start. */
function pool(missing: readonly string[], policy: Partial<Policy> = {}): DetectorBench {
  const bench = createDetectorBench(policy);
  for (const host of hosts) bench.worker(host, 'online');
  bench.pass(30 * second);
  for (const host of hosts) if (!missing.includes(host)) bench.worker(host);
  bench.evidence.sweep(bench.now());
  return bench;
}

const hosts = ['celery@mail-1', 'celery@mail-2', 'celery@mail-3'];
const oneMissing = hosts.slice(0, 1);

describe('a missing worker', () => {
  const cases = [
    { title: 'is unconfirmed for 90 s', silentMs: 90 * second - 1, outcome: 'unconfirmed-absence' },
    { title: 'is a condition after 90 s', silentMs: 90 * second, outcome: 'holds' },
  ];
  for (const { title, silentMs, outcome } of cases) {
    test(title, () => {
      const bench = pool(oneMissing);
      bench.pass(silentMs - 30 * second);
      assert.deepEqual(outcomesOf(bench.detect(workerShort)), [outcome]);
    });
  }

  test('may be missing for the time that the policy sets', () => {
    const bench = pool(oneMissing, { thresholds: { workerShort: { forMs: minute } } });
    bench.pass(30 * second - 1);
    assert.deepEqual(outcomesOf(bench.detect(workerShort)), ['unconfirmed-absence']);
    bench.pass(1);
    assert.deepEqual(outcomesOf(bench.detect(workerShort)), ['holds']);
  });

  test('is no condition after a shutdown', () => {
    const bench = createDetectorBench();
    for (const host of hosts) bench.worker(host, 'online');
    bench.worker('celery@mail-1', 'offline');
    bench.pass(2 * minute);
    for (const host of hosts.slice(1)) bench.worker(host);
    bench.evidence.sweep(bench.now());
    assert.deepEqual(bench.detect(workerShort), []);
  });

  test('is no condition once another worker replaced it', () => {
    const bench = pool(oneMissing);
    bench.worker('celery@mail-4', 'online');
    bench.pass(2 * minute);
    assert.deepEqual(bench.detect(workerShort), []);
  });
});

test('a complete pool is no condition', () => {
  const bench = pool([]);
  bench.pass(5 * minute);
  assert.deepEqual(bench.detect(workerShort), []);
});

describe('deploys', () => {
  const cases = [
    { title: 'suppress the signal for three minutes', agoMs: 3 * minute, pools: [], outcome: 'deploy-grace' },
    { title: 'do not suppress it later', agoMs: 3 * minute + 1, pools: [], outcome: 'holds' },
    { title: 'of another pool do not suppress it', agoMs: minute, pools: ['celery@web'], outcome: 'holds' },
  ];
  for (const { title, agoMs, pools, outcome } of cases) {
    test(title, () => {
      const bench = pool(oneMissing);
      bench.pass(5 * minute);
      const deploys = [deployAt(bench.now() - agoMs, pools)];
      assert.deepEqual(outcomesOf(bench.detect(workerShort, { deploys })), [outcome]);
    });
  }

  test('an unconfirmed absence during a deploy has the reason of the shorter time', () => {
    const bench = pool(oneMissing);
    const deploys = [deployAt(bench.now())];
    assert.deepEqual(outcomesOf(bench.detect(workerShort, { deploys })), ['unconfirmed-absence']);
  });

  test('a deploy does not suppress a signal that fires, and is suspect for 15 minutes', () => {
    const bench = pool(oneMissing);
    bench.open(key);
    bench.pass(5 * minute);
    for (const { agoMs, isSuspect } of [
      { agoMs: 15 * minute, isSuspect: true },
      { agoMs: 15 * minute + 1, isSuspect: false },
    ]) {
      const found = conditionOf(bench.detect(workerShort, { deploys: [deployAt(bench.now() - agoMs)] }));
      assert.equal(found.level, 'holds');
      assert.equal(found.deploy !== undefined, isSuspect);
    }
  });
});

describe('a signal that fires', () => {
  test('clears when the worker returns', () => {
    const bench = pool(oneMissing);
    bench.open(key);
    bench.pass(2 * minute);
    bench.worker('celery@mail-1', 'online');
    const { level, clearMs, lastAt, figures } = conditionOf(bench.detect(workerShort));
    assert.deepEqual({ level, clearMs, lastAt }, { level: 'clear', clearMs: 2 * minute, lastAt: bench.now() });
    assert.deepEqual({ count: figures.count, limit: figures.limit }, { count: 3, limit: 3 });
  });

  test('clears while another worker is missing for less than 90 s', () => {
    const bench = pool(oneMissing);
    bench.open(key);
    assert.deepEqual(outcomesOf(bench.detect(workerShort)), ['clear']);
  });
});

test('nothing is judged within 30 s of a gap', () => {
  const bench = pool(oneMissing);
  bench.pass(5 * minute);
  bench.evidence.listeningSince = bench.now() - 30 * second + 1;
  assert.deepEqual(bench.detect(workerShort), []);
  bench.evidence.listeningSince = bench.now() - 30 * second;
  assert.deepEqual(outcomesOf(bench.detect(workerShort)), ['holds']);
});

test('the key is the pool, and the figures are the workers online of those expected', () => {
  const bench = pool(hosts.slice(0, 2));
  bench.pass(minute);
  const found = conditionOf(bench.detect(workerShort));
  assert.deepEqual(found.key, key);
  assert.equal(found.severity ?? workerShort.severity, 'high');
  assert.deepEqual(found.figures, { count: 1, limit: 3, withinMs: 0, baseline: undefined, of: undefined });
  assert.equal(found.firstAt, start);
  assert.equal(found.waitMs, 0);
  assert.deepEqual(found.subject.hosts, ['celery@mail-1', 'celery@mail-2']);
  assert.deepEqual(found.subject.pools, ['celery@mail']);
  assert.equal(found.subject.title, '2 of 3 workers missing');
  assert.equal(found.subject.cause, 'worker-lost');
});

describe('a pool without any worker', () => {
  for (const { others, gravity, title } of [
    { others: ['celery@web-1'], gravity: 1, title: 'no worker left: 3 of 3 workers missing' },
    { others: [], gravity: 2, title: 'no worker left in any pool: 3 of 3 workers missing' },
  ]) {
    test(`weighs ${gravity} if ${others.length} other workers are online`, () => {
      const bench = createDetectorBench();
      for (const host of [...hosts, ...others]) bench.worker(host, 'online');
      bench.pass(2 * minute);
      for (const host of others) bench.worker(host);
      bench.evidence.noteEvent(bench.now());
      bench.evidence.sweep(bench.now());
      const found = conditionOf(bench.detect(workerShort));
      assert.deepEqual([found.gravity, found.subject.title], [gravity, title]);
    });
  }

  test('weighs nothing while one worker is online', () => {
    const bench = pool(hosts.slice(0, 2));
    bench.pass(2 * minute);
    bench.worker(hosts[2]!);
    assert.equal(conditionOf(bench.detect(workerShort)).gravity, 0);
  });
});

test('a worker that is no longer expected is forgotten, not back', () => {
  const bench = pool(oneMissing);
  bench.open(key);
  for (let passed = 0; passed <= 61; passed += 1) {
    bench.pass(minute);
    for (const host of hosts.slice(1)) bench.worker(host);
  }
  bench.evidence.sweep(bench.now());
  const { level, isForgotten, clearMs } = conditionOf(bench.detect(workerShort));
  assert.deepEqual([level, isForgotten, clearMs], ['clear', true, 0]);
  bench.worker('celery@mail-4', 'online');
  assert.equal(conditionOf(bench.detect(workerShort)).isForgotten, false);
});
