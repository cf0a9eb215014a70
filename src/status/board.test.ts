import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../test/fakes/failure.ts';
import { aTask } from '../../test/fakes/transition.ts';
import type { Decision } from '../alert/decision.ts';
import type { Hostname } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { GroupCount } from '../failure/tally.ts';
import type { Task, Transition } from '../lifecycle/transition.ts';
import { Board } from './board.ts';

type TaskEnded = Extract<Transition, { kind: 'task-ended' }>;

function ended(outcome: TaskEnded['outcome'], facts: Partial<TaskEnded> = {}): TaskEnded {
  return {
    kind: 'task-ended',
    at: 5_000,
    task: aTask(),
    outcome,
    attempt: undefined,
    cause: undefined,
    corrects: undefined,
    ...facts,
  } as TaskEnded;
}

const taskWith = (facts: { readonly args?: string; readonly kwargs?: string }): Task => aTask(facts as Partial<Task>);
const groupOf = (fingerprint: string, count: number, lastAt = 0): GroupCount =>
  ({ fingerprint, count, firstAt: 0, lastAt }) as GroupCount;

function decisionOf(verdict: Decision['verdict']): Decision {
  return {
    at: 0,
    signal: 'failures.new',
    key: undefined,
    incident: undefined,
    task: undefined,
    exception: undefined,
    figures: undefined,
    failures: 1,
    verdict,
  };
}

test('outcomes are counted', () => {
  const board = new Board();
  for (const outcome of ['succeeded', 'succeeded', 'failed'] as const) board.recordTransition(ended(outcome), []);
  assert.deepEqual(board.snapshot(0).outcomes, { succeeded: 2, failed: 1 });
});

test('a corrected outcome moves to its new count', () => {
  const board = new Board();
  board.recordTransition(ended('lost'), []);
  board.recordTransition(ended('succeeded', { corrects: 'lost' }), []);
  assert.deepEqual(board.snapshot(0).outcomes, { lost: 0, succeeded: 1 });
});

test('the correction of an outcome before the start is counted once', () => {
  const board = new Board();
  board.recordTransition(ended('succeeded', { corrects: 'lost' }), []);
  assert.deepEqual(board.snapshot(0).outcomes, { succeeded: 1 });
});

test('the latest argument text with a redacted value is the example, keyword arguments first', () => {
  const board = new Board();
  const exampleAfter = (task: Task) => {
    board.recordTransition(ended('failed', { task }), []);
    return board.snapshot(0).redactedExample;
  };
  assert.equal(exampleAfter(taskWith({ args: '(1, 2)' })), undefined);
  assert.equal(exampleAfter(taskWith({ args: "('[redacted:token]',)" })), "('[redacted:token]',)");
  assert.equal(
    exampleAfter(taskWith({ args: '[redacted:a]', kwargs: "{'k': '[redacted:b]'}" })),
    "{'k': '[redacted:b]'}",
  );
  assert.equal(exampleAfter(taskWith({ kwargs: '{}' })), "{'k': '[redacted:b]'}");
});

test('groups are listed by count, then by their latest failure', () => {
  const board = new Board();
  board.recordFailure(failureOf({ fingerprint: 'a' }), groupOf('a', 1, 10));
  board.recordFailure(failureOf({ fingerprint: 'b' }), groupOf('b', 1, 20));
  board.recordFailure(failureOf({ fingerprint: 'c' }), groupOf('c', 5, 5));
  const { groups, failureCount } = board.snapshot(0);
  assert.deepEqual(
    groups.map(({ fingerprint, count }) => `${fingerprint} ${count}`),
    ['c 5', 'b 1', 'a 1'],
  );
  assert.equal(failureCount, 3);
});

test('a group shows the latest count, and a failure without a name an unknown task', () => {
  const board = new Board();
  board.recordFailure(failureOf(), groupOf('fingerprint-1', 1));
  board.recordFailure(failureOf({ task: undefined }), groupOf('fingerprint-1', 2));
  const [group, ...others] = board.snapshot(0).groups;
  assert.deepEqual([group?.count, group?.taskName, others.length], [2, 'unknown task', 0]);
});

test('beyond 200 groups the one without a failure for the longest time is evicted', () => {
  const board = new Board();
  for (let index = 0; index < 200; index += 1)
    board.recordFailure(failureOf({ fingerprint: `f${index}` }), groupOf(`f${index}`, 1));
  board.recordFailure(failureOf({ fingerprint: 'f0' }), groupOf('f0', 2));
  board.recordFailure(failureOf({ fingerprint: 'new' }), groupOf('new', 1));
  const shown = board.snapshot(0).groups.map(({ fingerprint }) => fingerprint);
  assert.equal(shown.length, 200);
  assert.deepEqual([shown.includes('f0'), shown.includes('f1'), shown.includes('new')], [true, false, true]);
});

test('decisions are counted by reason, and the latest hundred are listed, the newest first', () => {
  const board = new Board();
  for (let index = 0; index < 100; index += 1)
    board.recordDecision(decisionOf({ notify: false, reason: 'below-threshold', by: undefined }));
  board.recordDecision(decisionOf({ notify: true, reason: 'opened', action: 'post' }));
  const { decisions, decisionCounts } = board.snapshot(0);
  assert.deepEqual(decisionCounts, { 'below-threshold': 100, opened: 1 });
  assert.deepEqual([decisions.length, decisions[0]?.verdict.reason], [100, 'opened']);
});

test('notices add redactions, rejected messages, uncertain tasks and gaps', () => {
  const board = new Board();
  board.recordNotice({ kind: 'redacted', field: 'args', what: 'token', count: 2 });
  board.recordNotice({ kind: 'redacted', field: 'args', what: 'token', count: 1 });
  board.recordNotice({ kind: 'redacted', field: 'kwargs', what: 'token', count: 7 });
  board.recordNotice({ kind: 'message-rejected', source: 'celery', reason: 'pickle' });
  board.recordNotice({ kind: 'message-rejected', source: 'celery', reason: 'pickle' });
  board.recordNotice({ kind: 'tracked-tasks', count: 9, unsure: 4 });
  board.recordNotice({ kind: 'gap', source: 'celery', cause: 'too-slow', fromMs: 1_000, toMs: 3_000 });
  const { redactions, rejected, uncertainTasks, gaps } = board.snapshot(0);
  assert.deepEqual(redactions, [
    { field: 'kwargs', kind: 'token', count: 7 },
    { field: 'args', kind: 'token', count: 3 },
  ]);
  assert.deepEqual(rejected, { pickle: 2 });
  assert.equal(uncertainTasks, 4);
  assert.deepEqual(gaps, [{ source: 'celery', cause: 'too-slow', from: 1_000, to: 3_000 }]);
});

test('the latest twenty gaps are listed, the newest first', () => {
  const board = new Board();
  for (let from = 0; from < 21; from += 1)
    board.recordNotice({ kind: 'gap', source: 'celery', cause: 'too-slow', fromMs: from, toMs: from });
  const { gaps } = board.snapshot(0);
  assert.deepEqual([gaps.length, gaps[0]?.from, gaps.at(-1)?.from], [20, 20, 1]);
});

test('workers are replaced as a whole', () => {
  const board = new Board();
  const worker = {
    hostname: 'w1@a' as Hostname,
    pid: 1,
    state: 'online',
    lastSeenAt: 0,
    clockOffsetMs: 0,
    active: 1,
    processed: 2,
    software: undefined,
  } as const;
  board.recordWorkers([worker], 5);
  board.recordWorkers([], 0);
  const { workers, openTasks } = board.snapshot(0);
  assert.deepEqual([workers, openTasks], [[], 0]);
});

test('a text of a task is shown as it was redacted', () => {
  const board = new Board();
  board.recordFailure(failureOf({ title: 'KeyError: [text]' }), groupOf('fingerprint-1', 1));
  assert.equal(board.snapshot(0).groups[0]?.title, 'KeyError: [text]' as Redacted);
});

test('a transition without spans draws no trace', () => {
  const board = new Board();
  board.recordTransition(ended('failed', { at: 10_000 }), []);
  assert.deepEqual(board.snapshot(0).traces, []);
});

test('beyond 200 kinds of redactions only known ones are counted', () => {
  const board = new Board();
  const redact = (what: string) => board.recordNotice({ kind: 'redacted', field: 'args', what, count: 1 });
  for (let index = 0; index < 201; index += 1) redact(`kind ${index}`);
  redact('kind 0');
  const { redactions } = board.snapshot(0);
  assert.deepEqual([redactions.length, redactions[0]], [200, { field: 'args', kind: 'kind 0', count: 2 }]);
});
