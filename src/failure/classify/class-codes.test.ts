import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailureClass } from '../facts.ts';
import { classOfCodes, database } from './class-codes.ts';

interface Case {
  readonly type: string;
  readonly message: string;
  readonly source?: string;
  readonly want: FailureClass | undefined;
}

const request = 'requests.exceptions.HTTPError';
const statuses: readonly Case[] = [
  { type: request, message: '400 Client Error: Bad Request', want: 'bug' },
  { type: request, message: '404 Client Error: Not Found', want: 'bug' },
  { type: request, message: '407 Client Error: Proxy', want: 'bug' },
  { type: request, message: '408 Client Error: Timeout', want: 'transient' },
  { type: request, message: '409 Client Error: Conflict', want: 'bug' },
  { type: request, message: '425 Client Error: Too Early', want: 'transient' },
  { type: request, message: '429 Client Error: Too Many', want: 'transient' },
  { type: request, message: '499 Client Error: Closed', want: 'bug' },
  { type: request, message: '500 Server Error: Broken', want: 'transient' },
  { type: request, message: '599 Server Error: Other', want: 'transient' },
  { type: request, message: '399 Redirect', want: undefined },
  { type: 'depot.Broken', message: 'HTTP 404', want: undefined },
  { type: 'depot.Broken', message: 'HTTP 503', want: 'transient' },
  { type: 'depot.PartnerError', message: '404: no such order', want: 'bug' },
  { type: 'depot.Broken', message: '404: no such order', want: undefined },
  { type: 'depot.Broken', message: '503 orders are open', want: undefined },
  { type: 'depot.Broken', message: 'answered 503', source: 'raise Broken(response.status_code)', want: 'transient' },
  {
    type: 'depot.Broken',
    message: 'order 503 failed',
    source: 'raise Broken(response.status_code)',
    want: 'transient',
  },
  { type: 'depot.Broken', message: 'order 503 failed', source: 'raise Broken(order)', want: undefined },
];

const others: readonly Case[] = [
  { type: 'OSError', message: '[Errno 28] No space left on device', want: 'resource' },
  { type: 'OSError', message: '[Errno 24] Too many open files', want: 'resource' },
  { type: 'OSError', message: '[Errno 111] Connection refused', want: 'transient' },
  { type: 'socket.gaierror', message: '[Errno -2] Name or service not known', want: 'transient' },
  { type: 'OSError', message: '[Errno 2] No such file or directory', want: undefined },
  { type: 'OSError', message: '[WinError 10060] timed out', want: 'transient' },
  { type: 'OSError', message: '[WinError 112] disk full', want: 'resource' },
  { type: 'OSError', message: '[WinError 5] denied', want: undefined },
  { type: 'oracledb.DatabaseError', message: 'ORA-00060: deadlock', want: 'transient' },
  { type: 'oracledb.DatabaseError', message: 'ORA-04031: out of memory', want: 'resource' },
  { type: 'oracledb.DatabaseError', message: 'ORA-01013: cancelled', want: 'cancelled' },
  { type: 'oracledb.DatabaseError', message: 'ORA-00942: no table', want: undefined },
  { type: 'oracledb.OperationalError', message: 'DPY-6005: cannot connect', want: 'transient' },
  { type: 'pymysql.err.OperationalError', message: "(1213, 'Deadlock found')", want: 'transient' },
  { type: 'pymysql.err.OperationalError', message: "(1040, 'Too many connections')", want: 'resource' },
  { type: 'pymysql.err.OperationalError', message: "(1317, 'interrupted')", want: 'cancelled' },
  { type: 'pymysql.err.ProgrammingError', message: "(1146, 'no table')", want: undefined },
  { type: 'depot.Broken', message: "(1213, 'Deadlock found')", want: undefined },
  { type: 'pymssql.OperationalError', message: "(1205, b'deadlock')", want: 'transient' },
  { type: 'pymssql.OperationalError', message: "(701, b'no memory')", want: 'resource' },
  { type: 'pyodbc.Error', message: "('08S01', '[08S01] link failure')", want: 'transient' },
  { type: 'pyodbc.Error', message: "('HYT00', 'timeout')", want: 'transient' },
  { type: 'pyodbc.Error', message: "('42S02', 'no table')", want: undefined },
  { type: 'sqlalchemy.exc.DBAPIError', message: 'SQLSTATE[53300]: too many connections', want: 'resource' },
  { type: 'sqlalchemy.exc.DBAPIError', message: 'SQLSTATE[40001]: could not serialize', want: 'transient' },
  { type: 'sqlalchemy.exc.DBAPIError', message: 'SQLSTATE[57P01]: shutting down', want: 'transient' },
  { type: 'sqlalchemy.exc.DBAPIError', message: 'SQLSTATE[57P06]: other', want: undefined },
  { type: 'pymysql.err.InterfaceError', message: "(0, '')", want: 'transient' },
  { type: 'sqlalchemy.exc.InterfaceError', message: "(pymysql.err.InterfaceError) (0, '')", want: 'transient' },
  { type: 'pymysql.err.InternalError', message: 'Packet sequence number wrong - got 45 expected 1', want: 'transient' },
  { type: 'depot.Broken', message: "(0, '')", want: undefined },
  { type: 'cx_Oracle.DatabaseError', message: 'DPI-1010: not connected', want: 'transient' },
  { type: 'oracledb.InterfaceError', message: 'DPY-1001: not connected to database', want: 'transient' },
  { type: 'oracledb.DatabaseError', message: 'ORA-12537: TNS:connection closed', want: 'transient' },
  { type: 'oracledb.DatabaseError', message: 'ORA-12154: TNS:could not resolve', want: 'bug' },
  { type: 'cx_Oracle.DatabaseError', message: 'ORA-01555: snapshot too old', want: 'resource' },
  { type: 'cx_Oracle.DatabaseError', message: 'DPI-1002: invalid handle', want: undefined },
  { type: 'depot.Broken', message: 'connect ECONNREFUSED 127.0.0.1:6379', want: 'transient' },
  { type: 'depot.Broken', message: 'ENOSPC: no space left on device, write', want: 'resource' },
  { type: 'depot.Broken', message: 'failed, errno: 110', want: 'transient' },
  { type: 'KeyError', message: "'ECONNRESET'", want: undefined },
  { type: 'depot.Broken', message: 'ENCODING is missing', want: undefined },
];

/** The prints of one status in libraries and in applications. */
const prints: readonly ((status: string, phrase: string) => string)[] = [
  (status, phrase) => `${status} Server Error: ${phrase} for url: https://depot.test`,
  (status) => `HTTP ${status}`,
  (status, phrase) => `HTTP Error ${status}: ${phrase}`,
  (status) => `Error Code ${status}. Response content: x`,
  (status) => `Server returned response (${status}) with invalid XML`,
  (status) => `Server returned HTTP status ${status} (no content available)`,
  (status, phrase) => `(${status}, '${phrase}')`,
  (status, phrase) => `${phrase} (${status})`,
  (status, phrase) => `<ProtocolError for depot.test/RPC2: ${status} ${phrase}>`,
  (status) => `{"statusCode":${status}}`,
  (status) => `answered with ${status}`,
];
const phrases: readonly (readonly [string, string])[] = [
  ['429', 'Too Many Requests'],
  ['500', 'Internal Server Error'],
  ['502', 'Bad Gateway'],
  ['503', 'Service Unavailable'],
  ['504', 'Gateway Timeout'],
];
test('a status of an overloaded or failing server is transient, however it is printed', () => {
  for (const [status, phrase] of phrases) {
    for (const print of prints) {
      const message = print(status, phrase);
      assert.equal(classOfCodes('depot.PartnerError', message, ''), 'transient', message);
      if (status !== '429' || !message.includes('Server Error'))
        assert.equal(classOfCodes('depot.Broken', message, ''), 'transient', message);
    }
  }
  const shopify = 'Response(code=429, body="b\'{}\'", headers={}, msg="Too Many Requests")';
  assert.equal(classOfCodes('shopify.errors.ClientError', shopify, ''), 'transient');
});

for (const message of ['row 503: amount missing', '503 orders are open', 'order 429 failed', 'moved 502 crates'])
  test(`${message} has no status`, () => assert.equal(classOfCodes('depot.Broken', message, ''), undefined));

for (const { type, message, source = '', want } of [...statuses, ...others]) {
  const place = source === '' ? '' : `, raised by \`${source}\`,`;
  test(`${type} "${message}"${place} is ${want ?? 'decided by no code'}`, () =>
    assert.equal(classOfCodes(type, message, source), want));
}

test('a status wins over an errno in the same message', () => {
  assert.equal(classOfCodes(request, '404 Client Error [Errno 111]', ''), 'bug');
});

const types: readonly (readonly [type: string, isDatabase: boolean])[] = [
  ['psycopg2.OperationalError', true],
  ['psycopg.errors.DeadlockDetected', true],
  ['django.db.utils.OperationalError', true],
  ['django.core.exceptions.ValidationError', false],
  ['sqlite3.OperationalError', true],
  ['depot.psycopg2.Broken', true],
  ['mypsycopg2.Broken', false],
  ['peewee.OperationalError', true],
  ['redis.exceptions.ConnectionError', false],
];
for (const [type, isDatabase] of types) {
  test(`${type} ${isDatabase ? 'belongs' : 'does not belong'} to a database driver`, () =>
    assert.equal(database.test(type), isDatabase));
}
