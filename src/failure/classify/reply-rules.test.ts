/** Codes of each protocol in the spellings of its drivers; and messages that only look like one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { FailureClass } from '../facts.ts';
import { replyRules } from './reply-rules.ts';
import { classByRules } from './rule.ts';

interface Family {
  readonly name: string;
  readonly codes: Readonly<Partial<Record<FailureClass, string>>>;
  /** Exception classes and messages that can contain any of the codes. */
  readonly types: readonly string[];
  readonly messages: readonly ((code: string, text: string) => string)[];
}

const families: readonly Family[] = [
  {
    name: 'Redis',
    codes: {
      transient:
        'LOADING READONLY TRYAGAIN CLUSTERDOWN MASTERDOWN BUSY UNBLOCKED NOREPLICAS INPROG MOVED ASK NOMASTERLINK IOERR',
      resource: 'OOM MISCONF',
      bug: 'WRONGTYPE NOSCRIPT NOAUTH NOPERM WRONGPASS CROSSSLOT EXECABORT BUSYGROUP NOGROUP',
    },
    types: ['redis.exceptions.ResponseError', 'kombu.exceptions.OperationalError', 'valkey.exceptions.ResponseError'],
    messages: [
      (code, text) => `${code} ${text}`,
      (code, text) => `Command # 2 (LPUSH celery x) of pipeline caused error: ${code} ${text}`,
      (code, text) => `Error running script (call to f_ab12): @user_script:3: ${code} ${text}`,
      (code, text) => `Error running script (call to f_ab12): @user_script: 3: -${code} ${text}`,
    ],
  },
  {
    name: 'AMQP',
    codes: { transient: '320 405 501 505 541', resource: '506', bug: '311 402 403 404 406 502 503 504 530 540' },
    types: ['amqp.exceptions.AMQPError', 'pika.exceptions.ConnectionClosedByBroker', 'aiormq.exceptions.AMQPError'],
    messages: [
      (code, text) => `(${code}, "${text}")`,
      (code, text) => `Queue.declare: (${code}) ${text}`,
      (code, text) => `(0, 0): (${code}) ${text}`,
    ],
  },
  {
    name: 'SMTP',
    codes: { transient: '421 450 451 452 454' },
    types: ['smtplib.SMTPDataError', 'smtplib.SMTPAuthenticationError', 'aiosmtplib.errors.SMTPResponseException'],
    messages: [
      (code, text) => `(${code}, b'4.7.0 ${text}')`,
      (code, text) => `{'kim@depot.test': (${code}, b'${text}')}`,
      (code, text) => `${code} 4.3.2 ${text}`,
    ],
  },
  {
    name: 'Chromium',
    codes: {
      transient:
        'CONNECTION_RESET CONNECTION_REFUSED NAME_NOT_RESOLVED TIMED_OUT INTERNET_DISCONNECTED EMPTY_RESPONSE NETWORK_CHANGED ADDRESS_UNREACHABLE',
      resource: 'INSUFFICIENT_RESOURCES OUT_OF_MEMORY',
    },
    types: ['selenium.common.exceptions.WebDriverException', 'playwright._impl._errors.Error', 'depot.ShotFailed'],
    messages: [
      (code, text) => `Message: unknown error: net::ERR_${code}\n  (${text})`,
      (code, text) => `Page.goto: net::ERR_${code} at https://depot.test/${text}`,
    ],
  },
  {
    name: 'MongoDB',
    codes: {
      transient:
        'WriteConflict LockTimeout NotWritablePrimary PrimarySteppedDown InterruptedAtShutdown HostUnreachable',
      resource: 'MaxTimeMSExpired',
    },
    types: ['pymongo.errors.OperationFailure', 'pymongo.errors.WriteError'],
    messages: [(code, text) => `${text}, full error: {'ok': 0.0, 'code': 7, 'codeName': '${code}'}`],
  },
  {
    name: 'gRPC',
    codes: {
      transient: 'UNAVAILABLE DEADLINE_EXCEEDED ABORTED',
      resource: 'RESOURCE_EXHAUSTED',
      cancelled: 'CANCELLED',
    },
    types: ['grpc._channel._InactiveRpcError', 'grpclib.exceptions.GRPCError', 'depot.GateClosed'],
    messages: [
      (code, text) => `<_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.${code}\n\t${text}`,
      (code, text) => `(<Status.${code}: 14>, '${text}', None)`,
    ],
  },
  {
    name: 'curl',
    codes: { transient: '6 7 28 35 52 55 56', bug: '3 51 60 77', resource: '23 27' },
    types: ['pycurl.error', 'curl_cffi.requests.errors.RequestsError'],
    messages: [(code, text) => `(${code}, '${text}')`, (code, text) => `Failed to perform, curl: (${code}) ${text}`],
  },
];

const prose = fc
  .array(fc.constantFrom('the', 'node', 'is', 'not', 'ready', 'for', 'queue', 'reports', '12'), { maxLength: 5 })
  .map((words) => words.join(' '));

for (const { name, codes, types, messages } of families) {
  for (const [want, list] of Object.entries(codes)) {
    test(`replies of ${name} that are ${want}`, () => {
      const reply = fc.tuple(
        fc.constantFrom(...list.split(' ')),
        fc.constantFrom(...types),
        fc.constantFrom(...messages),
      );
      fc.assert(
        fc.property(reply, prose, ([code, type, message], text) => {
          assert.equal(classByRules(replyRules, type, message(code, text)), want);
        }),
      );
    });
  }
}

describe('by the name of the exception', () => {
  const cases = [
    ['redis.exceptions.MovedError', '866 10.0.4.1:6379', 'transient'],
    ['redis.exceptions.ClusterError', 'TTL exhausted.', 'transient'],
    ['redis.exceptions.SlotNotCoveredError', 'Slot "866" is not covered by the cluster.', 'transient'],
    ['redis.exceptions.RedisClusterException', 'Redis Cluster cannot be connected.', 'transient'],
    ['redis.exceptions.RedisClusterException', 'MGET - all keys must map to the same key slot', 'bug'],
    ['redis.exceptions.ResponseError', 'ERR max daily request limit exceeded. Limit: 10, Usage: 10.', 'resource'],
    ['redis.exceptions.ResponseError', "ERR unknown command 'FOO'", 'bug'],
    ['amqp.exceptions.UnexpectedFrame', 'Received frame 206 while expecting type: 1', 'transient'],
    ['celery.exceptions.BackendGetMetaError', 'failed to get meta', 'transient'],
    ['imaplib.IMAP4.abort', 'socket error: EOF', 'transient'],
    ['imaplib.IMAP4.error', "b'[UNAVAILABLE] Temporary System Error'", 'transient'],
    ['ldap.SERVER_DOWN', '{}', 'transient'],
    ['ldap3.core.exceptions.LDAPSocketOpenError', 'unable to open socket', 'transient'],
    ['neo4j.exceptions.TransientError', '{code: Neo.TransientError.Transaction.DeadlockDetected}', 'transient'],
    ['neo4j.exceptions.TransientError', '{code: Neo.TransientError.General.OutOfMemoryError}', 'resource'],
    ['playwright._impl._errors.Error', 'Target page, context or browser has been closed', 'transient'],
  ] as const;
  for (const [type, message, want] of cases)
    test(`${type}: ${message}`, () => assert.equal(classByRules(replyRules, type, message), want));
});

describe('no reply', () => {
  const cases = [
    ['RuntimeError', 'OOM model has 3 states'],
    ['depot.Shipment', 'MOVED 503 crates'],
    ['redis.exceptions.ResponseError', 'value is BUSY'],
    ['ValueError', 'net::ERR_CONNECTION_RESET is no state'],
    ['KeyError', "'TransientTransactionError'"],
    ['smtplib.SMTPDataError', "(550, b'no such user')"],
    ['imaplib.IMAP4.error', "b'[AUTHENTICATIONFAILED] Invalid credentials'"],
    ['playwright._impl._errors.Error', 'Page.goto: net::ERR_CERT_DATE_INVALID at https://depot.test'],
    ['pymongo.errors.OperationFailure', "x, full error: {'code': 13, 'codeName': 'Unauthorized'}"],
    ['pycurl.error', "(22, 'The requested URL returned error: 404')"],
    ['grpc._channel._InactiveRpcError', 'status = StatusCode.NOT_FOUND'],
  ] as const;
  for (const [type, message] of cases)
    test(`${type}: ${message}`, () => assert.equal(classByRules(replyRules, type, message), undefined));
});
