import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Redacted, redactedText } from '../untrusted.ts';
import { causeOf, readException, signalOf, unregisteredName } from './exception.ts';

const stack = (last: string): string => `Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/celery/app/trace.py", line 453, in trace_task
    R = retval = fun(*args, **kwargs)
  File "/opt/depot/booking.py", line 12, in book
    raise Taken(room)
${last}
`;
const machinery = (last: string): string => `Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/billiard/pool.py", line 1264, in mark_as_worker_lost
    raise WorkerLostError(
${last}
`;
const retry = (last: string): string => `Traceback (most recent call last):
  File "/opt/depot/mail.py", line 3, in send
    post(letter)
depot.errors.Closed: the post office is shut

During handling of the above exception, another exception occurred:

${stack(last)}`;

const cases = [
  {
    name: 'the traceback names the class with its module',
    exception: "Taken('room 12')",
    traceback: stack('depot.errors.Taken: room 12'),
    want: ['depot.errors.Taken', 'room 12', 'app-error'],
  },
  {
    name: "the carrier's name is not the exception's",
    exception: 'ExceptionWithTraceback()',
    traceback: machinery('billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 44.'),
    want: [
      'billiard.exceptions.WorkerLostError',
      'Worker exited prematurely: signal 9 (SIGKILL) Job: 44.',
      'worker-lost',
    ],
  },
  {
    name: 'the wrapper of an exception that does not pickle stands for the one inside',
    exception: "NeedsTwo('conflict')",
    traceback: stack("celery.utils.serialization.UnpickleableExceptionWrapper: NeedsTwo('conflict')"),
    want: ['NeedsTwo', 'conflict', 'app-error'],
  },
  {
    name: 'the wrapper can print the exception inside as Python does',
    exception: undefined,
    traceback: stack('celery.utils.serialization.UnpickleableExceptionWrapper: LinkDown: (no route)'),
    want: ['LinkDown', '(no route)', 'app-error'],
  },
  {
    name: 'an exception that was replaced in pickling keeps the name that the worker sent',
    exception: '<MaybeEncodingError: Error sending result>',
    traceback: machinery('billiard.pool.MaybeEncodingError: Error sending result'),
    want: ['billiard.pool.MaybeEncodingError', 'Error sending result', 'unencodable'],
  },
  {
    name: 'the same without a traceback',
    exception: '<MaybeEncodingError: Error sending result>',
    traceback: undefined,
    want: ['MaybeEncodingError', 'Error sending result', 'unencodable'],
  },
  {
    name: 'a retry is for the reason in its chain, with the module',
    exception: "Closed('the post office is shut')",
    traceback: retry("celery.exceptions.Retry: Retry in 1s: Closed('the post office is shut')"),
    want: ['depot.errors.Closed', 'the post office is shut', 'app-error'],
  },
  {
    name: 'a retry wrapped in itself is for the reason inside',
    exception: "Retry(Retry(...), Closed('shut, since 5'), 1)",
    traceback: stack("celery.exceptions.Retry: Retry in 1s: Closed('shut, since 5')"),
    want: ['Closed', 'shut, since 5', 'app-error'],
  },
  {
    name: 'a retry for another exception than the one being handled is for that one',
    exception: "Busy('later')",
    traceback: retry("celery.exceptions.Retry: Retry in 1s: Busy('later')"),
    want: ['Busy', 'later', 'app-error'],
  },
  {
    name: 'a retry without an exception in a handler is for what was handled',
    exception: 'None',
    traceback: retry('celery.exceptions.Retry: Retry in 1s'),
    want: ['depot.errors.Closed', 'the post office is shut', 'app-error'],
  },
  {
    name: 'a retry whose reason has a repr of its own is for the class in the chain',
    exception: '<Closed since 5>',
    traceback: retry('celery.exceptions.Retry: Retry in 1s: <Closed since 5>'),
    want: ['depot.errors.Closed', 'the post office is shut', 'app-error'],
  },
  {
    name: 'a repr in angle brackets does not name the class against the chain',
    exception: '<Office 5 shut>',
    traceback: retry('celery.exceptions.Retry: Retry in 1s: <Office 5 shut>'),
    want: ['depot.errors.Closed', 'the post office is shut', 'app-error'],
  },
  {
    name: 'a repr in angle brackets names the class without a traceback',
    exception: '<HttpError 503 when requesting x>',
    traceback: undefined,
    want: ['HttpError', '<HttpError 503 when requesting x>', 'app-error'],
  },
  {
    name: 'a class made from others',
    exception: "NotFound[Order]('no order 7')",
    traceback: stack('depot.errors.NotFound[Order]: no order 7'),
    want: ['depot.errors.NotFound[Order]', 'no order 7', 'app-error'],
  },
  {
    name: 'a task name that the worker does not know',
    exception: "NotRegistered('depot.gone')",
    traceback: undefined,
    want: ['NotRegistered', 'depot.gone', 'unregistered'],
  },
  {
    name: "a name that the task's own code did not find is the application's error",
    exception: "NotRegistered('depot.gone')",
    traceback: stack("celery.exceptions.NotRegistered: 'depot.gone'"),
    want: ['celery.exceptions.NotRegistered', "'depot.gone'", 'app-error'],
  },
  {
    name: 'a rejection contains whether the message is requeued',
    exception: 'reject requeue=False: poison',
    traceback: stack("celery.exceptions.Reject: ('poison', False)"),
    want: ['celery.exceptions.Reject', 'requeue=False: poison', 'rejected'],
  },
  {
    name: 'a rejection that goes back is no end',
    exception: 'reject requeue=True: later',
    traceback: undefined,
    want: ['celery.exceptions.Reject', 'requeue=True: later', 'requeued'],
  },
  {
    name: 'the soft limit',
    exception: 'SoftTimeLimitExceeded()',
    traceback: stack('billiard.exceptions.SoftTimeLimitExceeded: SoftTimeLimitExceeded()'),
    want: ['billiard.exceptions.SoftTimeLimitExceeded', 'SoftTimeLimitExceeded()', 'soft-time-limit'],
  },
  {
    name: 'the hard limit',
    exception: 'ExceptionWithTraceback()',
    traceback: machinery('billiard.exceptions.TimeLimitExceeded: TimeLimitExceeded(30,)'),
    want: ['billiard.exceptions.TimeLimitExceeded', 'TimeLimitExceeded(30,)', 'hard-time-limit'],
  },
  {
    name: 'a result that cannot be encoded',
    exception: "EncodeError(TypeError('no JSON'))",
    traceback: machinery('kombu.exceptions.EncodeError: no JSON'),
    want: ['kombu.exceptions.EncodeError', 'no JSON', 'unencodable'],
  },
  {
    name: "arguments that the task's own code could not send",
    exception: "EncodeError(TypeError('no JSON'))",
    traceback: stack('kombu.exceptions.EncodeError: no JSON'),
    want: ['kombu.exceptions.EncodeError', 'no JSON', 'app-error'],
  },
  {
    name: "another library's exception of the same name is the application's error",
    exception: "NotRegistered('x')",
    traceback: stack('django.contrib.admin.sites.NotRegistered: x'),
    want: ['django.contrib.admin.sites.NotRegistered', 'x', 'app-error'],
  },
  {
    name: 'a repr that could not be made leaves the message',
    exception: 'you cannot print me',
    traceback: undefined,
    want: ['Exception', 'you cannot print me', 'app-error'],
  },
  {
    name: 'several arguments stay as they are',
    exception: "OSError(2, 'No such file')",
    traceback: undefined,
    want: ['OSError', "2, 'No such file'", 'app-error'],
  },
  {
    name: 'a repr keeps its quotes inside',
    exception: String.raw`ValueError('it\'s "this"\nand that')`,
    traceback: undefined,
    want: ['ValueError', `it's "this"`, 'app-error'],
  },
  {
    name: 'a message is its first line',
    exception: undefined,
    traceback: stack('depot.errors.Invalid: 2 fields\nname: too long'),
    want: ['depot.errors.Invalid', '2 fields', 'app-error'],
  },
  {
    name: 'a traceback that was cut leaves it to the exception',
    exception: "Taken('room 12')",
    traceback: 'Traceback (most recent call last):\n  File "/opt/depot/booking.py", line 12, in book\n',
    want: ['Taken', 'room 12', 'app-error'],
  },
  { name: 'no exception is undefined', exception: 'None', traceback: undefined, want: undefined },
  {
    name: 'a carrier alone is nothing known',
    exception: 'ExceptionWithTraceback()',
    traceback: undefined,
    want: undefined,
  },
] as const;

for (const { name, exception, traceback, want } of cases) {
  test(name, () => {
    const read = readException(exception as Redacted | undefined, traceback as Redacted | undefined);
    const got = read === undefined ? undefined : [read.type, read.message, causeOf(read)];
    assert.deepEqual(got, want);
    assert.equal(read?.traceback, want === undefined ? undefined : traceback);
  });
}

test('no exception speaks for the application as the cause', () => assert.equal(causeOf(undefined), 'app-error'));

test('a retry is for the class in the chain, whatever its repr is', () => {
  const unknown = fc
    .array(fc.constantFrom('<', '>', 'HttpError', 'card', ' ', '503', ':', '\n', "'", '[', 'of'), { minLength: 1 })
    .map((words) => words.join(''))
    .filter((text) => text.trim() !== '');
  fc.assert(
    fc.property(unknown, (repr) => {
      const last = `celery.exceptions.Retry: Retry in 1s: ${repr}`;
      assert.equal(readException(repr as Redacted, retry(last) as Redacted)?.type, 'depot.errors.Closed');
    }),
  );
});

const ends = [
  {
    type: 'billiard.exceptions.WorkerLostError',
    message: 'Worker exited prematurely: signal 9 (SIGKILL) Job: 4.',
    want: 'SIGKILL',
  },
  { type: 'WorkerLostError', message: 'Worker exited prematurely: signal 11 (SIGSEGV) Job: 4.', want: 'SIGSEGV' },
  { type: 'WorkerLostError', message: 'Worker exited prematurely: signal 15.', want: 'SIGTERM' },
  { type: 'WorkerLostError', message: 'Worker exited prematurely: exitcode -9 Job: 4.', want: 'SIGKILL' },
  { type: 'WorkerLostError', message: 'Worker exited prematurely: exitcode 137 Job: 4.', want: 'SIGKILL' },
  { type: 'WorkerLostError', message: 'Worker exited prematurely: exitcode 1 Job: 4.', want: undefined },
  { type: 'SystemExit', message: '-241', want: 'SIGTERM' },
  { type: 'SystemExit', message: '2', want: undefined },
  { type: 'billiard.exceptions.Terminated', message: '15', want: 'SIGTERM' },
  { type: 'Terminated', message: 'by hand', want: undefined },
  { type: 'shop.Terminated', message: '15', want: undefined },
  { type: 'ValueError', message: 'signal 9 (SIGKILL)', want: undefined },
] as const;
for (const { type, message, want } of ends) {
  test(`${type}: ${message} shows ${want ?? 'no signal'}`, () => {
    assert.equal(
      signalOf({ type: redactedText`${type}`, message: redactedText`${message}`, traceback: undefined }),
      want,
    );
  });
}

test('a process that a signal ended was terminated, one that exited by itself was not', () => {
  const exit = (message: string) =>
    causeOf({ type: redactedText`SystemExit`, message: message as Redacted, traceback: undefined });
  assert.equal(exit('-241'), 'terminated');
  assert.equal(exit('2'), 'app-error');
});

const unregistered = [
  { exception: "NotRegistered('depot.gone')", traceback: undefined, want: 'depot.gone' },
  { exception: 'NotRegistered("depot.gone")', traceback: undefined, want: 'depot.gone' },
  { exception: 'NotRegistered()', traceback: undefined, want: undefined },
  { exception: "KeyError('depot.gone')", traceback: undefined, want: undefined },
  {
    exception: "NotRegistered('depot.gone')",
    traceback: stack("celery.exceptions.NotRegistered: 'depot.gone'"),
    want: undefined,
  },
];
for (const { exception, traceback, want } of unregistered) {
  const where = traceback === undefined ? '' : ' raised by the task';
  test(`${exception}${where} names ${want ?? 'no unknown task'}`, () => {
    const read = readException(exception as Redacted, traceback as Redacted | undefined);
    assert.equal(unregisteredName(read), want);
  });
}
