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
import { crashLoop } from './crash-loop.ts';

const key: SignalKey = { kind: 'pool', condition: 'crash-loop', pool: 'celery@mail' };
let pid = 100;

/** Three workers of one pool. */
function pool(policy: Partial<Policy> = {}): DetectorBench {
  const bench = createDetectorBench(policy);
  for (const number of [1, 2, 3]) bench.worker(`celery@mail-${number}`, 'online');
  return bench;
}

/** The process of a worker is replaced by another one without a shutdown. */
function crash(bench: DetectorBench, ...numbers: readonly number[]): DetectorBench {
  for (const number of numbers) {
    pid += 1;
    bench.worker(`celery@mail-${number}`, 'online', { pid });
  }
  return bench;
}

describe('crashes in one pool', () => {
  test('two crashes are below the threshold, three hold', () => {
    const bench = crash(pool(), 1, 2);
    assert.deepEqual(outcomesOf(bench.detect(crashLoop)), ['below-threshold']);
    crash(bench, 3);
    assert.deepEqual(outcomesOf(bench.detect(crashLoop)), ['holds']);
  });

  test('the policy may require another number', () => {
    const bench = crash(pool({ thresholds: { crashLoop: { times: 4, withinMs: 15 * minute } } }), 1, 2, 3);
    bench.worker('celery@mail-4', 'online');
    assert.deepEqual(outcomesOf(bench.detect(crashLoop)), ['below-threshold']);
    assert.deepEqual(outcomesOf(crash(bench, 4).detect(crashLoop)), ['holds']);
  });

  test('crashes of two pools do not add up', () => {
    const bench = crash(pool(), 1, 2);
    bench.worker('celery@web-1', 'online', { pid: 1 });
    bench.worker('celery@web-1', 'online', { pid: 2 });
    assert.deepEqual(outcomesOf(bench.detect(crashLoop)), ['below-threshold', 'below-threshold']);
  });

  const window = [
    { title: 'a crash 15 minutes ago counts', agoMs: 15 * minute, outcome: 'holds' },
    { title: 'an earlier crash does not count', agoMs: 15 * minute + 1, outcome: 'below-threshold' },
  ];
  for (const { title, agoMs, outcome } of window) {
    test(title, () => {
      const bench = crash(pool(), 1);
      bench.pass(agoMs);
      assert.deepEqual(outcomesOf(crash(bench, 2, 3).detect(crashLoop)), [outcome]);
    });
  }
});

describe('one worker that crashes twice', () => {
  const cases = [
    { title: 'within ten minutes is a loop', agoMs: 10 * minute, outcome: 'holds' },
    { title: 'in more than ten minutes is below the threshold', agoMs: 10 * minute + 1, outcome: 'below-threshold' },
  ];
  for (const { title, agoMs, outcome } of cases) {
    test(title, () => {
      const bench = crash(pool(), 1);
      bench.pass(agoMs);
      assert.deepEqual(outcomesOf(crash(bench, 1).detect(crashLoop)), [outcome]);
    });
  }
});

test('a worker that falls silent has crashed too', () => {
  const bench = crash(pool(), 1, 2);
  bench.pass(30 * second);
  bench.worker('celery@mail-1');
  bench.worker('celery@mail-2');
  bench.evidence.sweep(bench.now());
  assert.deepEqual(outcomesOf(bench.detect(crashLoop)), ['holds']);
});

test('a worker that shuts down, or reconnects with its process, has not crashed', () => {
  const bench = pool();
  for (const number of [1, 2, 3]) {
    bench.worker(`celery@mail-${number}`, 'offline');
    bench.worker(`celery@mail-${number}`, 'online', { pid: 50 });
    bench.worker(`celery@mail-${number}`, 'online', { pid: 50 });
  }
  assert.deepEqual(bench.detect(crashLoop), []);
});

describe('deploys', () => {
  const cases = [
    { title: 'suppress a loop for three minutes', agoMs: 3 * minute, pools: [], outcome: 'deploy-grace' },
    { title: 'do not suppress it later', agoMs: 3 * minute + 1, pools: [], outcome: 'holds' },
    { title: 'of another pool do not suppress it', agoMs: minute, pools: ['celery@web'], outcome: 'holds' },
  ];
  for (const { title, agoMs, pools, outcome } of cases) {
    test(title, () => {
      const bench = crash(pool(), 1, 2, 3);
      assert.deepEqual(outcomesOf(bench.detect(crashLoop, { deploys: [deployAt(start - agoMs, pools)] })), [outcome]);
    });
  }

  test('too few crashes during a deploy are below the threshold', () => {
    const bench = crash(pool(), 1, 2);
    assert.deepEqual(outcomesOf(bench.detect(crashLoop, { deploys: [deployAt(start)] })), ['below-threshold']);
  });

  test('a loop that fires is not suppressed, and its deploy is suspect', () => {
    const bench = crash(pool(), 1, 2, 3);
    bench.open(key);
    const found = conditionOf(bench.detect(crashLoop, { deploys: [deployAt(start)] }));
    assert.equal(found.level, 'holds');
    assert.equal(found.deploy?.version, 'v2');
  });
});

describe('a loop that fires', () => {
  test('clears below its threshold, at the time of the last crash', () => {
    const bench = crash(pool(), 1);
    bench.pass(minute);
    crash(bench, 2);
    bench.open(key);
    bench.pass(5 * minute);
    const { level, lastAt, clearMs } = conditionOf(bench.detect(crashLoop));
    assert.deepEqual({ level, lastAt, clearMs }, { level: 'clear', lastAt: start + minute, clearMs: 15 * minute });
  });

  test('clears when no crash is in the window', () => {
    const bench = crash(pool(), 1, 2, 3);
    bench.open(key);
    bench.pass(15 * minute + 1);
    const { level, figures } = conditionOf(bench.detect(crashLoop));
    assert.equal(level, 'clear');
    assert.equal(figures.count, 0);
  });
});

test('a pool whose crashes are old is not evaluated', () => {
  const bench = crash(pool(), 1, 2, 3);
  bench.pass(15 * minute + 1);
  assert.deepEqual(bench.detect(crashLoop), []);
});

test('nothing is judged within 30 s of a gap', () => {
  const bench = crash(pool(), 1, 2, 3);
  bench.evidence.listeningSince = bench.now() - 30 * second + 1;
  assert.deepEqual(bench.detect(crashLoop), []);
  bench.evidence.listeningSince = bench.now() - 30 * second;
  assert.deepEqual(outcomesOf(bench.detect(crashLoop)), ['holds']);
});

test('the key is the loop of the pool, and the subject names each worker once', () => {
  const bench = crash(pool(), 1, 2);
  bench.pass(minute);
  crash(bench, 1);
  const found = conditionOf(bench.detect(crashLoop));
  assert.deepEqual(found.key, key);
  assert.equal(found.severity ?? crashLoop.severity, 'high');
  assert.deepEqual(found.figures, { count: 3, limit: 3, withinMs: 15 * minute, baseline: undefined, of: undefined });
  assert.equal(found.firstAt, start);
  assert.equal(found.lastAt, start + minute);
  assert.deepEqual(found.subject.hosts, ['celery@mail-1', 'celery@mail-2']);
  assert.equal(found.subject.title, '3 workers died in 15 min');
});
