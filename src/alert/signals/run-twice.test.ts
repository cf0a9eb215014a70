import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  conditionOf,
  createDetectorBench,
  minute,
  outcomesOf,
  start,
  taskPolicy,
} from '../../../test/fakes/detector.ts';
import type { SignalKey } from '../key.ts';
import { runTwice } from './run-twice.ts';

const key: SignalKey = { kind: 'task', condition: 'run-twice', task: 'billing.charge' };
/** Only tasks of billing must not run twice. */
const harmful = { tasks: [taskPolicy({ match: ['billing.*'], isIdempotent: false })] };
const charge = { task: 'billing.charge', times: 2 };

describe('tasks', () => {
  const cases = [
    { title: 'a task that is not idempotent', task: 'billing.charge', outcomes: ['holds'] },
    { title: 'a task without a policy', task: 'mail.send', outcomes: [] },
    { title: 'a task of unknown name', task: undefined, outcomes: [] },
  ];
  for (const { title, task, outcomes } of cases) {
    test(`${title}: ${outcomes.join() || 'no condition'}`, () => {
      const bench = createDetectorBench(harmful);
      bench.noted('run-twice', { task, times: 2 });
      assert.deepEqual(outcomesOf(bench.detect(runTwice)), outcomes);
    });
  }

  test('a policy that leaves a task idempotent is no condition', () => {
    const bench = createDetectorBench({ tasks: [taskPolicy({ severity: 'critical' })] });
    bench.noted('run-twice', charge);
    assert.deepEqual(bench.detect(runTwice), []);
  });
});

test('a poison loop was not executed twice', () => {
  const bench = createDetectorBench(harmful);
  bench.noted('poison-loop', charge);
  assert.deepEqual(bench.detect(runTwice), []);
});

describe('quiet time of 15 minutes', () => {
  const cases = [
    { title: 'the condition holds until its end', passedMs: 15 * minute - 1, outcomes: ['holds'] },
    { title: 'the condition is over at its end', passedMs: 15 * minute, outcomes: [] },
  ];
  for (const { title, passedMs, outcomes } of cases) {
    test(title, () => {
      const bench = createDetectorBench(harmful);
      bench.noted('run-twice', charge);
      bench.pass(passedMs);
      assert.deepEqual(outcomesOf(bench.detect(runTwice)), outcomes);
    });
  }

  test('a third execution extends the condition', () => {
    const bench = createDetectorBench(harmful);
    bench.noted('run-twice', charge);
    bench.pass(10 * minute);
    bench.noted('run-twice', { ...charge, times: 3 });
    bench.pass(10 * minute);
    const found = conditionOf(bench.detect(runTwice));
    assert.equal(found.firstAt, start);
    assert.equal(found.lastAt, start + 10 * minute);
    assert.equal(found.subject.title, 'one message was executed 3 times');
  });

  test('a signal that fires clears at once', () => {
    const bench = createDetectorBench(harmful);
    bench.noted('run-twice', charge);
    bench.open(key);
    bench.pass(15 * minute);
    const { level, clearMs } = conditionOf(bench.detect(runTwice));
    assert.deepEqual({ level, clearMs }, { level: 'clear', clearMs: 0 });
  });
});

test('the key is the task, and the severity is high unless the policy of the task sets another one', () => {
  assert.equal(runTwice.severity, 'high');
  for (const severity of [undefined, 'critical'] as const) {
    const bench = createDetectorBench({ tasks: [taskPolicy({ isIdempotent: false, severity })] });
    bench.noted('run-twice', charge);
    const found = conditionOf(bench.detect(runTwice));
    assert.equal(found.severity, severity);
    assert.deepEqual(found.key, key);
    assert.deepEqual(found.figures, { count: 1, limit: 1, withinMs: 0, baseline: undefined, of: undefined });
    assert.equal(found.subject.cause, undefined);
  }
});
