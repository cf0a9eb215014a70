import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf } from '../../../test/fakes/task-story.ts';
import { redactedText } from '../../event/untrusted.ts';
import { type AttemptEnd, attemptEndOf, type EndEvent } from './attempt-end.ts';

const ended = (step: string): EndEvent => eventOf(step, 1_000) as EndEvent;
const failed = ended('failed') as Extract<EndEvent, { type: 'task-failed' }>;
const revoked = ended('revoked') as Extract<EndEvent, { type: 'task-revoked' }>;

const cases: readonly { readonly name: string; readonly event: EndEvent; readonly want: Partial<AttemptEnd> }[] = [
  { name: 'a success', event: ended('succeeded'), want: { outcome: 'succeeded', cause: undefined } },
  { name: 'a failure', event: failed, want: { outcome: 'failed', cause: 'app-error', signal: undefined } },
  {
    name: 'a killed process',
    event: ended('killed'),
    want: { outcome: 'failed', cause: 'worker-lost', signal: 'SIGKILL' },
  },
  {
    name: 'an unregistered task',
    event: ended('unregistered'),
    want: { outcome: 'failed', cause: 'unregistered' },
  },
  {
    name: 'a rejection reported as a failure, as later Celery releases do',
    event: { ...failed, exception: redactedText`reject requeue=False` },
    want: { outcome: 'rejected', cause: 'rejected' },
  },
  { name: 'a retry', event: ended('retried'), want: { outcome: 'retried', cause: 'app-error' } },
  { name: 'a rejection', event: ended('rejected'), want: { outcome: 'rejected', cause: 'rejected' } },
  { name: 'a requeue', event: ended('requeued'), want: { outcome: 'rejected', cause: 'requeued' } },
  { name: 'a revocation', event: revoked, want: { outcome: 'revoked', cause: 'revoked', signal: undefined } },
  { name: 'an expiry', event: ended('expired'), want: { outcome: 'revoked', cause: 'expired' } },
  {
    name: 'an expiry of a terminated task',
    event: { ...revoked, expired: true, terminated: true },
    want: { outcome: 'revoked', cause: 'expired' },
  },
  {
    name: 'a termination with a known signal number',
    event: ended('terminated'),
    want: { outcome: 'revoked', cause: 'terminated', signal: 'SIGTERM' },
  },
  {
    name: 'a termination with an unknown signal number',
    event: { ...revoked, terminated: true, signal: '63' },
    want: { outcome: 'revoked', cause: 'terminated', signal: '63' },
  },
  {
    name: 'a termination with the name of a signal',
    event: { ...revoked, terminated: true, signal: 'SIGUSR2' },
    want: { outcome: 'revoked', cause: 'terminated', signal: 'SIGUSR2' },
  },
  { name: 'a cancellation', event: ended('cancelled'), want: { outcome: 'cancelled', cause: 'cancelled' } },
];
for (const { name, event, want } of cases) {
  test(`${name} ends an attempt as ${want.outcome} by ${want.cause ?? 'no cause'}`, () => {
    const { outcome, cause, signal } = attemptEndOf(event);
    assert.deepEqual({ outcome, cause, ...('signal' in want && { signal }) }, want);
  });
}

test('a failure and a retry keep the exception, other ends have none', () => {
  assert.deepEqual(attemptEndOf(failed).exception, {
    type: 'ValueError',
    message: 'no grain',
    traceback: undefined,
  });
  assert.equal(attemptEndOf(ended('retried')).exception?.type, 'ValueError');
  assert.equal(attemptEndOf(ended('requeued')).exception, undefined);
});
