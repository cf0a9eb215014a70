import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../test/fakes/failure.ts';
import type { TaskId } from '../event/ids.ts';
import { parseTraceback } from '../event/python-traceback.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Failure } from '../failure/failure.ts';
import type { Attempt, Send } from '../lifecycle/transition.ts';
import { isUnseenByWorker, type SentryEventOptions, sentryEventOf } from './sentry-event.ts';

const options: SentryEventOptions = { environment: 'production', release: 'depot@1', grouping: 'taskvigil' };
const base = failureOf({ at: 1_700_000_000_500 });
const attempt = base.attempt as Attempt;
const raised = (text: string): Failure => ({ ...base, exception: parseTraceback(text as Redacted) });

const chain = `Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/bank/api.py", line 9, in post
    raise Refused(code)
bank.errors.Refused: 51

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/depot/releases/7/billing/tasks.py", line 30, in charge
    raise PaymentDeclined("card was declined") from error
billing.errors.PaymentDeclined: card was declined
`;

test('the exception that came out is last, its root cause first', () => {
  assert.deepEqual(sentryEventOf(raised(chain), options).exception.values, [
    {
      type: 'Refused',
      module: 'bank.errors',
      value: '51',
      stacktrace: {
        frames: [
          {
            filename: 'bank/api.py',
            abs_path: '/venv/lib/python3.12/site-packages/bank/api.py',
            module: 'bank.api',
            function: 'post',
            lineno: 9,
            context_line: 'raise Refused(code)',
            in_app: false,
          },
        ],
      },
      mechanism: { type: 'chained', handled: false, source: '__cause__', exception_id: 1, parent_id: 0 },
    },
    {
      type: 'PaymentDeclined',
      module: 'billing.errors',
      value: 'card was declined',
      stacktrace: {
        frames: [
          {
            filename: 'billing/tasks.py',
            abs_path: '/srv/depot/releases/7/billing/tasks.py',
            module: 'billing.tasks',
            function: 'charge',
            lineno: 30,
            context_line: 'raise PaymentDeclined("card was declined") from error',
            in_app: true,
          },
        ],
      },
      mechanism: { type: 'celery', handled: false, exception_id: 0 },
    },
  ]);
});

test('a group keeps its members', () => {
  const text = `  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: a
    +---------------- 2 ----------------
    | TypeError: b
    +------------------------------------
`;
  const { values } = sentryEventOf(raised(text), options).exception;
  assert.deepEqual(
    values.map(({ type, mechanism }) => [
      type,
      mechanism.source,
      mechanism.exception_id,
      mechanism.parent_id,
      mechanism.is_exception_group,
    ]),
    [
      ['TypeError', 'exceptions[1]', 2, 0, undefined],
      ['ValueError', 'exceptions[0]', 1, 0, undefined],
      ['ExceptionGroup', undefined, 0, undefined, true],
    ],
  );
});

test('an exception without a traceback has no frames', () => {
  const exception = { type: 'celery.exceptions.NotRegistered', message: 'a.b' as Redacted, traceback: undefined };
  const event = sentryEventOf({ ...base, attempt: { ...attempt, exception } }, options);
  assert.deepEqual(event.exception.values, [
    {
      type: 'NotRegistered',
      module: 'celery.exceptions',
      value: 'a.b',
      mechanism: { type: 'celery', handled: false, exception_id: 0 },
    },
  ]);
});

test('what a worker said without an attempt is told too', () => {
  const exception = { type: 'NotRegistered', message: 'a.b' as Redacted, traceback: undefined };
  const event = sentryEventOf({ ...base, attempt: undefined, task: { ...base.task, exception } }, options);
  assert.deepEqual(
    event.exception.values.map(({ type, value }) => [type, value]),
    [['NotRegistered', 'a.b']],
  );
});

test('where nothing was raised our own words stand in', () => {
  const failure = { ...base, attempt: undefined, title: 'Expired: nobody ran it: too late' as Redacted };
  assert.deepEqual(sentryEventOf(failure, options).exception.values, [
    {
      type: 'Expired',
      value: 'nobody ran it: too late',
      mechanism: { type: 'celery', handled: false, exception_id: 0, synthetic: true },
    },
  ]);
});

test('tells who, when and where, and leaves out what is not known', () => {
  const event = sentryEventOf({ ...base, id: '0123456789abcdef0123456789abcdef' }, options);
  assert.equal(event.event_id, '0123456789abcdef0123456789abcdef');
  assert.equal(event.timestamp, 1_700_000_000.5);
  assert.equal(event.server_name, 'celery@worker-1');
  assert.equal(event.transaction, 'billing.tasks.charge');
  assert.deepEqual(event.tags, {
    task: 'billing.tasks.charge',
    queue: 'payments',
    worker: 'celery@worker-1',
    class: 'bug',
    cause: 'app-error',
    outcome: 'failed',
    retries: '0',
    fp: 'fingerprint-1',
    celery_task_id: 'task-of-failure-1',
  });
  assert.deepEqual(event.contexts.trace, {
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    span_id: '00f067aa0ba902b7',
    parent_span_id: '00f067aa0ba902b7',
    op: 'queue.process',
    status: 'internal_error',
  });
  const bare = sentryEventOf(
    { ...base, attempt: undefined, task: { ...base.task, name: undefined, queue: undefined } },
    { ...options, environment: undefined, release: undefined },
  );
  for (const absent of ['server_name', 'transaction', 'environment', 'release']) assert(!(absent in bare), absent);
  assert.deepEqual(JSON.parse(JSON.stringify(bare)), bare);
});

test('the context of the task is flat', () => {
  const task = { ...base.task, args: '(1,)' as Redacted, eta: 1_700_000_000_000, parentId: 'p' as TaskId };
  const { celery } = sentryEventOf(
    { ...base, task, attempt: { ...attempt, startedAt: 1_000, endedAt: 3_500 } },
    options,
  ).contexts;
  assert.deepEqual(celery, {
    task_id: 'task-of-failure-1',
    task_name: 'billing.tasks.charge',
    root_id: 'task-of-failure-1',
    parent_id: 'p',
    queue: 'payments',
    args: '(1,)',
    eta: '2023-11-14T22:13:20.000Z',
    outcome: 'failed',
    cause: 'app-error',
    attempt: 1,
    retries: 0,
    runtime_ms: 2_500,
  });
});

const groupings = [
  { grouping: 'taskvigil', want: ['taskvigil', 'v1', 'fingerprint-1'] },
  { grouping: 'default', want: ['{{ default }}'] },
  { grouping: 'both', want: ['{{ default }}', 'taskvigil', 'v1', 'fingerprint-1'] },
] as const;
for (const { grouping, want } of groupings) {
  test(`grouping ${grouping}`, () => assert.deepEqual(sentryEventOf(base, { ...options, grouping }).fingerprint, want));
}

const levels = [
  ['bug', 'error'],
  ['resource', 'error'],
  ['transient', 'warning'],
  ['cancelled', 'info'],
] as const;
for (const [one, want] of levels) {
  test(`${one} has level ${want}`, () => assert.equal(sentryEventOf({ ...base, class: one }, options).level, want));
}

test("the last five steps of the task's own life are its breadcrumbs", () => {
  const exception = { type: 'bank.Busy', message: 'later' as Redacted, traceback: undefined };
  const retried: Attempt = {
    ...attempt,
    receivedAt: 2_000,
    startedAt: 3_000,
    endedAt: 4_000,
    outcome: 'retried',
    exception,
  };
  const last: Attempt = { ...attempt, number: 2, receivedAt: 6_000, startedAt: 7_000, endedAt: 8_000 };
  const sent: Send = {
    key: '0.0.1',
    at: 1_000,
    hostname: attempt.hostname,
    retries: 0,
    queue: 'payments',
    exchange: undefined,
    routingKey: undefined,
    spanId: '',
  };
  const task = { ...base.task, attempts: [retried, last], sends: [sent, { ...sent, at: 5_000, retries: 1 }] };
  const { breadcrumbs } = sentryEventOf({ ...base, task, attempt: last }, options);
  assert.deepEqual(
    breadcrumbs.map(({ timestamp, message }) => [timestamp, message]),
    [
      [3, 'attempt 1 started'],
      [4, 'attempt 1 will be retried: Busy: later'],
      [5, 'sent to payments'],
      [6, 'received by celery@worker-1'],
      [7, 'attempt 2 started'],
    ],
  );
});

test('tags stay within what Sentry takes', () => {
  const name = `billing\n${'x'.repeat(300)}` as Redacted;
  const { tags } = sentryEventOf({ ...base, task: { ...base.task, name } }, options);
  assert.equal(tags['task']?.length, 200);
  assert(!tags['task'].includes('\n'));
});

test('long stacks and chains are cut to what Sentry keeps', () => {
  const frames = Array.from(
    { length: 390 },
    (_, index) => `  File "/app/billing/a.py", line ${index + 1}, in f${index}\n    go()\n`,
  );
  const { values } = sentryEventOf(
    raised(`Traceback (most recent call last):\n${frames.join('')}E: x`),
    options,
  ).exception;
  const kept = values[0]?.stacktrace?.frames ?? [];
  assert.equal(kept.length, 250);
  assert.equal(kept[0]?.function, 'f0');
  assert.equal(kept.at(-1)?.function, 'f389');
});

test('an eta beyond all dates breaks nothing', () => {
  const task = { ...base.task, eta: 1e18 };
  assert.equal(sentryEventOf({ ...base, task }, options).contexts.celery['eta'], undefined);
});

const unseen = [
  { facts: { cause: 'app-error' }, want: false },
  { facts: { cause: 'soft-time-limit' }, want: false },
  { facts: { cause: 'hard-time-limit' }, want: true },
  { facts: { cause: 'worker-lost' }, want: true },
  { facts: { cause: 'unregistered' }, want: true },
  { facts: { cause: 'expired' }, want: true },
] as const;
for (const { facts, want } of unseen) {
  test(`the SDK in the worker ${want ? 'cannot see' : 'sees'} ${facts.cause}`, () => {
    assert.equal(isUnseenByWorker(failureOf(facts)), want);
  });
}
