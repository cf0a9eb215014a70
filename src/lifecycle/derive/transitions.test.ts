import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storyOf, storyStart, storyTaskId } from '../../../test/fakes/task-story.ts';
import type { Outcome, Transition } from '../transition.ts';
import { type DerivedEvidence, evidenceOf } from './evidence.ts';
import { noAttributes } from './task-attributes.ts';
import { causeOfTimedEnd, deriveNote, deriveTimedEnd, deriveTransitions, type ReportableTask } from './transitions.ts';

const now = storyStart + 60_000;

/** A task that remembers its reports in plain collections. */
function reportable(): ReportableTask {
  const reported = new Set<string>();
  const outcomes: Outcome[] = [];
  return {
    id: storyTaskId,
    attributes: { ...noAttributes, id: storyTaskId, rootId: undefined, parentId: undefined },
    reportOnce: (key) => reported.size !== reported.add(key).size,
    outcomeOf: (publication) => outcomes[publication],
    setOutcome(publication, outcome) {
      outcomes[publication] = outcome;
    },
  };
}

const evidence = (story: string): DerivedEvidence => evidenceOf(storyOf(story), [], now);
const kindsOf = (transitions: readonly Transition[]): string[] => transitions.map(({ kind }) => kind);

const alive = { parentSpanId: undefined, fateOf: () => undefined };

test('the transitions of a task come in order of its events', () => {
  const transitions = deriveTransitions(reportable(), evidence('sent, received, started, failed'), alive);
  assert.deepEqual(kindsOf(transitions), ['task-queued', 'attempt-started', 'attempt-ended', 'task-ended']);
  assert.deepEqual(
    transitions.map(({ at }) => at - storyStart),
    [0, 200, 300, 300],
  );
});

test('the same evidence is reported once', () => {
  const record = reportable();
  deriveTransitions(record, evidence('sent, received, started'), alive);
  assert.deepEqual(deriveTransitions(record, evidence('sent, received, started'), alive), []);
});

test('new evidence adds only its own transitions', () => {
  const record = reportable();
  deriveTransitions(record, evidence('sent, received, started'), alive);
  const transitions = deriveTransitions(record, evidence('sent, received, started, succeeded'), alive);
  assert.deepEqual(kindsOf(transitions), ['attempt-ended', 'task-ended']);
});

test('each publication of an id is queued and ended', () => {
  const story = 'sent, received, started, succeeded, sent, received, started, failed';
  const ends = deriveTransitions(reportable(), evidence(story), alive).filter(({ kind }) => kind === 'task-ended');
  assert.deepEqual(
    ends.map((end) => [end.task.publication, end.kind === 'task-ended' && end.outcome]),
    [
      [0, 'succeeded'],
      [1, 'failed'],
    ],
  );
});

test('another outcome of a reported task corrects the first', () => {
  const record = reportable();
  deriveTransitions(record, evidence('received, started, failed'), alive);
  const [corrected, ...others] = deriveTransitions(record, evidence('received, started, failed, succeeded'), alive);
  assert.ok(corrected?.kind === 'task-ended');
  assert.deepEqual([corrected.outcome, corrected.corrects, others], ['succeeded', 'failed', []]);
});

for (const fate of ['lost', 'unknown'] as const) {
  test(`an attempt that its task ended without ends as ${fate} by its fate, at the next receipt, and once`, () => {
    const story = 'sent, received, started, received on b, started on b, succeeded on b';
    const record = reportable();
    const endsWith = (fateOf: () => typeof fate | undefined): Transition[] =>
      deriveTransitions(record, evidence(story), { ...alive, fateOf }).filter(({ kind }) => kind === 'attempt-ended');
    assert.equal(endsWith(() => undefined).length, 1);
    const [end, ...others] = endsWith(() => fate);
    assert.deepEqual([end?.kind === 'attempt-ended' && end.attempt.outcome, end?.at], [fate, storyStart + 300]);
    assert.deepEqual([others, endsWith(() => fate)], [[], []]);
  });
}

test('a superseded attempt of an open task is not reported as ended', () => {
  const transitions = deriveTransitions(reportable(), evidence('received, started, received on b, started on b'), {
    ...alive,
    fateOf: () => 'lost',
  });
  assert.deepEqual(kindsOf(transitions), ['task-queued', 'attempt-started', 'attempt-started']);
});

test('an attempt that sent its own id again ends as replaced', () => {
  const story = 'sent, received, started, sent, received, started, succeeded';
  const outcomes = deriveTransitions(reportable(), evidence(story), alive).flatMap((one) =>
    one.kind === 'attempt-ended' ? [one.attempt.outcome] : [],
  );
  assert.deepEqual(outcomes, ['replaced', 'succeeded']);
});

test('the send is reported once: with its attempt, and otherwise with the task', () => {
  const started = deriveTransitions(reportable(), evidence('sent, received, started, succeeded'), alive);
  const [attempt, task] = started.slice(-2);
  assert.equal(attempt?.kind === 'attempt-ended' && attempt.wait?.send?.key, '0.0.1');
  assert.deepEqual(task?.kind === 'task-ended' && task.unbegun, []);
  const expired = deriveTransitions(reportable(), evidence('sent, received, expired'), alive).at(-1);
  assert.deepEqual(expired?.kind === 'task-ended' && expired.unbegun.map(({ key }) => key), ['0.0.1']);
});

test('the task in a transition has the span of its parent', () => {
  const [queued] = deriveTransitions(reportable(), evidence('sent'), { ...alive, parentSpanId: 'parent' });
  assert.equal(queued?.task.parentSpanId, 'parent');
});

const timedEnds: readonly {
  readonly outcome: 'lost' | 'vanished' | 'expired' | 'unknown';
  readonly attempt: string;
  readonly cause: string | undefined;
}[] = [
  { outcome: 'lost', attempt: 'lost', cause: 'worker-lost' },
  { outcome: 'vanished', attempt: 'unknown', cause: 'vanished' },
  { outcome: 'expired', attempt: 'unknown', cause: 'expired' },
  { outcome: 'unknown', attempt: 'unknown', cause: undefined },
];
for (const { outcome, attempt, cause } of timedEnds) {
  test(`a task concluded as ${outcome} ends its attempt as ${attempt}, by ${cause ?? 'no cause'}`, () => {
    assert.equal(causeOfTimedEnd(outcome), cause);
    const end = { now, outcome, isLast: true, parentSpanId: undefined };
    const [first, last] = deriveTimedEnd(reportable(), evidence('sent, received, started'), end);
    assert.ok(first?.kind === 'attempt-ended' && last?.kind === 'task-ended');
    // The last event of the task.
    const at = outcome === 'unknown' ? storyStart + 200 : now;
    assert.deepEqual([first.attempt.outcome, first.attempt.endedAt, first.at, last.at], [attempt, at, at, at]);
    assert.deepEqual([last.outcome, last.cause, last.attempt?.key], [outcome, cause, '0.0.1']);
  });
}

test('a conclusion that is not the last ends the attempt only', () => {
  const end = { now, outcome: 'lost', isLast: false, parentSpanId: undefined } as const;
  assert.deepEqual(kindsOf(deriveTimedEnd(reportable(), evidence('received, started'), end)), ['attempt-ended']);
});

test('a conclusion about a task without an attempt ends the task only', () => {
  const end = { now, outcome: 'vanished', isLast: true, parentSpanId: undefined } as const;
  const [ended, ...others] = deriveTimedEnd(reportable(), evidence('sent'), end);
  assert.ok(ended?.kind === 'task-ended');
  assert.deepEqual([ended.attempt, ended.unbegun.map(({ key }) => key), others], [undefined, ['0.0.1'], []]);
});

test('a task that has an outcome is not concluded again', () => {
  const record = reportable();
  deriveTransitions(record, evidence('received, started, succeeded'), alive);
  const end = { now, outcome: 'unknown', isLast: true, parentSpanId: undefined } as const;
  assert.deepEqual(deriveTimedEnd(record, evidence('received, started, succeeded'), end), []);
});

test('a late end corrects a concluded task and reports its attempt once', () => {
  const record = reportable();
  deriveTimedEnd(record, evidence('received, started'), {
    now,
    outcome: 'lost',
    isLast: true,
    parentSpanId: undefined,
  });
  const late = deriveTransitions(record, evidence('received, started, succeeded'), alive);
  assert.equal(late.filter(({ kind }) => kind === 'attempt-ended').length, 0);
  const ended = late.at(-1);
  assert.deepEqual(ended?.kind === 'task-ended' && [ended.outcome, ended.corrects], ['succeeded', 'lost']);
});

test('a note is about the last publication of the task', () => {
  const noted = deriveNote(reportable(), evidence('sent, received, started, succeeded, sent'), {
    note: { what: 'suspected', of: 'vanished' },
    now,
    parentSpanId: undefined,
  });
  assert.deepEqual(
    [noted.kind, noted.at, noted.task.publication, noted.kind === 'task-noted' && noted.note],
    ['task-noted', now, 1, { what: 'suspected', of: 'vanished' }],
  );
});
