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
for (const [outcome, isFailure] of outcomes) {
  test(`a task that ended as ${outcome} is ${isFailure ? 'a' : 'no'} failure`, () => {
    assert.equal(failureOf(ended({ outcome })) !== undefined, isFailure);
  });
}

for (const cause of ['revoked', 'terminated', 'cancelled'] as const) {
  test(`a task that an operator had ${cause} is no failure, also if its worker reports one`, () => {
    assert.equal(failureOf(ended({ outcome: 'failed', cause })), undefined);
  });
}

test('an exception without an attempt decides title and group', () => {
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

test('an attempt reported lost and then failed is one failure', () => {
  assert.equal(idOf({ outcome: 'lost' }), idOf({ outcome: 'failed' }));
});

test('the parsed traceback decides the class and the fingerprint', () => {
  const traceback =
    'Traceback (most recent call last):\n  File "/app/billing/tasks.py", line 4, in charge\n    pay()\nConnectionResetError: [Errno 104] Connection reset by peer\n';
  const exception = text('ConnectionResetError', '[Errno 104] Connection reset by peer', traceback);
  const failure = failureOf(ended({ outcome: 'exhausted', attempt: attemptOf({ exception }) })) as Failure;
  assert.equal(failure.exception?.frames[0]?.function, 'charge');
  assert.equal(failure.class, 'transient');
  assert.notEqual(failure.fingerprint, failureOf(ended())?.fingerprint);
});

test('a failure that a rule ignores is reported as ignored', () => {
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
