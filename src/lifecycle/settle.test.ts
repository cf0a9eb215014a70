import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, resultAt, storyOf, storyStart, storyTaskId } from '../../test/fakes/task-story.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import { createLifecycleState } from './lifecycle-state.ts';
import { settle } from './settle.ts';
import type { Suspicion, SuspicionKind } from './suspicion.ts';

const now = storyStart + 60_000;

function setUp(story: string) {
  const state = createLifecycleState(defaultLifecycleOptions);
  const record = state.tasks.recordOf(storyTaskId);
  for (const event of storyOf(story)) record.add(event);
  return { state, record };
}

function suspicionOf(kind: SuspicionKind, attemptStartedAt: number | undefined): Suspicion {
  return { kind, since: now, attemptStartedAt, hasGap: false, isUncertain: false, answers: new Map(), asked: 1 };
}

test('an open task keeps its attempt and stays in the table', () => {
  const { state, record } = setUp('sent, received, started');
  assert.deepEqual(
    settle(state, record, now).map(({ kind }) => kind),
    ['task-queued', 'attempt-started'],
  );
  assert.deepEqual([record.openAttempt?.startedAt, record.endedAt], [storyStart + 200, undefined]);
});

test('an ended task has no open attempt and ends at the receipt of its last event', () => {
  const { state, record } = setUp('sent, received, started');
  settle(state, record, now);
  state.uncertain.add(record);
  record.add({ ...eventOf('succeeded', storyStart + 300), receivedAt: storyStart + 1_300 });
  settle(state, record, now);
  assert.deepEqual([record.openAttempt, record.endedAt, state.tasks.openCount], [undefined, storyStart + 1_300, 0]);
  assert.equal(state.uncertain.size, 0);
});

test('a task that goes on after its end is open again', () => {
  const { state, record } = setUp('sent, received, started, succeeded');
  settle(state, record, now);
  record.add(eventOf('sent', storyStart + 20_000));
  settle(state, record, now);
  assert.deepEqual([record.endedAt, state.tasks.openCount], [undefined, 1]);
});

test('a record without events reports nothing', () => {
  const { state, record } = setUp('sent');
  const empty = state.tasks.recordOf('other' as typeof record.id);
  assert.deepEqual(settle(state, empty, now), []);
});

test('a result in its grace period ends nothing, and then ends the task', () => {
  const { state, record } = setUp('received, started');
  settle(state, record, now);
  record.addResult(resultAt(now));
  assert.deepEqual(settle(state, record, now + 4_999), []);
  assert.deepEqual(
    settle(state, record, now + 5_000).map(({ kind }) => kind),
    ['attempt-ended', 'task-ended'],
  );
});

test('the runtime of a succeeded attempt enters the baseline', () => {
  const { state, record } = setUp('received, started, succeeded');
  settle(state, record, now);
  assert.equal(state.baseline.longestMs('mill.grind'), 5);
});

test('a started attempt fulfils the expectation of another attempt', () => {
  const { state, record } = setUp('received, started');
  record.nextAttempt = { because: 'in-queue', at: undefined };
  settle(state, record, now);
  assert.equal(record.nextAttempt, undefined);
});

const suspicions: readonly {
  readonly name: string;
  readonly story: string;
  readonly suspicion: Suspicion;
  readonly isKept: boolean;
  readonly notes: readonly string[];
}[] = [
  {
    name: 'a lost attempt that is still the open one',
    story: 'received, started',
    suspicion: suspicionOf('lost', storyStart + 100),
    isKept: true,
    notes: [],
  },
  {
    name: 'a lost attempt with a later one',
    story: 'received, started, received on b, started on b',
    suspicion: suspicionOf('lost', storyStart + 100),
    isKept: false,
    notes: ['cleared lost'],
  },
  {
    name: 'an overdue attempt with a later one, which is not reported',
    story: 'received, started, received on b, started on b',
    suspicion: suspicionOf('overdue', storyStart + 100),
    isKept: false,
    notes: [],
  },
  {
    name: 'a vanished task that is only sent',
    story: 'sent',
    suspicion: suspicionOf('vanished', undefined),
    isKept: true,
    notes: [],
  },
  {
    name: 'a vanished task that was received',
    story: 'sent, received',
    suspicion: suspicionOf('vanished', undefined),
    isKept: false,
    notes: ['cleared vanished'],
  },
];
for (const { name, story, suspicion, isKept, notes } of suspicions) {
  test(`${name}: the suspicion is ${isKept ? 'kept' : 'dropped'}`, () => {
    const { state, record } = setUp(story);
    record.suspicion = suspicion;
    const noted = settle(state, record, now).flatMap((one) =>
      one.kind === 'task-noted' && one.note.what === 'cleared' ? [`cleared ${one.note.of}`] : [],
    );
    assert.deepEqual([record.suspicion !== undefined, noted], [isKept, notes]);
  });
}

test('the end of a suspected task clears the suspicion with a note', () => {
  const { state, record } = setUp('received, started, succeeded');
  record.suspicion = suspicionOf('lost', storyStart + 100);
  const [note] = settle(state, record, now).filter(({ kind }) => kind === 'task-noted');
  assert.deepEqual(note?.kind === 'task-noted' && note.note, { what: 'cleared', of: 'lost', by: 'events' });
});

test('findings are noted once', () => {
  const { state, record } = setUp('sent, received, started, succeeded, received on b, started on b, succeeded on b');
  const notes = settle(state, record, now).filter(({ kind }) => kind === 'task-noted');
  assert.equal(notes.length, 1);
  assert.deepEqual(settle(state, record, now), []);
});
