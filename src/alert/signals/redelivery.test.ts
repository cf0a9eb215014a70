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
import type { TaskId } from '../../event/ids.ts';
import type { SignalKey } from '../key.ts';
import { redelivery } from './redelivery.ts';

const key: SignalKey = { kind: 'task', condition: 'redelivery', task: 'mail.send' };

test('a poison loop holds as soon as it is noted', () => {
  const bench = createDetectorBench();
  assert.deepEqual(bench.detect(redelivery), []);
  bench.noted('poison-loop');
  assert.deepEqual(outcomesOf(bench.detect(redelivery)), ['holds']);
});

test('a message that was executed twice is no poison loop', () => {
  const bench = createDetectorBench();
  bench.noted('run-twice', { times: 2 });
  assert.deepEqual(bench.detect(redelivery), []);
});

describe('quiet time of 15 minutes', () => {
  const cases = [
    { title: 'the loop holds until its end', passedMs: 15 * minute - 1, outcomes: ['holds'] },
    { title: 'the loop is over at its end', passedMs: 15 * minute, outcomes: [] },
  ];
  for (const { title, passedMs, outcomes } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.noted('poison-loop');
      bench.pass(passedMs);
      assert.deepEqual(outcomesOf(bench.detect(redelivery)), outcomes);
    });
  }

  test('a loop that fires clears at once, at the time of its last start', () => {
    const bench = createDetectorBench();
    bench.noted('poison-loop');
    bench.open(key);
    bench.pass(15 * minute);
    const { level, lastAt, clearMs } = conditionOf(bench.detect(redelivery));
    assert.deepEqual({ level, lastAt, clearMs }, { level: 'clear', lastAt: start, clearMs: 0 });
  });

  test('a further start of the message extends the loop, and adds its worker', () => {
    const bench = createDetectorBench();
    bench.noted('poison-loop');
    bench.pass(10 * minute);
    bench.startAttempt('1', { host: 'celery@mail-2' });
    bench.pass(10 * minute);
    const found = conditionOf(bench.detect(redelivery));
    assert.equal(found.level, 'holds');
    assert.deepEqual(found.subject.hosts, ['celery@mail-1', 'celery@mail-2']);
    assert.equal(found.subject.title, 'one message, started 4 times, never finished');
  });
});

test('the key is the task, and the subject names task, worker, queue and message', () => {
  const bench = createDetectorBench();
  bench.noted('poison-loop', { times: 5 });
  const found = conditionOf(bench.detect(redelivery));
  assert.deepEqual(found.key, key);
  assert.deepEqual(found.figures, { count: 1, limit: 1, withinMs: 0, baseline: undefined, of: undefined });
  assert.deepEqual(found.subject.tasks, ['mail.send']);
  assert.deepEqual(found.subject.queues, ['mail']);
  assert.deepEqual(found.subject.pools, ['celery@mail']);
  assert.equal(found.subject.cause, 'poison-loop');
  assert.deepEqual(found.subject.example, { taskId: 'task-1', traceId: 'trace-1' });
  assert.deepEqual(found.subject.taskIds, ['task-1']);
});

test('a hundred messages of one task are one condition, which counts each message and each failure once', () => {
  const bench = createDetectorBench();
  for (let index = 1; index <= 100; index += 1) bench.noted('poison-loop', { taskId: `task-${index}` as TaskId });
  const { counter, failures, subject } = conditionOf(bench.detect(redelivery));
  assert.deepEqual(counter, { now: 100, atFirst: 0 });
  assert.equal(failures, 100);
  assert.equal(subject.title, '100 messages, started 300 times in all, none of them finished');
  assert.equal(subject.taskIds?.length, 20);
  bench.evidence.markReported(key, 100);
  assert.equal(conditionOf(bench.detect(redelivery)).failures, 0);
});

test('two tasks are two conditions', () => {
  const bench = createDetectorBench();
  bench.noted('poison-loop');
  bench.noted('poison-loop', { taskId: 'task-2' as TaskId, task: 'mail.check' });
  assert.equal(bench.detect(redelivery).length, 2);
});

test('a message of an unknown task has no task in its subject', () => {
  const bench = createDetectorBench();
  bench.noted('poison-loop', { task: undefined });
  assert.deepEqual(conditionOf(bench.detect(redelivery)).subject.tasks, []);
});

test('the severity is high unless the policy of the task sets another one', () => {
  assert.equal(redelivery.severity, 'high');
  for (const severity of [undefined, 'critical'] as const) {
    const bench = createDetectorBench({ tasks: [taskPolicy({ severity })] });
    bench.noted('poison-loop');
    assert.equal(conditionOf(bench.detect(redelivery)).severity, severity);
  }
});
