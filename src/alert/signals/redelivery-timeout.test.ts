import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { conditionOf, createDetectorBench, minute, outcomesOf, second } from '../../../test/fakes/detector.ts';
import type { TaskId } from '../../event/ids.ts';
import type { SignalKey } from '../key.ts';
import { redeliveryTimeout } from './redelivery-timeout.ts';

const key: SignalKey = { kind: 'self', condition: 'visibility-timeout' };

/** One message executed twice for each time between its deliveries. */
function twice(...intervalsMs: readonly (number | undefined)[]) {
  const bench = createDetectorBench();
  for (const [index, redeliveredAfterMs] of intervalsMs.entries())
    bench.noted('run-twice', { taskId: `task-${index}` as TaskId, times: 2, redeliveredAfterMs });
  return bench;
}

describe('the condition', () => {
  const cases = [
    { title: 'one message may be chance', intervals: [30], outcomes: [] },
    { title: 'two messages after the same time', intervals: [30, 30], outcomes: ['holds'] },
    { title: 'a second delivery that waited for a worker', intervals: [30, 52], outcomes: ['holds'] },
    { title: 'two messages after different times', intervals: [30, 53], outcomes: [] },
    { title: 'most messages after the same time', intervals: [30, 31, 500], outcomes: ['holds'] },
    { title: 'half of the messages after the same time', intervals: [30, 31, 500, 700], outcomes: [] },
    { title: 'messages that did not run at the same time', intervals: [undefined, undefined, 30], outcomes: [] },
  ];
  for (const { title, intervals, outcomes } of cases) {
    test(`${title}: ${outcomes.join() || 'none'}`, () => {
      const bench = twice(...intervals.map((seconds) => (seconds === undefined ? undefined : seconds * second)));
      assert.deepEqual(outcomesOf(bench.detect(redeliveryTimeout)), outcomes);
    });
  }

  test('is about all tasks, and needs no policy of a task', () => {
    const bench = twice(30 * second);
    const more = { taskId: 'other' as TaskId, task: 'reports.build', times: 2, redeliveredAfterMs: 31 * second };
    bench.noted('run-twice', more);
    const { key: found, subject, counter } = conditionOf(bench.detect(redeliveryTimeout));
    assert.deepEqual(found, key);
    assert.deepEqual(subject.tasks, ['mail.send', 'reports.build']);
    assert.deepEqual(subject.taskIds, ['task-0', 'other']);
    assert.deepEqual(counter, { now: 2, atFirst: 0 });
    assert.equal(subject.title, 'the broker delivered messages again after 30 s, before their first run had ended');
  });

  test('names a long time in minutes', () => {
    const { subject } = conditionOf(twice(60 * minute, 61 * minute).detect(redeliveryTimeout));
    assert.match(subject.title, /again after 60 min,/);
  });

  test('a poison loop is none', () => {
    const bench = createDetectorBench();
    for (const taskId of ['a', 'b'] as TaskId[])
      bench.noted('poison-loop', { taskId, redeliveredAfterMs: 30 * second });
    assert.deepEqual(bench.detect(redeliveryTimeout), []);
  });
});

for (const { intervalMs, quietMs } of [
  { intervalMs: 30 * second, quietMs: 60 * minute },
  { intervalMs: 40 * minute, quietMs: 120 * minute },
]) {
  test(`after an interval of ${intervalMs} ms it is over when no message came for ${quietMs} ms`, () => {
    const bench = twice(intervalMs, intervalMs);
    bench.open(key);
    bench.pass(quietMs - 1);
    assert.deepEqual(outcomesOf(bench.detect(redeliveryTimeout)), ['holds']);
    bench.pass(1);
    assert.deepEqual(outcomesOf(bench.detect(redeliveryTimeout)), ['clear']);
  });
}
