import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailureClass } from '../facts.ts';
import { rulesAfterCodes, rulesBeforeCodes } from './class-rules.ts';
import { classByRules } from './rule.ts';

interface Case {
  readonly type: string;
  readonly message?: string;
  readonly want: FailureClass | undefined;
}

const before: readonly Case[] = [
  { type: 'asyncio.exceptions.CancelledError', want: 'cancelled' },
  { type: 'depot.NotCancelledError', want: undefined },
  { type: 'SystemExit', want: 'cancelled' },
  { type: 'SystemExit', message: '1', want: undefined },
  { type: 'subprocess.CalledProcessError', message: "Command 'x' died with <Signals.SIGTERM: 15>.", want: 'cancelled' },
  { type: 'subprocess.CalledProcessError', message: "Command 'x' died with <Signals.SIGKILL: 9>.", want: 'resource' },
  { type: 'subprocess.CalledProcessError', message: 'returned non-zero exit status 137.', want: 'resource' },
  { type: 'subprocess.CalledProcessError', message: 'returned non-zero exit status 1.', want: undefined },
  { type: 'subprocess.TimeoutExpired', want: 'resource' },
  { type: 'billiard.exceptions.SoftTimeLimitExceeded', want: 'resource' },
  { type: 'numpy.core._exceptions._ArrayMemoryError', want: 'resource' },
  { type: 'RuntimeError', message: "can't start new thread", want: 'resource' },
  { type: 'RuntimeError', message: 'no thread', want: undefined },
  { type: 'psycopg2.errors.QueryCanceled', message: 'canceling statement due to statement timeout', want: 'resource' },
  { type: 'psycopg2.errors.QueryCanceled', message: 'canceling statement due to lock timeout', want: 'transient' },
  { type: 'psycopg2.errors.QueryCanceled', message: 'canceling statement due to user request', want: 'cancelled' },
  { type: 'psycopg2.errors.QueryCanceled', message: 'storniere Anfrage wegen Benutzeraufforderung', want: 'cancelled' },
  { type: 'psycopg2.errors.QueryCanceled', message: 'storniere Anfrage wegen Sperrzeit', want: 'transient' },
  { type: 'psycopg2.errors.QueryCanceled', message: '', want: 'resource' },
  { type: 'psycopg2.OperationalError', message: 'FATAL: sorry, too many clients already', want: 'resource' },
  { type: 'depot.Broken', message: 'too many clients', want: undefined },
  { type: 'redis.exceptions.ResponseError', message: 'OOM command not allowed', want: 'resource' },
  { type: 'redis.exceptions.MaxConnectionsError', want: 'resource' },
  { type: 'requests.exceptions.SSLError', message: 'certificate verify failed', want: 'bug' },
  { type: 'requests.exceptions.ConnectionError', message: 'No connection adapters were found', want: 'bug' },
  { type: 'redis.exceptions.AuthenticationError', want: 'bug' },
  { type: 'stripe.error.RateLimitError', want: 'transient' },
  { type: 'botocore.errorfactory.ThrottlingException', want: 'transient' },
  { type: 'redis.exceptions.ResponseError', message: 'READONLY You cannot write', want: 'transient' },
  { type: 'redis.exceptions.ResponseError', message: 'WRONGTYPE Operation against a key', want: 'bug' },
  { type: 'smtplib.SMTPDataError', message: "(451, b'try later')", want: 'transient' },
  { type: 'gevent.GreenletExit', want: 'cancelled' },
  { type: 'trio.Cancelled', want: 'cancelled' },
  { type: 'azure.servicebus.exceptions.OperationCancelled', want: 'cancelled' },
  { type: 'celery.exceptions.WorkerShutdown', message: '0', want: 'cancelled' },
  { type: 'celery.exceptions.Ignore', want: 'cancelled' },
  { type: 'depot.Ignore', want: undefined },
  { type: 'SystemExit', message: '0', want: 'cancelled' },
  { type: 'depot.OrderCancelled', want: undefined },
  { type: 'depot.ExportFailed', message: 'aborted by the user', want: 'cancelled' },
  { type: 'ValueError', message: 'column aborted by user is missing', want: undefined },
  { type: 'docker.errors.ContainerError', message: "Command 'x' returned non-zero exit status 143", want: 'cancelled' },
  { type: 'docker.errors.ContainerError', message: "Command 'x' returned non-zero exit status 137", want: 'resource' },
];

const after: readonly Case[] = [
  {
    type: 'botocore.exceptions.ClientError',
    message: 'An error occurred (SlowDown) when calling X',
    want: 'transient',
  },
  { type: 'botocore.exceptions.ClientError', message: 'An error occurred (AccessDenied) when calling X', want: 'bug' },
  { type: 'grpc._channel._InactiveRpcError', message: 'status = StatusCode.UNAVAILABLE', want: 'transient' },
  { type: 'grpc._channel._InactiveRpcError', message: 'status = StatusCode.NOT_FOUND', want: undefined },
  { type: 'slack_sdk.errors.SlackApiError', message: "{'ok': False, 'error': 'ratelimited'}", want: 'transient' },
  { type: 'slack_sdk.errors.SlackApiError', message: "{'ok': False, 'error': 'not_authed'}", want: undefined },
  { type: 'redis.exceptions.ConnectionError', want: 'transient' },
  { type: 'depot.redis.ResponseError', message: 'READONLY You cannot write', want: undefined },
  { type: 'psycopg2.errors.UniqueViolation', message: 'duplicate key value violates unique constraint', want: 'bug' },
  { type: 'psycopg2.OperationalError', message: 'server closed the connection unexpectedly', want: 'transient' },
  { type: 'psycopg2.OperationalError', message: 'FATAL: password authentication failed', want: 'bug' },
  { type: 'psycopg2.OperationalError', message: 'Verbindungsaufbau abgelehnt', want: 'transient' },
  { type: 'sqlite3.OperationalError', message: 'database is locked', want: 'transient' },
  { type: 'sqlite3.OperationalError', message: 'near "SELEC": syntax error', want: undefined },
  { type: 'requests.exceptions.ReadTimeout', want: 'transient' },
  { type: 'requests.exceptions.InvalidHeader', want: undefined },
  { type: 'ConnectionResetError', want: 'transient' },
  { type: 'EOFError', message: '', want: 'transient' },
  { type: 'EOFError', message: 'Ran out of input', want: undefined },
  { type: 'OSError', message: 'timed out', want: 'transient' },
  { type: 'OSError', message: 'is a directory', want: undefined },
  { type: 'smtplib.SMTPServerDisconnected', want: 'transient' },
  { type: 'smtplib.SMTPDataError', message: "(550, b'no such user')", want: undefined },
  { type: 'pymongo.errors.AutoReconnect', want: 'transient' },
  { type: 'kombu.exceptions.OperationalError', want: 'transient' },
  { type: 'confluent_kafka.KafkaException', message: 'KafkaError{code=_TIMED_OUT}', want: 'transient' },
  { type: 'confluent_kafka.KafkaException', message: 'KafkaError{code=UNKNOWN_TOPIC}', want: 'bug' },
  { type: 'depot.PartnerUnavailable', want: undefined },
  { type: 'depot.ServiceUnavailableError', want: 'transient' },
  { type: 'depot.GatewayDown', want: 'transient' },
  { type: 'depot.TemporaryFailure', want: 'transient' },
  { type: 'depot.Temporary', want: undefined },
  { type: 'depot.SessionLost', want: 'transient' },
  { type: 'depot.InvalidConnectionError', want: undefined },
  { type: 'depot.PartnerTimeout', want: 'transient' },
  { type: 'depot.InvalidTimeout', want: undefined },
  { type: 'KeyError', message: "'floor'", want: undefined },
];

for (const [name, rules, cases] of [
  ['before codes', rulesBeforeCodes, before],
  ['after codes', rulesAfterCodes, after],
] as const) {
  for (const { type, message = '', want } of cases) {
    test(`${name}: ${type} "${message}" is ${want ?? 'matched by no rule'}`, () =>
      assert.equal(classByRules(rules, type, message), want));
  }
}
