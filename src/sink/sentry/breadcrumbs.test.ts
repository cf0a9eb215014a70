import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../../test/fakes/failure.ts';
import type { Hostname } from '../../event/ids.ts';
import { type Redacted, redactedText } from '../../event/untrusted.ts';
import type { Attempt, Send } from '../../lifecycle/transition.ts';
import { breadcrumbsOf } from './breadcrumbs.ts';

const base = failureOf({ at: 9_000 });
const attempt = base.attempt as Attempt;
const exception = { type: redactedText`bank.Busy`, message: redactedText`later`, traceback: undefined };
const sent: Send = {
  key: '0.0.1',
  at: 1_000,
  hostname: 'gen1@web' as Hostname,
  retries: 0,
  queue: 'payments',
  exchange: undefined,
  routingKey: undefined,
  spanId: '',
};

function storyOf(attempts: readonly Attempt[], sends: readonly Send[] = [], facts: Partial<typeof base> = {}) {
  const task = { ...base.task, attempts, sends };
  return breadcrumbsOf({ ...base, ...facts, task, attempt: attempts.at(-1) }).map(
    ({ timestamp, level, message }) => `${timestamp} ${level} ${message}`,
  );
}

test('the life of a task that was sent, retried, and failed', () => {
  const retried: Attempt = {
    ...attempt,
    receivedAt: 2_000,
    startedAt: 3_000,
    endedAt: 4_000,
    outcome: 'retried',
    exception,
  };
  const last: Attempt = {
    ...attempt,
    key: '1.1',
    number: 2,
    retries: 1,
    receivedAt: 6_000,
    startedAt: 7_000,
    endedAt: 9_000,
  };
  assert.deepEqual(storyOf([retried, last], [sent, { ...sent, at: 5_000, retries: 1 }]), [
    '1 info sent to payments by gen1@web',
    '2 info received by celery@worker-1',
    '3 info attempt 1 started on celery@worker-1',
    '4 warning attempt 1 will be retried: Busy: later',
    '5 info sent to payments by gen1@web',
    '6 info received by celery@worker-1',
    '7 info attempt 2 started on celery@worker-1',
    '9 error failed: PaymentDeclined: card was declined',
  ]);
});

test('a task that was received before the event of its publication', () => {
  const last: Attempt = { ...attempt, receivedAt: 990, startedAt: 1_500 };
  assert.deepEqual(storyOf([last], [sent]).slice(0, 2), [
    '0.99 info sent to payments by gen1@web',
    '0.99 info received by celery@worker-1',
  ]);
});

test('an attempt that was lost, and the one that was given the message next', () => {
  const lost: Attempt = {
    ...attempt,
    receivedAt: undefined,
    startedAt: 3_000,
    endedAt: 4_000,
    outcome: 'lost',
    cause: 'worker-lost',
    signal: 'SIGKILL',
  };
  const again: Attempt = { ...attempt, key: '0.2', number: 2, isRedelivery: true, receivedAt: 6_000, startedAt: 7_000 };
  assert.deepEqual(storyOf([lost, again]), [
    '3 info attempt 1 started on celery@worker-1',
    '4 warning attempt 1 ended: lost: worker-lost, SIGKILL',
    '6 warning redelivered to celery@worker-1',
    '7 info attempt 2 started on celery@worker-1',
    '9 error failed: PaymentDeclined: card was declined',
  ]);
});

test('a task without an attempt has its publication and its end', () => {
  const title = 'Expired: nobody ran it before its time was over' as Redacted;
  assert.deepEqual(storyOf([], [{ ...sent, queue: undefined }], { outcome: 'expired', title }), [
    '1 info sent by gen1@web',
    '9 error expired: Expired: nobody ran it before its time was over',
  ]);
});

test('of a long life the last steps, ending with the failure', () => {
  const attempts = Array.from(
    { length: 80 },
    (_, index): Attempt => ({
      ...attempt,
      key: `${index}.1`,
      number: index + 1,
      receivedAt: undefined,
      startedAt: index,
      endedAt: undefined,
    }),
  );
  const story = storyOf(attempts);
  assert.equal(story.length, 50);
  assert.match(story[0] ?? '', /attempt 32 started/);
  assert.match(story.at(-1) ?? '', /error failed/);
});

test('a step is one line', () => {
  const title = `A: b\n${'c'.repeat(5_000)}` as Redacted;
  const [step] = storyOf([], [], { title });
  assert(step !== undefined && !step.includes('\n') && step.length < 1_100);
});
