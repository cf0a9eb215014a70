import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storyOf, storyStart, storyTaskId } from '../../test/fakes/task-story.ts';
import { type DerivedEvidence, evidenceOf } from './derive/evidence.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import { createLifecycleState, type LifecycleState } from './lifecycle-state.ts';
import { noteClearedByEvents, noteFindings, noteOnce } from './notes.ts';
import type { SuspicionKind } from './suspicion.ts';
import type { TaskRecord } from './tables/task-record.ts';
import type { TaskTable } from './tables/task-table.ts';
import type { Note, Transition } from './transition.ts';

const now = storyStart + 60_000;

function setUp(story: string): {
  state: LifecycleState;
  tasks: TaskTable;
  record: TaskRecord;
  evidence: DerivedEvidence;
} {
  const state = createLifecycleState(defaultLifecycleOptions);
  const { tasks } = state;
  const record = tasks.recordOf(storyTaskId);
  for (const event of storyOf(story)) record.add(event);
  return { state, tasks, record, evidence: evidenceOf(record.events, [], now) };
}

const notesOf = (transitions: readonly Transition[]): Note[] =>
  transitions.flatMap((one) => (one.kind === 'task-noted' ? [one.note] : []));

test('a note with one key is reported once, with another key again', () => {
  const { tasks, record, evidence } = setUp('sent');
  const note: Note = { what: 'suspected', of: 'vanished' };
  assert.deepEqual(notesOf(noteOnce(tasks, record, { evidence, note, key: 'a', now })), [note]);
  assert.deepEqual(noteOnce(tasks, record, { evidence, note, key: 'a', now }), []);
  assert.deepEqual(notesOf(noteOnce(tasks, record, { evidence, note, key: 'b', now })), [note]);
});

test('a finding is noted once per publication', () => {
  const twice = 'sent, received, started, succeeded, received on b, started on b, succeeded on b';
  const { state, record, evidence } = setUp(twice);
  assert.deepEqual(notesOf(noteFindings(state, record, { evidence, now })), [{ what: 'run-twice', runs: 2 }]);
  assert.deepEqual(noteFindings(state, record, { evidence, now }), []);
});

test('a task with one attempt has no findings', () => {
  const { state, record, evidence } = setUp('sent, received, started');
  assert.deepEqual(noteFindings(state, record, { evidence, now }), []);
});

const cleared: readonly { readonly kind: SuspicionKind | undefined; readonly want: readonly Note[] }[] = [
  { kind: 'lost', want: [{ what: 'cleared', of: 'lost', by: 'events' }] },
  { kind: 'vanished', want: [{ what: 'cleared', of: 'vanished', by: 'events' }] },
  { kind: 'overdue', want: [] },
  { kind: 'end-unreported', want: [] },
  { kind: 'end-uncertain', want: [] },
  { kind: 'not-redelivered', want: [] },
  { kind: undefined, want: [] },
];
for (const { kind, want } of cleared) {
  test(`events that clear ${kind ?? 'no suspicion'} are noted ${want.length === 0 ? 'not at all' : 'once'}`, () => {
    const { tasks, record, evidence } = setUp('received, started');
    if (kind !== undefined) {
      const base = { since: now, attemptStartedAt: undefined, hasGap: false, isUncertain: false, asked: 1 };
      record.suspicion = { ...base, kind, answers: new Map() };
    }
    assert.deepEqual(notesOf(noteClearedByEvents(tasks, record, { evidence, now })), want);
    assert.deepEqual(noteClearedByEvents(tasks, record, { evidence, now }), []);
  });
}
