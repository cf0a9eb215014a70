import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultAt, storyOf, storyStart, storyTaskId } from '../../test/fakes/task-story.ts';
import type { TaskRecord } from './tables/task-record.ts';
import { TaskTable } from './tables/task-table.ts';
import { summaryOf } from './task-summary.ts';

function recordOf(story: string, eta?: number): TaskRecord {
  const table = new TaskTable({ openMax: 9, rememberMs: 1 }, () => {});
  const record = table.recordOf(storyTaskId);
  for (const event of storyOf(story)) record.add('eta' in event ? { ...event, eta } : event);
  return record;
}

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
    const summary = summaryOf(recordOf(story), undefined);
    assert.deepEqual(
      [summary.outcome, summary.cause, summary.startedCount, summary.worker],
      [outcome, cause, started, worker],
    );
  });
}

test('a concluded outcome counts while the task is ended, not when it is open again', () => {
  const record = recordOf('received, started');
  record.setOutcome(0, 'lost');
  record.endedAt = storyStart + 40_000;
  assert.deepEqual([summaryOf(record, undefined).outcome, summaryOf(record, undefined).cause], ['lost', 'worker-lost']);
  record.endedAt = undefined;
  assert.equal(summaryOf(record, undefined).outcome, 'unknown');
});

test('an end event wins over a concluded outcome', () => {
  const record = recordOf('received, started, succeeded');
  record.setOutcome(0, 'lost');
  record.endedAt = storyStart + 40_000;
  assert.equal(summaryOf(record, undefined).outcome, 'succeeded');
});

test('a result counts at once', () => {
  const record = recordOf('received, started');
  record.addResult(resultAt(storyStart + 500));
  assert.equal(summaryOf(record, undefined).outcome, 'succeeded');
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
    assert.equal(summaryOf(recordOf(story, eta), undefined).nextAttempt?.because, want);
  });
}

test('the expectation of a witness wins', () => {
  const record = recordOf('sent, received, started, retried');
  record.nextAttempt = { because: 'unacknowledged', at: 7 };
  assert.deepEqual(summaryOf(record, undefined).nextAttempt, { because: 'unacknowledged', at: 7 });
});

test('findings of all publications are listed', () => {
  const story = 'received, started, received on b, started on b, received on c, started on c, received on d';
  assert.deepEqual(summaryOf(recordOf(story), undefined).findings, [{ what: 'poison-loop', starts: 3 }]);
});

test('the task has the given span of its parent', () => {
  assert.equal(summaryOf(recordOf('sent'), 'parent').task.parentSpanId, 'parent');
});
