import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  conditionOf,
  createDetectorBench,
  type DetectorBench,
  minute,
  outcomesOf,
  second,
  start,
  taskPolicy,
} from '../../../test/fakes/detector.ts';
import type { SignalKey } from '../key.ts';
import type { Policy } from '../policy.ts';
import { stuck } from './stuck.ts';

const key: SignalKey = { kind: 'task', condition: 'stuck', task: 'mail.send' };

/** A task with ended attempts, of which `running` more started at the start. */
function running(count: number, { samples = 20, runtimeMs = 100, policy = {} as Partial<Policy> } = {}): DetectorBench {
  const bench = createDetectorBench(policy);
  bench.attempts(samples, { runtimeMs });
  for (let index = 0; index < count; index += 1) bench.startAttempt(`run-${index}`, { queue: 'mail' });
  return bench;
}

function explicitLimit(overMs: number): Partial<Policy> {
  return { tasks: [taskPolicy({ match: ['mail.*'], thresholds: { stuck: { overMs } } })] };
}

describe('limit of a fast task: five minutes', () => {
  const cases = [
    { title: 'two attempts at the limit are not long', count: 2, passedMs: 5 * minute, outcomes: [] },
    { title: 'two attempts beyond the limit hold', count: 2, passedMs: 5 * minute + 1, outcomes: ['holds'] },
    {
      title: 'one attempt beyond it is unconfirmed',
      count: 1,
      passedMs: 10 * minute,
      outcomes: ['unconfirmed-absence'],
    },
    { title: 'one attempt beyond twice the limit holds', count: 1, passedMs: 10 * minute + 1, outcomes: ['holds'] },
  ];
  for (const { title, count, passedMs, outcomes } of cases) {
    test(title, () => {
      const bench = running(count);
      bench.pass(passedMs);
      assert.deepEqual(outcomesOf(bench.detect(stuck)), outcomes);
    });
  }

  test('attempts of two tasks do not add up', () => {
    const bench = running(1);
    bench.attempts(20, { task: 'news.send', runtimeMs: 100 });
    bench.startAttempt('other', { task: 'news.send' });
    bench.pass(5 * minute + 1);
    assert.deepEqual(outcomesOf(bench.detect(stuck)), ['unconfirmed-absence', 'unconfirmed-absence']);
  });
});

describe('limit of a slow task: four times the 99th percentile', () => {
  // A run time of two minutes is counted in a step of ten percent: the percentile is 2 to 2.2 min.
  const cases = [
    { passedMs: 8 * minute, outcomes: [] },
    { passedMs: 8.8 * minute, outcomes: ['holds'] },
  ];
  for (const { passedMs, outcomes } of cases) {
    test(`two attempts of ${passedMs / minute} min: ${outcomes.join() || 'nothing'}`, () => {
      const bench = running(2, { runtimeMs: 2 * minute });
      bench.pass(passedMs);
      assert.deepEqual(outcomesOf(bench.detect(stuck)), outcomes);
    });
  }

  for (const { samples, outcomes } of [
    { samples: 19, outcomes: [] },
    { samples: 20, outcomes: ['holds'] },
  ]) {
    test(`${samples} ended attempts ${outcomes.length === 0 ? 'are too few for a limit' : 'are enough'}`, () => {
      const bench = running(2, { samples });
      bench.pass(60 * minute);
      assert.deepEqual(outcomesOf(bench.detect(stuck)), outcomes);
    });
  }
});

describe('explicit limit', () => {
  const cases = [
    { title: 'one attempt at the limit is not long', passedMs: 30 * second, outcomes: [] },
    { title: 'one attempt beyond the limit holds', passedMs: 30 * second + 1, outcomes: ['holds'] },
  ];
  for (const { title, passedMs, outcomes } of cases) {
    test(`${title}, without any ended attempt`, () => {
      const bench = running(1, { samples: 0, policy: explicitLimit(30 * second) });
      bench.pass(passedMs);
      assert.deepEqual(outcomesOf(bench.detect(stuck)), outcomes);
    });
  }

  test('it replaces the limit by run times', () => {
    const bench = running(2, { policy: explicitLimit(60 * minute) });
    bench.pass(60 * minute);
    assert.deepEqual(bench.detect(stuck), []);
  });
});

describe('absence of an end event', () => {
  test('an attempt that ended is not stuck', () => {
    const bench = running(2);
    bench.evidence.runs.end('run-0');
    bench.evidence.runs.end('run-1');
    bench.pass(10 * minute);
    assert.deepEqual(bench.detect(stuck), []);
  });

  test('nothing is judged within 30 s of a gap', () => {
    const bench = running(2);
    bench.pass(10 * minute);
    assert.deepEqual(outcomesOf(bench.detect(stuck)), ['holds']);
    bench.evidence.listeningSince = bench.now() - 30 * second + 1;
    assert.deepEqual(bench.detect(stuck), []);
    bench.evidence.listeningSince = bench.now() - 30 * second;
    assert.deepEqual(outcomesOf(bench.detect(stuck)), ['holds']);
  });
});

describe('a task that fires', () => {
  const cases = [
    { title: 'lingers with one long attempt', count: 1, passedMs: 10 * minute, level: 'lingers' },
    { title: 'clears without long attempts', count: 1, passedMs: 5 * minute, level: 'clear' },
    { title: 'clears without attempts', count: 0, passedMs: minute, level: 'clear' },
  ];
  for (const { title, count, passedMs, level } of cases) {
    test(title, () => {
      const bench = running(count);
      bench.open(key);
      bench.pass(passedMs);
      const found = conditionOf(bench.detect(stuck));
      assert.equal(found.level, level);
      assert.equal(found.clearMs, minute);
      assert.equal(found.lastAt, bench.now());
    });
  }
});

test('the severity is high unless the policy of the task sets another one', () => {
  assert.equal(stuck.severity, 'high');
  for (const severity of [undefined, 'critical'] as const) {
    const bench = running(2, { policy: { tasks: [taskPolicy({ severity })] } });
    bench.pass(6 * minute);
    assert.equal(conditionOf(bench.detect(stuck)).severity, severity);
  }
});

test('the key is the stuck task, and the subject names the workers and the longest attempt', () => {
  const bench = running(1);
  bench.pass(minute);
  bench.startAttempt('late', { queue: 'bulk', host: 'celery@mail-2' });
  bench.pass(6 * minute);
  const found = conditionOf(bench.detect(stuck));
  assert.deepEqual(found.key, key);
  assert.equal(found.firstAt, start);
  assert.deepEqual(found.figures, { count: 2, limit: 5 * minute, withinMs: 0, baseline: undefined, of: undefined });
  assert.deepEqual(found.subject.hosts, ['celery@mail-1', 'celery@mail-2']);
  assert.deepEqual(found.subject.pools, ['celery@mail']);
  assert.deepEqual(found.subject.queues, ['mail', 'bulk']);
  assert.equal(found.subject.title, '2 attempts running too long, the longest for 7 min');
  assert.equal(found.subject.example?.taskId, 'task-run-0');
});
