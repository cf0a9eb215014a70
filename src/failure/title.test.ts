import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../test/fakes/failure.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Attempt, Cause } from '../lifecycle/transition.ts';
import type { FailedTask } from './facts.ts';
import { titleOf } from './title.ts';

const { task } = failureOf();
const attemptOf = (fields: Partial<Attempt> = {}): Attempt => ({
  ...(failureOf().attempt as Attempt),
  exception: undefined,
  signal: undefined,
  ...fields,
});
const exceptionOf = (type: string, message: string) => ({
  type: type as Redacted,
  message: message as Redacted,
  traceback: undefined,
});
const failed = (cause: Cause, attempt: Attempt | undefined = attemptOf()): FailedTask => ({ task, attempt, cause });
const raised = (cause: Cause, type: string, message: string): FailedTask =>
  failed(cause, attemptOf({ exception: exceptionOf(type, message) }));

const cases: readonly { readonly name: string; readonly of: FailedTask; readonly want: string }[] = [
  {
    name: 'an exception is its short class and its message',
    of: raised('app-error', 'depot.errors.Taken', 'room 12'),
    want: 'Taken: room 12',
  },
  {
    name: 'an exception without a message is its class alone',
    of: raised('app-error', 'AssertionError', ''),
    want: 'AssertionError',
  },
  {
    name: 'a failure without an exception names its cause',
    of: failed('app-error'),
    want: 'app-error: the worker reported no exception',
  },
  {
    name: 'a soft limit states no seconds, because Celery sends none',
    of: raised('soft-time-limit', 'SoftTimeLimitExceeded', 'SoftTimeLimitExceeded()'),
    want: 'SoftTimeLimitExceeded: ran longer than its soft time limit',
  },
  {
    name: 'a hard limit states its seconds',
    of: raised('hard-time-limit', 'TimeLimitExceeded', 'TimeLimitExceeded(30.5,)'),
    want: 'TimeLimitExceeded: killed at its hard time limit of 30.5 s',
  },
  {
    name: 'a hard limit without seconds in the message',
    of: raised('hard-time-limit', 'TimeLimitExceeded', ''),
    want: 'TimeLimitExceeded: killed at its hard time limit',
  },
  {
    name: 'a killed process names the signal',
    of: failed('worker-lost', attemptOf({ signal: 'SIGKILL' })),
    want: 'WorkerLost: its process was killed by SIGKILL',
  },
  {
    name: 'a process that exited names its exit code',
    of: raised('worker-lost', 'WorkerLostError', 'Worker exited prematurely: exitcode 3 Job: 1.'),
    want: 'WorkerLost: its process exited with code 3',
  },
  {
    name: 'a negative exit code keeps its sign',
    of: raised('worker-lost', 'WorkerLostError', 'Worker exited prematurely: exitcode -11.'),
    want: 'WorkerLost: its process exited with code -11',
  },
  {
    name: 'a silent worker',
    of: failed('worker-lost'),
    want: 'WorkerLost: its worker died while the task ran',
  },
  {
    name: 'an unregistered task is named as in the message',
    of: raised('unregistered', 'NotRegistered', 'depot.gone'),
    want: 'NotRegistered: the worker does not know depot.gone',
  },
  {
    name: 'an unregistered task without a message is named by its events',
    of: failed('unregistered'),
    want: `NotRegistered: the worker does not know ${task.name}`,
  },
  {
    name: 'an unregistered task without any name',
    of: { ...failed('unregistered'), task: { ...task, name: undefined } },
    want: 'NotRegistered: the worker does not know this task',
  },
  {
    name: 'an expired task',
    of: { task, attempt: undefined, cause: 'expired' },
    want: 'Expired: no worker started it before it expired',
  },
  {
    name: 'a vanished task',
    of: { task, attempt: undefined, cause: 'vanished' },
    want: 'Vanished: it was sent, and neither the broker nor a worker has it',
  },
  {
    name: 'a revoked task',
    of: failed('revoked', undefined),
    want: 'Revoked: an operator or the application revoked it',
  },
  {
    name: 'a revoked run',
    of: failed('terminated', attemptOf({ signal: 'SIGTERM' })),
    want: 'Terminated: its process was stopped on request by SIGTERM',
  },
  {
    name: 'a revoked run without a signal',
    of: failed('terminated'),
    want: 'Terminated: its process was stopped on request',
  },
  {
    name: 'a run cancelled by its worker',
    of: failed('cancelled'),
    want: 'Cancelled: its worker cancelled it',
  },
  {
    name: 'a poison loop',
    of: failed('poison-loop'),
    want: 'PoisonLoop: it is delivered again and again and never ends',
  },
  {
    name: 'a rejection without a reason',
    of: failed('rejected'),
    want: 'Rejected: the task rejected its message, which is gone',
  },
  {
    name: 'a rejection with a reason',
    of: raised('rejected', 'celery.exceptions.Reject', 'requeue=False'),
    want: 'Rejected: requeue=False',
  },
];
for (const { name, of, want } of cases) test(name, () => assert.equal(titleOf(of), want));

test('the exception of the task stands in for a missing attempt', () => {
  const exception = exceptionOf('NotRegistered', 'depot.gone');
  const title = titleOf({ task: { ...task, exception }, attempt: undefined, cause: 'unregistered' });
  assert.equal(title, 'NotRegistered: the worker does not know depot.gone');
});

test('line breaks and repeated spaces become one space', () => {
  assert.equal(titleOf(raised('app-error', 'E', 'one\n  two\tthree ')), 'E: one two three');
});

const lengths = [
  { chars: 200, want: { length: 200, isCut: false } },
  { chars: 201, want: { length: 200, isCut: true } },
  { chars: 5_000, want: { length: 200, isCut: true } },
];
for (const { chars, want } of lengths) {
  test(`a title of ${chars} characters is ${want.isCut ? 'cut with an ellipsis' : 'kept'}`, () => {
    const title = titleOf(raised('app-error', 'E', 'x'.repeat(chars - 'E: '.length)));
    assert.deepEqual({ length: title.length, isCut: title.endsWith('…') }, want);
  });
}

test('half of a character pair at the cut is replaced, so that the title is valid text', () => {
  const title = titleOf(raised('app-error', 'E', `${'x'.repeat(195)}${'😀'.repeat(9)}`));
  assert.ok(title.isWellFormed());
});
