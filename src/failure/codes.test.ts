import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codesOf, statusNamed } from './codes.ts';

describe('codes in messages', () => {
  const cases: readonly (readonly [message: string, want: readonly string[]])[] = [
    ['404 Client Error: Not Found for url: http://stock/items/9', ['404']],
    ["Client error '429 Too Many Requests' for url 'http://stock'", ['429']],
    ['HTTP Error 503: Service Unavailable', ['503']],
    ["502, message='Bad Gateway', url='http://stock'", ['502']],
    ['<HttpError 403 when requesting http://sheet returned "denied">', ['403']],
    ['Error code: 500 - {"error": "overloaded"}', ['500']],
    ['(422)\nReason: Unprocessable', ['422']],
    ['request failed with status_code=504', ['504']],
    ['the stock service answered with an HTTP status 502', ['502']],
    ["TransportError(503, 'no shard available')", ['503']],
    ["(550, b'mailbox unavailable')", ['550']],
    ['550 File not found', ['550']],
    ['[Errno 28] No space left on device', ['28']],
    ['[WinError 10054] An existing connection was closed', ['10054']],
    ['[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed', ['CERTIFICATE_VERIFY_FAILED']],
    ['KafkaError{code=_TIMED_OUT,val=-185,str="timed out"}', ['_TIMED_OUT']],
    ['Code: 60. Table shop.orders does not exist', ['60']],
    ["Command 'convert' returned non-zero exit status 3.", ['exit status 3']],
    ["Command 'convert' died with <Signals.SIGKILL: 9>.", ['SIGKILL']],
    ['Error 111 connecting to cache:6379. Connection refused.', ['111']],
    ['An error occurred (ThrottlingException) when calling PutItem', ['ThrottlingException']],
    ['(psycopg2.errors.DeadlockDetected) deadlock detected', ['DeadlockDetected']],
    ['Worker exited prematurely: signal 9 (SIGKILL) Job: 3.', ['signal 9']],
    ['Worker exited prematurely: exitcode -11 Job: 4.', ['exitcode -11']],
    ['[DB-104] tablespace is full', ['DB-104']],
    ['ORA-00060: deadlock detected while waiting', ['ORA-00060']],
    ['SQLSTATE[40001]: Serialization failure', ['40001']],
    ["(1213, 'Deadlock found when trying to get lock')", ['1213']],
    ['READONLY You can not write against a read only replica.', ['READONLY']],
    ['status = StatusCode.UNAVAILABLE details = "connect failed"', ['UNAVAILABLE']],
  ];
  for (const [message, want] of cases) test(message.slice(0, 60), () => assert.deepEqual(codesOf(message), want));
});

describe('numbers that are no codes', () => {
  const messages = [
    'order 404 has no customer',
    '500 items left',
    'expected 503 rows, got 12',
    'took 504 ms',
    'signal lost',
    'a readonly field',
    'the code is 12',
    'waited for lock (120 s)',
    '',
  ];
  for (const message of messages) test(`"${message}"`, () => assert.deepEqual(codesOf(message), []));
});

describe('a raising line about a status', () => {
  const cases: readonly (readonly [source: string, message: string, want: readonly string[]])[] = [
    ["raise StockError(f'stock: {resp.status_code}')", 'stock: 503', ['503']],
    ["raise StockError(f'{order} {resp.status}')", 'order 9 failed: 418', ['418']],
    ["raise StockError(f'stock: {order.total}')", 'stock: 503', []],
    ["raise StockError(f'{resp.status_code}')", 'version 1.503.2', []],
    ["raise StockError(f'{resp.status_code}')", 'no number', []],
  ];
  for (const [source, message, want] of cases)
    test(`${source}: "${message}"`, () => assert.deepEqual(codesOf(message, source), want));

  test('names of a status are recognised', () => {
    for (const line of ['resp.status', 'status_code', 'statuscode', 'err.code', 'http_status'])
      assert.ok(statusNamed(line), line);
    for (const line of ['', 'order.total', 'encode(x)', 'statute']) assert.ok(!statusNamed(line), line);
  });
});

test('a code is returned once, and only from the first 2,000 characters', () => {
  assert.deepEqual(codesOf('HTTP 503, status 503'), ['503']);
  assert.deepEqual(codesOf(`${'x'.repeat(2_000)} HTTP 503`), []);
});
