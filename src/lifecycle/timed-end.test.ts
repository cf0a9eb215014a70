import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storyOf, storyStart, storyTaskId } from '../../test/fakes/task-story.ts';
import type { TaskId } from '../event/ids.ts';
import { evidenceOf } from './derive/evidence.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import { createLifecycleState } from './lifecycle-state.ts';
import { settle } from './settle.ts';
import { concludeEnd, concludeEvicted } from './timed-end.ts';

const now = storyStart + 60_000;

function setUp(story: string, openTasksMax = 10) {
  const state = createLifecycleState({ ...defaultLifecycleOptions, openTasksMax });
  const record = state.tasks.recordOf(storyTaskId);
  for (const event of storyOf(story)) record.add(event);
  settle(state, record, now);
  return { state, record, evidence: evidenceOf(record.events, [], now) };
}

test('the last conclusion ends attempt and task', () => {
  const { state, record, evidence } = setUp('received, started');
  const transitions = concludeEnd(state, record, { evidence, now, outcome: 'lost', isLast: true });
  assert.deepEqual(
    transitions.map(({ kind }) => kind),
    ['attempt-ended', 'task-ended'],
  );
  assert.deepEqual(
    [record.endedAt, record.openAttempt, state.running.onWorker(storyOf('started')[0]?.hostname as never)],
    [now, undefined, []],
  );
});

test('another conclusion ends the attempt and leaves the task open', () => {
  const { state, record, evidence } = setUp('received, started');
  const transitions = concludeEnd(state, record, { evidence, now, outcome: 'lost', isLast: false });
  assert.deepEqual(
    transitions.map(({ kind }) => kind),
    ['attempt-ended'],
  );
  assert.deepEqual([record.endedAt, record.openAttempt], [undefined, undefined]);
});

test('a task that ended by an event is not concluded', () => {
  const { state, record, evidence } = setUp('received, started, succeeded');
  assert.deepEqual(concludeEnd(state, record, { evidence, now, outcome: 'lost', isLast: true }), []);
});

test('an evicted task ends as unknown, once', () => {
  const { state } = setUp('received, started', 1);
  state.tasks.recordOf('another' as TaskId);
  const transitions = concludeEvicted(state, now);
  assert.deepEqual(
    transitions.map((one) => [one.kind, 'outcome' in one && one.outcome]),
    [
      ['attempt-ended', false],
      ['task-ended', 'unknown'],
    ],
  );
  assert.deepEqual(concludeEvicted(state, now), []);
});

test('an evicted task without events reports nothing', () => {
  const state = createLifecycleState({ ...defaultLifecycleOptions, openTasksMax: 1 });
  state.tasks.recordOf('a' as TaskId);
  state.tasks.recordOf('b' as TaskId);
  assert.deepEqual(concludeEvicted(state, now), []);
});

test('an evicted running task leaves its worker and the uncertain tasks', () => {
  const { state, record } = setUp('received, started', 1);
  state.uncertain.add(record);
  state.tasks.recordOf('another' as TaskId);
  assert.deepEqual([record.openAttempt, state.uncertain.size, state.evictions.takeCount()], [undefined, 0, 1]);
});
