import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf as someFailure } from '../../test/fakes/failure.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Attempt, Cause, Outcome, Task, Transition } from '../lifecycle/transition.ts';
import { type Failure, failureOf as failureUnder } from './failure.ts';
import { type GroupingRule, noPolicy } from './grouping-policy.ts';

const { task } = someFailure();

function failureOf(transition: Transition): Failure | undefined {
  const failure = failureUnder(transition);
  assert.ok(failure !== 'ignored');
  return failure;
}

const attemptOf = (facts: Partial<Attempt> = {}): Attempt => ({ ...(someFailure().attempt as Attempt), ...facts });

interface Ended {
  readonly outcome?: Outcome;
  readonly cause?: Cause | undefined;
  readonly attempt?: Attempt | undefined;
  readonly task?: Task;
}

function ended(facts: Ended = {}): Transition {
  const { outcome = 'failed', cause = 'app-error' } = facts;
  const attempt = 'attempt' in facts ? facts.attempt : attemptOf();
  return {
    kind: 'task-ended',
    at: 5_000,
    task: facts.task ?? task,
    outcome,
    cause,
    attempt,
    unbegun: [],
    corrects: undefined,
  };
}

const text = (type: string, message: string, traceback?: string) => ({
  type: type as Redacted,
  message: message as Redacted,
  traceback: traceback as Redacted | undefined,
});

const outcomes: readonly (readonly [Outcome, boolean])[] = [
  ['failed', true],
  ['exhausted', true],
  ['lost', true],
  ['rejected', true],
  ['expired', true],
  ['succeeded', false],
  ['recovered', false],
  ['revoked', false],
  ['cancelled', false],
  ['unknown', false],
];
for (const [outcome, isTold] of outcomes) {
  test(`a task that ended as ${outcome} is ${isTold ? 'a' : 'no'} failure`, () => {
    assert.equal(failureOf(ended({ outcome })) !== undefined, isTold);
  });
}

for (const cause of ['revoked', 'terminated', 'cancelled'] as const) {
  test(`a task that somebody had ${cause} is no failure, whatever its worker said`, () => {
    assert.equal(failureOf(ended({ outcome: 'failed', cause })), undefined);
  });
}

test('what a worker said without an attempt tells type, title and group', () => {
  const unknown = (name: string) =>
    failureOf(
      ended({
        cause: 'unregistered',
        attempt: undefined,
        task: { ...task, name: undefined, exception: text('NotRegistered', name) },
      }),
    );
  assert.equal(unknown('depot.gone')?.title, 'NotRegistered: the worker does not know depot.gone');
  assert.notEqual(unknown('depot.gone')?.fingerprint, unknown('depot.moved')?.fingerprint);
});

test('only the end of a task is a failure, not that of an attempt', () => {
  assert.equal(failureOf({ kind: 'attempt-ended', at: 1, task, attempt: attemptOf(), wait: undefined }), undefined);
  assert.equal(failureOf({ kind: 'task-queued', at: 1, task }), undefined);
});

const idOf = (facts: Ended): string | undefined => failureOf(ended(facts))?.id;

test('the id is the same for every observer, and another for another attempt or life', () => {
  assert.match(idOf({}) ?? '', /^[0-9a-f]{32}$/);
  assert.equal(idOf({}), idOf({ attempt: attemptOf({ pid: 7, receivedAt: 1 }) }));
  const others: Ended[] = [
    { task: { ...task, publication: 1 } },
    { attempt: attemptOf({ key: '1.1' }) },
    { attempt: undefined },
  ];
  assert.equal(new Set([{}, ...others].map(idOf)).size, 4);
});

test('an attempt that was told to be lost and then to have failed is one failure', () => {
  assert.equal(idOf({ outcome: 'lost' }), idOf({ outcome: 'failed' }));
});

const titles: readonly { readonly name: string; readonly facts: Ended; readonly want: string }[] = [
  {
    name: 'short class and message',
    facts: { attempt: attemptOf({ exception: text('depot.errors.Taken', 'room 12') }) },
    want: 'Taken: room 12',
  },
  {
    name: 'a class alone',
    facts: { attempt: attemptOf({ exception: text('AssertionError', '') }) },
    want: 'AssertionError',
  },
  { name: 'nothing told', facts: { attempt: attemptOf() }, want: 'app-error: the worker told no exception' },
  {
    name: 'a killed process',
    facts: { outcome: 'lost', cause: 'worker-lost', attempt: attemptOf({ signal: 'SIGKILL' }) },
    want: 'WorkerLost: its process was killed by SIGKILL',
  },
  {
    name: 'a process that left',
    facts: {
      cause: 'worker-lost',
      attempt: attemptOf({ exception: text('WorkerLostError', 'Worker exited prematurely: exitcode 3 Job: 1.') }),
    },
    want: 'WorkerLost: its process exited with code 3',
  },
  {
    name: 'silence',
    facts: { outcome: 'lost', cause: 'worker-lost' },
    want: 'WorkerLost: its worker went away while it ran',
  },
  {
    name: 'a hard limit',
    facts: {
      cause: 'hard-time-limit',
      attempt: attemptOf({ exception: text('TimeLimitExceeded', 'TimeLimitExceeded(30,)') }),
    },
    want: 'TimeLimitExceeded: killed at its hard time limit of 30 s',
  },
  {
    name: 'an unknown task',
    facts: { cause: 'unregistered', attempt: attemptOf({ exception: text('NotRegistered', 'depot.gone') }) },
    want: 'NotRegistered: the worker does not know depot.gone',
  },
  {
    name: 'an expired task',
    facts: { outcome: 'expired', cause: 'expired', attempt: undefined },
    want: 'Expired: nobody ran it before its time was over',
  },
  {
    name: 'a rejected message',
    facts: { outcome: 'rejected', cause: 'rejected' },
    want: 'Rejected: the task rejected its message, which is gone',
  },
];
for (const { name, facts, want } of titles)
  test(`the title of ${name}`, () => assert.equal(failureOf(ended(facts))?.title, want));

test('a title is one line of at most 200 characters', () => {
  const exception = text('E', `one\ntwo ${'x'.repeat(300)}`);
  const title = failureOf(ended({ attempt: attemptOf({ exception }) }))?.title ?? '';
  assert.equal(title.length, 200);
  assert.match(title, /^E: one two x+…$/);
});

test('the traceback is parsed, and tells the class and the fingerprint', () => {
  const traceback =
    'Traceback (most recent call last):\n  File "/app/billing/tasks.py", line 4, in charge\n    pay()\nConnectionResetError: [Errno 104] Connection reset by peer\n';
  const exception = text('ConnectionResetError', '[Errno 104] Connection reset by peer', traceback);
  const failure = failureOf(ended({ outcome: 'exhausted', attempt: attemptOf({ exception }) })) as Failure;
  assert.equal(failure.exception?.frames[0]?.function, 'charge');
  assert.equal(failure.class, 'transient');
  assert.notEqual(failure.fingerprint, failureOf(ended())?.fingerprint);
});

test('a failure that a rule ignores is none, and says so', () => {
  const rule: GroupingRule = {
    name: 'cards',
    match: { tasks: ['billing.*'], exceptions: ['*Declined'], messages: [], frames: [] },
    parts: undefined,
    isIgnored: true,
    class: undefined,
  };
  const policy = { ...noPolicy, rules: [rule] };
  const declined = ended({ attempt: attemptOf({ exception: text('shop.PaymentDeclined', 'no funds') }) });
  const other = ended({ attempt: attemptOf({ exception: text('KeyError', "'card'") }) });
  assert.equal(failureUnder(declined, policy), 'ignored');
  assert.notEqual(failureUnder(other, policy), 'ignored');
});
