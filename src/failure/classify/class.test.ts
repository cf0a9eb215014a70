import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTraceback } from '../../event/python/traceback.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { Cause } from '../../lifecycle/transition.ts';
import type { FailureClass } from '../facts.ts';
import { classOf } from './class.ts';

const classOfText = (text: string): FailureClass =>
  classOf({
    taskName: 'depot.booking.book',
    cause: 'app-error',
    signal: undefined,
    type: undefined,
    message: '',
    exception: parseTraceback(text as Redacted),
  }).class;

const single = (last: string): string =>
  `Traceback (most recent call last):\n  File "/app/depot/a.py", line 1, in f\n    go()\n${last}\n`;

const families: Readonly<Record<FailureClass, readonly string[]>> = {
  transient: [
    'requests.exceptions.ConnectionError: HTTPConnectionPool(host=x): Max retries exceeded',
    'requests.exceptions.ReadTimeout: Read timed out.',
    'requests.exceptions.HTTPError: 503 Server Error: Busy for url: http://x',
    'requests.exceptions.HTTPError: 429 Client Error: Too Many Requests for url: http://x',
    "httpx.HTTPStatusError: Server error '502 Bad Gateway' for url 'http://x'",
    'httpx.ConnectTimeout: timed out',
    'httpx.RemoteProtocolError: Server disconnected',
    'aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host x',
    "aiohttp.client_exceptions.ClientResponseError: 503, message='Busy', url='http://x'",
    'urllib.error.HTTPError: HTTP Error 500: Internal Server Error',
    'urllib.error.URLError: <urlopen error [Errno 111] Connection refused>',
    'socket.gaierror: [Errno -2] Name or service not known',
    'ConnectionResetError: [Errno 104] Connection reset by peer',
    'TimeoutError: timed out',
    'asyncio.exceptions.TimeoutError',
    'botocore.exceptions.EndpointConnectionError: Could not connect',
    'botocore.exceptions.ClientError: An error occurred (SlowDown) when calling PutObject',
    'psycopg2.OperationalError: connection to server failed: Connection refused',
    'psycopg.errors.DeadlockDetected: deadlock detected',
    'psycopg2.errors.SerializationFailure: could not serialize access',
    'sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) server closed the connection unexpectedly',
    'django.db.utils.OperationalError: (2006, "MySQL server has gone away")',
    'sqlite3.OperationalError: database is locked',
    'redis.exceptions.ConnectionError: Error 111 connecting',
    'redis.exceptions.BusyLoadingError: Redis is loading',
    'redis.exceptions.ResponseError: READONLY You cannot write against a read only replica.',
    'pymongo.errors.ServerSelectionTimeoutError: no servers',
    'kombu.exceptions.OperationalError: [Errno 111] Connection refused',
    'pika.exceptions.AMQPConnectionError',
    'AMQPConnectionError: ()',
    'smtplib.SMTPServerDisconnected: Connection unexpectedly closed',
    'grpc._channel._InactiveRpcError: status = StatusCode.UNAVAILABLE',
    'googleapiclient.errors.HttpError: <HttpError 503 when requesting https://x returned "Backend Error">',
    'kubernetes.client.exceptions.ApiException: (503) Reason: Service Unavailable',
    'azure.core.exceptions.HttpResponseError: Operation returned an invalid status: 502',
    'openai.InternalServerError: Error code: 500 - try again',
    'stripe.error.APIConnectionError: Unexpected error communicating',
    'elastic_transport.ConnectionTimeout: Connection timed out',
    'paramiko.ssh_exception.NoValidConnectionsError: [Errno None] Unable to connect to port 22',
    'celery.exceptions.TimeoutError: The operation timed out.',
    'django.db.utils.OperationalError: canceling statement due to lock timeout',
    'psycopg2.OperationalError: FATAL: the database system is in recovery mode',
    "smtplib.SMTPRecipientsRefused: {'x': (450, b'4.2.0 greylisted')}",
  ],
  resource: [
    'MemoryError',
    "OSError: [Errno 28] No space left on device: '/x'",
    "OSError: [Errno 24] Too many open files: '/x'",
    'BlockingIOError: [Errno 11] Resource temporarily unavailable',
    "subprocess.TimeoutExpired: Command 'x' timed out after 3 seconds",
    'psycopg2.OperationalError: FATAL: remaining connection slots are reserved',
    'psycopg2.errors.QueryCanceled: canceling statement due to statement timeout',
    'redis.exceptions.ResponseError: OOM command not allowed',
    'pymysql.err.OperationalError: (1040, "Too many connections")',
    'grpc._channel._InactiveRpcError: status = StatusCode.RESOURCE_EXHAUSTED',
    'numpy.core._exceptions._ArrayMemoryError: Unable to allocate 8 GiB',
    "RuntimeError: can't start new thread",
    'sqlite3.OperationalError: database or disk is full',
    'redis.exceptions.ResponseError: MISCONF Redis is configured to save snapshots',
    'sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached',
  ],
  cancelled: [
    'asyncio.exceptions.CancelledError',
    'concurrent.futures._base.CancelledError',
    'psycopg2.errors.QueryCanceled: canceling statement due to user request',
    'KeyboardInterrupt',
  ],
  bug: [
    "KeyError: 'x'",
    'requests.exceptions.HTTPError: 404 Client Error: Not Found for url: http://x',
    'requests.exceptions.SSLError: certificate verify failed: self signed',
    'botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling GetObject',
    'psycopg2.errors.UniqueViolation: duplicate key value',
    'sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) no such table',
    'redis.exceptions.ResponseError: WRONGTYPE Operation against a key',
    "FileNotFoundError: [Errno 2] No such file or directory: '/x'",
    'depot.errors.Taken: room 12',
    'json.decoder.JSONDecodeError: Expecting value',
    'pika.exceptions.ChannelClosedByBroker: (404, "NOT_FOUND - no queue")',
    'googleapiclient.errors.HttpError: <HttpError 403 when requesting https://x returned "Forbidden">',
    'kubernetes.client.exceptions.ApiException: (409) Reason: Conflict',
    'depot.errors.Invalid: order 503 has status 7',
    "smtplib.SMTPRecipientsRefused: {'x': (550, b'no such user')}",
    'django.utils.connection.ConnectionDoesNotExist: no such alias',
  ],
};
for (const [want, lines] of Object.entries(families)) {
  for (const line of lines) test(`${line} is ${want}`, () => assert.equal(classOfText(single(line)), want));
}

const chained = (source: string, last: string, link: string): string =>
  `${single('ConnectionRefusedError: [Errno 111] Connection refused')}\n${link}\n\nTraceback (most recent call last):\n  File "/app/depot/a.py", line 3, in f\n    ${source}\n${last}\n`;
const during = 'During handling of the above exception, another exception occurred:';
const direct = 'The above exception was the direct cause of the following exception:';
const chains = [
  {
    name: "an application's wrapper of a network error is transient",
    text: chained('raise Failed() from e', 'Failed', direct),
    want: 'transient',
  },
  {
    name: 'an application wrapper without `from` is transient',
    text: chained('raise Failed()', 'Failed', during),
    want: 'transient',
  },
  {
    name: 'a mistake in the handler of a network error is a bug',
    text: chained('log.warn(e.code)', "AttributeError: no 'code'", during),
    want: 'bug',
  },
  {
    name: 'a group of timeouts and one mistake is a bug',
    text: '  | ExceptionGroup: 2 (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | TimeoutError\n    +---------------- 2 ----------------\n    | KeyError: 1\n    +------------------------------------\n',
    want: 'bug',
  },
] as const;
for (const { name, text, want } of chains) test(name, () => assert.equal(classOfText(text), want));

const lost = { taskName: 'a.b', cause: 'worker-lost', type: undefined, exception: undefined } as const;
const deaths = [
  { name: 'killed by the kernel', facts: { signal: 'SIGKILL', message: '' }, want: 'resource' },
  { name: 'terminated', facts: { signal: 'SIGTERM', message: '' }, want: 'cancelled' },
  { name: 'crashed', facts: { signal: 'SIGSEGV', message: '' }, want: 'bug' },
  { name: 'left by itself', facts: { signal: undefined, message: 'exitcode 1' }, want: 'bug' },
  { name: 'fell silent', facts: { signal: undefined, message: '' }, want: 'resource' },
] as const;
for (const { name, facts, want } of deaths)
  test(`a worker that ${name} is ${want}`, () => assert.equal(classOf({ ...lost, ...facts }).class, want));

const causes: readonly (readonly [Cause, FailureClass])[] = [
  ['soft-time-limit', 'resource'],
  ['hard-time-limit', 'resource'],
  ['expired', 'resource'],
  ['terminated', 'cancelled'],
  ['unregistered', 'bug'],
  ['unencodable', 'bug'],
  ['rejected', 'bug'],
];
for (const [cause, want] of causes) {
  test(`${cause} is ${want}`, () =>
    assert.equal(classOf({ ...lost, cause, signal: undefined, message: '' }).class, want));
}

test('an exception without a traceback is judged by its name', () => {
  const facts = { taskName: 'a.b', cause: 'app-error', signal: undefined, exception: undefined } as const;
  assert.equal(classOf({ ...facts, type: 'ConnectionResetError', message: '' }).class, 'transient');
  assert.equal(classOf({ ...facts, type: undefined, message: '' }).class, 'bug');
});

test('a value error from a function that the handler calls is a bug of the handler', () => {
  const handled = `${single('requests.exceptions.ConnectionError: refused')}\nDuring handling of the above exception, another exception occurred:\n\n`;
  const from = (name: string, file: string): string =>
    `${handled}Traceback (most recent call last):\n  File "/app/depot/a.py", line 3, in f\n    parse(error)\n  File "${file}", line 9, in ${name}\n    raise ValueError("no")\nValueError: no\n`;
  assert.equal(classOfText(from('parse', '/app/depot/b.py')), 'bug');
  assert.equal(classOfText(from('f', '/app/depot/a.py')), 'transient');
  assert.equal(classOfText(from('parse', '/app/depot/b.py').replaceAll('ValueError', 'depot.Failed')), 'transient');
});
