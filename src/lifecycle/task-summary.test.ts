import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultAt, type StoryEvent, storyOf, storyStart, storyTaskId } from '../../test/fakes/task-story.ts';
import type { TaskId } from '../event/ids.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import { createLifecycleState } from './lifecycle-state.ts';
import { parentSpanIdOf } from './parent-span.ts';
import type { TaskRecord } from './tables/task-record.ts';
import { summaryOf, type TaskSummary } from './task-summary.ts';

function recordOf(story: string, eta?: number): TaskRecord {
  const record = createLifecycleState(defaultLifecycleOptions).tasks.recordOf(storyTaskId);
  for (const event of storyOf(story)) record.add('eta' in event ? { ...event, eta } : event);
  return record;
}

const summary = (record: TaskRecord): TaskSummary => summaryOf(createLifecycleState(defaultLifecycleOptions), record);

const cases: readonly {
  readonly story: string;
  readonly outcome: string;
  readonly cause?: string;
  readonly started: number;
  readonly worker?: string;
}[] = [
  { story: 'sent', outcome: 'unknown', started: 0 },
  { story: 'sent, received, started', outcome: 'unknown', started: 1, worker: 'w@a' },
  { story: 'sent, received, started, failed', outcome: 'failed', cause: 'app-error', started: 1, worker: 'w@a' },
  { story: 'sent, received on b, expired on b', outcome: 'expired', cause: 'expired', started: 0, worker: 'w@b' },
  {
    story: 'sent, received, started, received on b, started on b, succeeded on b',
    outcome: 'recovered',
    started: 2,
    worker: 'w@b',
  },
  {
    story: 'received, started, succeeded, received, started, failed',
    outcome: 'failed',
    cause: 'app-error',
    started: 2,
    worker: 'w@a',
  },
  { story: 'sent, received, started, requeued', outcome: 'unknown', cause: 'requeued', started: 1, worker: 'w@a' },
];
for (const { story, outcome, cause, started, worker } of cases) {
  test(`"${story}" is summed up as ${outcome} with ${started} starts`, () => {
    const summed = summary(recordOf(story));
    assert.deepEqual(
      [summed.outcome, summed.cause, summed.startedCount, summed.worker],
      [outcome, cause, started, worker],
    );
  });
}

test('a concluded outcome counts while the task is ended, not when it is open again', () => {
  const record = recordOf('received, started');
  record.setOutcome(0, 'lost');
  record.endedAt = storyStart + 40_000;
  assert.deepEqual([summary(record).outcome, summary(record).cause], ['lost', 'worker-lost']);
  record.endedAt = undefined;
  assert.equal(summary(record).outcome, 'unknown');
});

for (const story of [
  'sent, received, started, received on b, started on b, succeeded on b, requeued',
  'sent, received on b, started on b, succeeded on b, received, started, requeued',
])
  test(`a requeue that is stamped after the success of another attempt gives neither state nor cause: ${story}`, () => {
    const { task, outcome, cause } = summary(recordOf(story));
    assert.deepEqual([task.state, outcome, cause], ['success', 'recovered', undefined]);
  });

test('an end event wins over a concluded outcome', () => {
  const record = recordOf('received, started, succeeded');
  record.setOutcome(0, 'lost');
  record.endedAt = storyStart + 40_000;
  assert.equal(summary(record).outcome, 'succeeded');
});

test('a result counts at once', () => {
  const record = recordOf('received, started');
  record.addResult(resultAt(storyStart + 500));
  assert.equal(summary(record).outcome, 'succeeded');
});

const expectations: readonly { readonly story: string; readonly eta?: number; readonly want: string | undefined }[] = [
  { story: 'sent', want: 'in-queue' },
  { story: 'sent', eta: storyStart + 9_000, want: 'eta' },
  { story: 'sent, received', want: 'reserved' },
  { story: 'sent, received', eta: storyStart + 9_000, want: 'eta' },
  { story: 'sent, received, started', want: undefined },
  { story: 'sent, received, started, retried', want: 'retry' },
  { story: 'sent, received, started, requeued', want: 'requeued' },
  { story: 'sent, received, started, cancelled', want: 'requeued' },
  { story: 'sent, received, started, received on b', want: 'reserved' },
  { story: 'sent, received, started, succeeded', want: undefined },
];
for (const { story, eta, want } of expectations) {
  test(`after "${story}"${eta === undefined ? '' : ' with an eta'} ${want === undefined ? 'no' : `a`} next attempt is expected${want === undefined ? '' : `: ${want}`}`, () => {
    assert.equal(summary(recordOf(story, eta)).nextAttempt?.because, want);
  });
}

test('the expectation of a witness wins', () => {
  const record = recordOf('sent, received, started, retried');
  record.nextAttempt = { because: 'unacknowledged', at: 7 };
  assert.deepEqual(summary(record).nextAttempt, { because: 'unacknowledged', at: 7 });
});

test('findings of all publications are listed', () => {
  const story = 'received, started, requeued, received, started, requeued, received, started, requeued';
  assert.deepEqual(summary(recordOf(story)).findings, [{ what: 'poison-loop', starts: 3 }]);
});

test('the task has the span of its parent', () => {
  const state = createLifecycleState(defaultLifecycleOptions);
  const [parent, child] = [state.tasks.recordOf('parent' as TaskId), state.tasks.recordOf(storyTaskId)];
  for (const record of [parent, child]) {
    for (const event of storyOf('sent')) record.add({ ...event, rootId: parent.id, parentId: parent.id } as StoryEvent);
  }
  assert.equal(summaryOf(state, child).task.parentSpanId, parentSpanIdOf(state.tasks, child));
  assert.notEqual(parentSpanIdOf(state.tasks, child), undefined);
});
