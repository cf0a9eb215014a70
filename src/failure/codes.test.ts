import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, statusNamed } from './codes.ts';

const messages: readonly (readonly [message: string, want: readonly string[]])[] = [
  ['503 Server Error: Busy for url: http://x', ['503']],
  ["Client error '404 Not Found' for url 'http://x'", ['404']],
  ['HTTP Error 502: Bad Gateway', ['502']],
  ["429, message='Too Many', url='http://x'", ['429']],
  ['<HttpError 403 when requesting https://x>', ['403']],
  ['(422) Reason: Unprocessable', ['422']],
  ['status_code=504, body=none', ['504']],
  ['the partner answered with status 409', ['409']],
  ['the partner answered 2 of 3 requests', []],
  ["TransportError(503, 'busy')", ['503']],
  ['404 NOT FOUND', ['404']],
  ['404 rows were read', []],
  ['error code E_STOCK', ['E_STOCK']],
  ['Error code: 1205, try again', ['1205']],
  ['{"code": "card_declined", "message": "no"}', ['card_declined']],
  ["{'error': {'code': 'rate_limited'}}", ['rate_limited']],
  ['CARD_REFUSED: the bank refused', ['CARD_REFUSED']],
  ['[CARD_REFUSED] the bank refused', ['CARD_REFUSED']],
  ['the promo code: SUMMER is unknown', []],
  ['MAX_BEDS is a setting', []],
  ['[Errno 28] No space left on device', ['28']],
  ['[WinError 10060] timed out', ['10060']],
  ['[Errno -2] Name or service not known', ['-2']],
  ['[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed', ['CERTIFICATE_VERIFY_FAILED']],
  ['KafkaError{code=_TIMED_OUT,val=-185}', ['_TIMED_OUT']],
  ['Code: 241. DB::Exception: Memory limit exceeded', ['241']],
  ["Command 'ls' returned non-zero exit status 2.", ['exit status 2']],
  ['died with <Signals.SIGKILL: 9>.', ['SIGKILL']],
  ['Error 111 connecting to redis:6379.', ['111']],
  ['An error occurred (SlowDown) when calling PutObject', ['SlowDown']],
  ['(psycopg2.errors.DeadlockDetected) deadlock detected', ['DeadlockDetected']],
  ['Worker exited prematurely: signal 9 (SIGKILL) Job: 4.', ['signal 9']],
  ['Worker exited prematurely: exitcode 3 Job: 1.', ['exitcode 3']],
  ['ORA-00060: deadlock detected', ['ORA-00060']],
  ['SQLSTATE[40001]: serialization failure', ['40001']],
  ["(1213, 'Deadlock found when trying to get lock')", ['1213']],
  ['READONLY You cannot write against a read only replica.', ['READONLY']],
  ['status = StatusCode.UNAVAILABLE', ['UNAVAILABLE']],
  ['room 12 is taken', []],
  ['', []],
];
for (const [message, want] of messages) {
  test(`"${message}" has ${want.length === 0 ? 'no code' : `the code ${want.join(', ')}`}`, () =>
    assert.deepEqual(codesOf(message), want));
}

test('each code counts once', () => {
  assert.deepEqual(codesOf('503 Server Error: HTTP Error 503'), ['503']);
});

const answered = 'partner answered 404 to order 512';
const lines: readonly (readonly [source: string, want: readonly string[]])[] = [
  ['raise Refused(f"partner answered {answer.status_code}")', ['404']],
  ['raise Refused(answer.code)', ['404']],
  ['raise Refused(answer.http_status)', ['404']],
  ['raise Refused(order.number)', ['404']],
];
for (const [source, want] of lines) {
  test(`of "${answered}" raised by \`${source}\` only the status is a code`, () =>
    assert.deepEqual(codesOf(answered, source), want));
}

test('a number is a status only if the raising line mentions one', () => {
  assert.deepEqual(codesOf('got 302 for order 7', 'raise Refused(order)'), []);
  assert.deepEqual(codesOf('got 302 for order 7', 'raise Refused(response.status)'), ['302']);
});

test('a code behind the first 2,000 characters is data', () => {
  assert.deepEqual(codesOf(`${'x'.repeat(1_980)} [Errno 28]`), ['28']);
  assert.deepEqual(codesOf(`${'x'.repeat(2_000)} [Errno 28]`), []);
});

const sources: readonly (readonly [source: string, want: boolean])[] = [
  ['raise E(resp.status_code)', true],
  ['raise E(resp.status)', true],
  ['raise E(resp.code)', true],
  ['raise E(http_status)', true],
  ['raise E(code)', false],
  ['raise E(statuses)', false],
  ['', false],
];
for (const [source, want] of sources) {
  test(`\`${source}\` mentions ${want ? 'a' : 'no'} status`, () => assert.equal(statusNamed(source), want));
}
