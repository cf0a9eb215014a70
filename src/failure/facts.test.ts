import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../test/fakes/failure.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Attempt } from '../lifecycle/transition.ts';
import { factsOf } from './facts.ts';

const { task } = failureOf();
const attempt = failureOf().attempt as Attempt;
const traceback =
  'Traceback (most recent call last):\n  File "/app/billing.py", line 4, in charge\n    pay()\nKeyError: 1\n' as Redacted;
const exceptionOf = (type: string, message: string, withTraceback = false) => ({
  type: type as Redacted,
  message: message as Redacted,
  traceback: withTraceback ? traceback : undefined,
});

test('the exception of the attempt wins over that of the task', () => {
  const facts = factsOf({
    task: { ...task, exception: exceptionOf('Outer', 'of the task') },
    attempt: { ...attempt, exception: exceptionOf('Inner', 'of the attempt') },
    cause: 'app-error',
  });
  assert.deepEqual([facts.type, facts.message], ['Inner', 'of the attempt']);
});

test('the exception of the task counts without an attempt', () => {
  const facts = factsOf({
    task: { ...task, exception: exceptionOf('NotRegistered', 'a.b') },
    attempt: undefined,
    cause: 'unregistered',
  });
  assert.deepEqual([facts.type, facts.message, facts.signal], ['NotRegistered', 'a.b', undefined]);
});

test('without any exception type and traceback are undefined, and the message is empty', () => {
  const facts = factsOf({ task: { ...task, exception: undefined }, attempt: undefined, cause: 'expired' });
  assert.deepEqual([facts.type, facts.message, facts.exception], [undefined, '', undefined]);
});

test('a traceback is parsed', () => {
  const facts = factsOf({
    task,
    attempt: { ...attempt, exception: exceptionOf('KeyError', '1', true) },
    cause: 'app-error',
  });
  assert.equal(facts.exception?.type, 'KeyError');
  assert.deepEqual(
    facts.exception?.frames.map((frame) => frame.function),
    ['charge'],
  );
});

test('name, cause and signal are those of the failure', () => {
  const facts = factsOf({ task, attempt: { ...attempt, signal: 'SIGKILL' }, cause: 'worker-lost' });
  assert.deepEqual([facts.taskName, facts.cause, facts.signal], [task.name, 'worker-lost', 'SIGKILL']);
});
