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
} from '../../../test/fakes/detector.ts';
import type { TaskId } from '../../event/ids.ts';
import type { Finding } from '../detection/condition.ts';
import type { SignalKey } from '../key.ts';
import type { Policy } from '../policy.ts';
import { queueWait } from './queue-wait.ts';

const key: SignalKey = { kind: 'queue', queue: 'mail' };

/** A queue in which one task waits since the start. */
function waiting(policy: Partial<Policy> = {}): DetectorBench {
  const bench = createDetectorBench(policy);
  publish(bench, 'a');
  return bench;
}

function publish(bench: DetectorBench, id: string): void {
  bench.evidence.observe({
    kind: 'waiting',
    at: bench.now(),
    taskId: id as TaskId,
    retries: 0,
    task: 'mail.send',
    queue: 'mail',
    eta: undefined,
  });
}

/** Lets time pass and evaluates as the engine does: the measure first. */
function after(bench: DetectorBench, ms: number): readonly Finding[] {
  bench.pass(ms);
  queueWait.update(bench.evaluation());
  return bench.detect(queueWait);
}

describe('limit of two minutes, for three minutes', () => {
  test('a wait of two minutes is within the limit, a longer one is unconfirmed', () => {
    const bench = waiting();
    assert.deepEqual(outcomesOf(after(bench, 2 * minute)), []);
    assert.deepEqual(outcomesOf(after(bench, 1)), ['unconfirmed-absence']);
  });

  test('the condition holds three minutes after the limit was exceeded', () => {
    const bench = waiting();
    after(bench, 2 * minute + 1);
    assert.deepEqual(outcomesOf(after(bench, 3 * minute - 1)), ['unconfirmed-absence']);
    assert.deepEqual(outcomesOf(after(bench, 1)), ['holds']);
  });

  test('a wait within the limit starts the three minutes anew', () => {
    const bench = waiting();
    after(bench, 2 * minute + 1);
    publish(bench, 'b');
    bench.evidence.queues.take('a' as TaskId, 0, bench.now());
    assert.deepEqual(outcomesOf(after(bench, minute)), []);
    assert.deepEqual(outcomesOf(after(bench, minute + 1)), ['unconfirmed-absence']);
    assert.deepEqual(outcomesOf(after(bench, 3 * minute - 1)), ['unconfirmed-absence']);
    assert.deepEqual(outcomesOf(after(bench, 1)), ['holds']);
  });

  test('a queue may have limits of its own', () => {
    const own = { match: ['mail*'], thresholds: { queueWait: { overMs: 10 * minute, forMs: 0 } } };
    const bench = waiting({ queues: [own] });
    assert.deepEqual(outcomesOf(after(bench, 10 * minute)), []);
    assert.deepEqual(outcomesOf(after(bench, 1)), ['holds']);
  });

  test('the limits of another queue do not apply', () => {
    const other = { match: ['bulk'], thresholds: { queueWait: { overMs: 10 * minute, forMs: 0 } } };
    assert.deepEqual(outcomesOf(after(waiting({ queues: [other] }), 2 * minute + 1)), ['unconfirmed-absence']);
  });
});

describe('a wait that fires', () => {
  const cases = [
    { title: 'lingers above half of its limit', waitMs: minute + 1, level: 'lingers' },
    { title: 'clears at half of its limit', waitMs: minute, level: 'clear' },
  ];
  for (const { title, waitMs, level } of cases) {
    test(title, () => {
      const bench = waiting();
      bench.open(key);
      const found = conditionOf(after(bench, waitMs));
      assert.equal(found.level, level);
      assert.equal(found.lastAt, start + waitMs);
      assert.equal(found.clearMs, 3 * minute);
    });
  }

  test('clears when the queue is empty', () => {
    const bench = waiting();
    bench.open(key);
    bench.evidence.queues.take('a' as TaskId, 0, bench.now());
    assert.deepEqual(outcomesOf(after(bench, minute)), ['clear']);
  });
});

describe('silence', () => {
  test('nothing is judged within 30 s of a gap, and the three minutes begin anew', () => {
    const bench = waiting();
    after(bench, 2 * minute + 1);
    const at = bench.now();
    bench.evidence.observe({ kind: 'gap', at, from: at - second, to: at - second });
    publish(bench, 'b');
    assert.deepEqual(outcomesOf(after(bench, 28 * second)), []);
    assert.equal([...bench.evidence.queues.all()][0]?.overLimitSince, undefined);
  });
});

test('the key is the queue, and the figures are the wait and the number of messages', () => {
  const bench = waiting();
  publish(bench, 'b');
  after(bench, 2 * minute + 1);
  const found = conditionOf(after(bench, 3 * minute));
  assert.deepEqual(found.key, key);
  assert.equal(found.severity ?? queueWait.severity, 'normal');
  assert.deepEqual(found.figures, {
    count: 5 * minute + 1,
    limit: 2 * minute,
    withinMs: 0,
    baseline: undefined,
    of: 2,
  });
  assert.equal(found.firstAt, start + 1);
  assert.deepEqual(found.subject.queues, ['mail']);
  assert.deepEqual(found.subject.tasks, ['mail.send']);
  assert.equal(found.subject.title, 'tasks wait 300 s in mail');
});

test('the number of messages in the broker is preferred to those whose publication was received', () => {
  const bench = waiting();
  bench.evidence.observe({ kind: 'depth', at: start, queue: 'mail', length: 70 });
  const [finding] = after(bench, 2 * minute + 1);
  assert.equal(finding?.figures.of, 70);
});
