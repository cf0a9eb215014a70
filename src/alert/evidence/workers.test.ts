import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Hostname } from '../../event/ids.ts';
import type { Observation } from './observation.ts';
import { type Pool, Workers } from './workers.ts';

type WorkerObservation = Extract<Observation, { kind: 'worker' }>;

const second = 1_000;
const start = 1_000_000_000;

function worker(host: string, at: number, fields: Partial<WorkerObservation> = {}): WorkerObservation {
  return {
    kind: 'worker',
    at: start + at,
    change: 'heartbeat',
    host: host as Hostname,
    pid: 1,
    heartbeatMs: 2 * second,
    active: undefined,
    processed: undefined,
    ...fields,
  };
}

/** Workers of the pool `celery@mail`, each with a heartbeat at `at`. */
function fleet(hosts: readonly string[], at = 0): Workers {
  const workers = new Workers();
  for (const host of hosts) workers.observe(worker(host, at));
  return workers;
}

const poolIn = (workers: Workers, name: string): Pool | undefined =>
  [...workers.pools()].find((pool) => pool.name === name);
const missingIn = (workers: Workers, pool: string): string[] => [...(poolIn(workers, pool)?.missing.keys() ?? [])];
const deathsIn = (workers: Workers, pool: string): string[] =>
  (poolIn(workers, pool)?.deaths ?? []).map(({ host }) => host);

describe('silence', () => {
  const cases = [
    { name: 'one heartbeat short of the limit', silentMs: 25 * second - 1, heartbeatMs: 2 * second, isMissing: false },
    { name: 'at the least limit of 25 s', silentMs: 25 * second, heartbeatMs: 2 * second, isMissing: true },
    { name: 'two slow heartbeats', silentMs: 119 * second, heartbeatMs: 40 * second, isMissing: false },
    { name: 'three slow heartbeats', silentMs: 120 * second, heartbeatMs: 40 * second, isMissing: true },
  ];
  for (const { name, silentMs, heartbeatMs, isMissing } of cases) {
    test(`${name}: ${isMissing ? 'missing' : 'still there'}`, () => {
      const workers = new Workers();
      workers.observe(worker('celery@mail-1', 0, { heartbeatMs }));
      const gone = workers.sweep(start + silentMs, start + silentMs);
      assert.deepEqual([...gone], isMissing ? ['celery@mail-1'] : []);
      assert.deepEqual(missingIn(workers, 'celery@mail'), isMissing ? ['celery@mail-1'] : []);
    });
  }

  test('a worker is reported gone once', () => {
    const workers = fleet(['celery@mail-1']);
    workers.sweep(start + 30 * second, start + 30 * second);
    assert.equal(workers.sweep(start + 60 * second, start + 60 * second).size, 0);
    assert.deepEqual(deathsIn(workers, 'celery@mail'), ['celery@mail-1']);
  });

  test('a worker that shut down is gone, and neither missing nor dead', () => {
    const workers = fleet(['celery@mail-1']);
    workers.observe(worker('celery@mail-1', second, { change: 'offline' }));
    assert.deepEqual([...workers.sweep(start + 40 * second, start + 40 * second)], ['celery@mail-1']);
    assert.deepEqual(missingIn(workers, 'celery@mail'), []);
    assert.deepEqual(deathsIn(workers, 'celery@mail'), []);
  });

  test('in a fleet of three a worker is silent only as far as others sent events', () => {
    const workers = fleet(['celery@mail-1', 'celery@mail-2', 'celery@mail-3']);
    assert.equal(
      workers.sweep(start + 60 * second, start).size,
      0,
      'no event from any worker: the connection is suspect',
    );
    workers.observe(worker('celery@mail-1', 60 * second));
    workers.observe(worker('celery@mail-2', 60 * second));
    assert.deepEqual([...workers.sweep(start + 60 * second, start + 60 * second)], ['celery@mail-3']);
  });

  test('a task event counts as a sign of life', () => {
    const workers = fleet(['celery@mail-1']);
    workers.noteActivity('celery@mail-1' as Hostname, start + 20 * second);
    assert.equal(workers.sweep(start + 30 * second, start + 30 * second).size, 0);
  });

  test('a gap restarts the silence of every worker', () => {
    const workers = fleet(['celery@mail-1']);
    workers.noteGap(start + 20 * second);
    assert.equal(workers.sweep(start + 44 * second, start + 44 * second).size, 0);
    assert.equal(workers.sweep(start + 45 * second, start + 45 * second).size, 1);
  });

  test('a missing worker that sends a heartbeat is back, and its death stays counted', () => {
    const workers = fleet(['celery@mail-1']);
    workers.sweep(start + 30 * second, start + 30 * second);
    workers.observe(worker('celery@mail-1', 31 * second));
    assert.deepEqual(missingIn(workers, 'celery@mail'), []);
    assert.deepEqual(deathsIn(workers, 'celery@mail'), ['celery@mail-1']);
  });
});

describe('restarts under the same name', () => {
  const cases = [
    { name: 'another pid', before: { pid: 1, processed: 5 }, after: { pid: 2, processed: 0 }, isDeath: true },
    {
      name: 'a counter that fell back',
      before: { pid: 1, processed: 5 },
      after: { pid: 1, processed: 0 },
      isDeath: true,
    },
    {
      name: 'a counter that went on',
      before: { pid: 1, processed: 5 },
      after: { pid: 1, processed: 6 },
      isDeath: false,
    },
    { name: 'an unknown pid and no counter', before: { pid: undefined }, after: { pid: undefined }, isDeath: false },
  ];
  for (const { name, before, after, isDeath } of cases) {
    test(`worker-online with ${name} ${isDeath ? 'is a death' : 'is a reconnect'}`, () => {
      const workers = new Workers();
      workers.observe(worker('celery@mail-1', 0, before));
      workers.observe(worker('celery@mail-1', second, { change: 'online', ...after }));
      assert.deepEqual(deathsIn(workers, 'celery@mail'), isDeath ? ['celery@mail-1'] : []);
    });
  }

  const counters = [
    { name: 'two heartbeats behind the count are a restart', processed: [50, 51, 0, 2, 4], deaths: 1 },
    { name: 'one heartbeat behind the count is none', processed: [50, 51, 0, 52, 53], deaths: 0 },
    { name: 'two processes that alternate are none', processed: [50, 3, 51, 4, 52, 5, 53], deaths: 0 },
    { name: 'each of three restarts counts', processed: [5, 6, 0, 1, 5, 0, 1, 5, 0, 1], deaths: 3 },
  ];
  for (const { name, processed, deaths } of counters) {
    test(`without worker-online, ${name}`, () => {
      const workers = new Workers();
      for (const [index, count] of processed.entries())
        workers.observe(worker('celery@mail-1', 2 * index * second, { processed: count }));
      assert.equal(deathsIn(workers, 'celery@mail').length, deaths);
    });
  }

  test('a heartbeat with another pid is no death: only worker-online starts a process', () => {
    const workers = fleet(['celery@mail-1']);
    workers.observe(worker('celery@mail-1', second, { pid: 2 }));
    assert.deepEqual(deathsIn(workers, 'celery@mail'), []);
  });
});

describe('replacement', () => {
  test('a worker that appears replaces the one that is missing longest', () => {
    const workers = fleet(['celery@mail-1', 'celery@mail-2']);
    workers.observe(worker('celery@mail-2', 10 * second));
    workers.sweep(start + 25 * second, start + 25 * second);
    workers.sweep(start + 35 * second, start + 35 * second);
    assert.deepEqual(missingIn(workers, 'celery@mail'), ['celery@mail-1', 'celery@mail-2']);
    workers.observe(worker('celery@mail-3', 36 * second));
    assert.deepEqual(missingIn(workers, 'celery@mail'), ['celery@mail-2']);
  });

  test('a worker of another pool replaces no worker', () => {
    const workers = fleet(['celery@mail-1']);
    workers.sweep(start + 30 * second, start + 30 * second);
    workers.observe(worker('celery@pay-1', 31 * second));
    assert.deepEqual(missingIn(workers, 'celery@mail'), ['celery@mail-1']);
  });

  test('a worker that is first observed while it shuts down replaces no worker', () => {
    const workers = fleet(['celery@mail-1']);
    workers.sweep(start + 30 * second, start + 30 * second);
    workers.observe(worker('celery@mail-2', 31 * second, { change: 'offline' }));
    assert.deepEqual(missingIn(workers, 'celery@mail'), ['celery@mail-1']);
  });

  for (const { others, hours } of [
    { others: ['celery@mail-2'], hours: 1 },
    { others: ['celery@pay-1'], hours: 24 },
  ]) {
    test(`a worker without a replacement is expected for ${hours} h if its pool has ${hours === 1 ? 'others' : 'no other'}`, () => {
      const workers = fleet(['celery@mail-1', ...others]);
      const sweepAt = (at: number): readonly string[] => {
        for (const host of others) workers.observe(worker(host, at));
        workers.sweep(start + at, start + at);
        return missingIn(workers, 'celery@mail');
      };
      sweepAt(30 * second);
      assert.deepEqual(sweepAt(hours * 3_600 * second), ['celery@mail-1']);
      assert.deepEqual(sweepAt((hours * 3_600 + 1) * second), []);
      const isForgotten = () => [...workers.pools()].find(({ name }) => name === 'celery@mail')?.isForgotten;
      assert.equal(isForgotten(), true);
      workers.observe(worker('celery@mail-3', (hours * 3_600 + 2) * second));
      assert.equal(isForgotten(), false);
    });
  }
});

describe('rollouts', () => {
  const old = 'celery@mail-6f7c9d8b5-x2vkq';
  const next = 'celery@mail-7d9f8c6b4-b4kzq';

  test('the first release of a pool is no rollout, another one is', () => {
    const workers = fleet([old]);
    assert.deepEqual(workers.takeRollouts(), []);
    workers.observe(worker(next, second));
    assert.deepEqual(workers.takeRollouts(), [{ version: '7d9f8c6b4', at: start + second, pools: ['celery@mail'] }]);
    assert.deepEqual(workers.takeRollouts(), [], 'each rollout is taken once');
  });

  test('a worker of an older release is not missing', () => {
    const workers = fleet([old, 'celery@mail-6f7c9d8b5-bbbbb']);
    workers.observe(worker(next, second));
    workers.sweep(start + 30 * second, start + 30 * second);
    assert.deepEqual(missingIn(workers, 'celery@mail'), [next]);
  });
});

describe('online workers and the limit of silence', () => {
  test('online counts workers that neither shut down nor fell silent', () => {
    const workers = fleet(['celery@mail-1', 'celery@mail-2']);
    workers.observe(worker('celery@mail-2', second, { change: 'offline' }));
    assert.equal(workers.onlineCount('celery@mail'), 1);
    workers.sweep(start + 30 * second, start + 30 * second);
    assert.equal(workers.onlineCount('celery@mail'), 0);
  });

  const cases = [
    { hosts: 2, leastMs: 20_000, heartbeatMs: 2_000, want: undefined },
    { hosts: 3, leastMs: 20_000, heartbeatMs: 2_000, want: 20_000 },
    { hosts: 3, leastMs: 20_000, heartbeatMs: 10_000, want: 25_000 },
  ];
  for (const { hosts, leastMs, heartbeatMs, want } of cases) {
    test(`${hosts} workers with a heartbeat of ${heartbeatMs} ms: total silence is a gap after ${want ?? 'no time'}`, () => {
      const workers = new Workers();
      for (let index = 1; index <= hosts; index += 1)
        workers.observe(worker(`celery@mail-${index}`, 0, { heartbeatMs }));
      assert.equal(workers.silenceLimitMs(leastMs), want);
    });
  }

  test('an event without a process id keeps the last one, so a restart is still detected', () => {
    const workers = new Workers();
    workers.observe(worker('celery@mail-1', 0, { pid: 7, processed: 9 }));
    workers.observe(worker('celery@mail-1', second, { pid: undefined, processed: undefined }));
    workers.observe(worker('celery@mail-1', 2 * second, { change: 'online', pid: 8, processed: 9 }));
    assert.deepEqual(deathsIn(workers, 'celery@mail'), ['celery@mail-1']);
  });
});
