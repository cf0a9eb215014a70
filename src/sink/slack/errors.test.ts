import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { classify, isTokenError, type SlackErrorKind } from './errors.ts';

const platformError = (error: string) => new WebAPIPlatformError({ ok: false, error });
const requestError = (code: string) => new WebAPIRequestError(withCode(new Error('request failed'), code));
const httpError = (status: number) => new WebAPIHTTPError(status, 'status', {});

function withCode(error: Error, code: string): Error {
  return Object.assign(error, { code });
}

const answers: readonly (readonly [answer: string, kind: SlackErrorKind['kind']])[] = [
  ['msg_too_long', 'content'],
  ['invalid_blocks', 'content'],
  ['invalid_blocks_format', 'content'],
  ['no_text', 'content'],
  ['metadata_too_large', 'content'],
  // Not in Slack's documentation.
  ['invalid_attachments_format', 'content'],
  ['invalid_message_metadata', 'content'],
  ['message_not_found', 'gone'],
  ['cant_update_message', 'gone'],
  ['edit_window_closed', 'gone'],
  ['thread_not_found', 'gone'],
  ['channel_not_found', 'refused'],
  ['not_in_channel', 'refused'],
  ['is_archived', 'refused'],
  ['missing_scope', 'refused'],
  ['invalid_auth', 'refused'],
  ['invalid_arguments', 'refused'],
  ['internal_error', 'unknown'],
  ['fatal_error', 'unknown'],
  ['an_error_of_next_year', 'unknown'],
];
for (const [answer, kind] of answers) {
  test(`the answer ${answer} is ${kind}`, () => {
    assert.deepEqual(classify(platformError(answer)), { kind, reason: answer });
  });
}

for (const answer of ['<html>Bad gateway</html>', '', 'UPPER', 'a'.repeat(61)]) {
  test(`the answer "${answer.slice(0, 20)}" is no error code of Slack, and not part of the reason`, () => {
    assert.deepEqual(classify(platformError(answer)), { kind: 'unknown', reason: 'unreadable-answer' });
  });
}

test('a rate limit contains its waiting time', () => {
  const expected = { kind: 'rate-limited', reason: 'rate-limited', retryInMs: 7_000 };
  assert.deepEqual(classify(new WebAPIRateLimitedError(7)), expected);
});

for (const answer of ['ratelimited', 'rate_limited']) {
  test(`the answer ${answer} contains no waiting time and waits half a minute`, () => {
    assert.deepEqual(classify(platformError(answer)), {
      kind: 'rate-limited',
      reason: 'rate-limited',
      retryInMs: 30_000,
    });
  });
}

const statuses: readonly (readonly [status: number, kind: SlackErrorKind['kind']])[] = [
  [400, 'not-sent'],
  [404, 'not-sent'],
  // The request may have reached Slack before the timeout.
  [408, 'unknown'],
  [499, 'not-sent'],
  [500, 'unknown'],
  [503, 'unknown'],
];
for (const [status, kind] of statuses) {
  test(`HTTP status ${status} is ${kind}`, () => {
    assert.deepEqual(classify(httpError(status)), { kind, reason: `http-${status}` });
  });
}

const codes: readonly (readonly [code: string, kind: SlackErrorKind['kind']])[] = [
  ['ECONNREFUSED', 'not-sent'],
  ['ENOTFOUND', 'not-sent'],
  ['EAI_AGAIN', 'not-sent'],
  ['UND_ERR_CONNECT_TIMEOUT', 'not-sent'],
  ['CERT_HAS_EXPIRED', 'not-sent'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'not-sent'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'not-sent'],
  ['ECONNRESET', 'unknown'],
  ['UND_ERR_SOCKET', 'unknown'],
  ['ETIMEDOUT', 'unknown'],
];
for (const [code, kind] of codes) {
  test(`a request that failed with ${code} is ${kind}`, () => {
    assert.deepEqual(classify(requestError(code)), { kind, reason: code });
  });
}

test('the innermost code of a wrapped error decides', () => {
  const socket = withCode(new Error('connect'), 'ECONNREFUSED');
  const wrapped = new WebAPIRequestError(new TypeError('fetch failed', { cause: socket }));
  assert.deepEqual(classify(wrapped), { kind: 'not-sent', reason: 'ECONNREFUSED' });
});

test('a timeout is unknown', () => {
  const timeout = new WebAPIRequestError(new DOMException('timed out', 'TimeoutError'));
  assert.deepEqual(classify(timeout), { kind: 'unknown', reason: 'timeout' });
});

for (const thrown of [undefined, null, 'text', new Error('no code'), {}]) {
  test(`${String(thrown)} is unknown`, () => {
    assert.deepEqual(classify(thrown), { kind: 'unknown', reason: 'no-answer' });
  });
}

const tokenErrors: readonly (readonly [reason: string, isTokenRelated: boolean])[] = [
  ['invalid_auth', true],
  ['token_expired', true],
  ['token_revoked', true],
  ['account_inactive', true],
  ['missing_scope', false],
  ['not_in_channel', false],
];
for (const [reason, isTokenRelated] of tokenErrors) {
  test(`another token ${isTokenRelated ? 'can' : 'cannot'} resolve ${reason}`, () => {
    assert.equal(isTokenError({ kind: 'refused', reason }), isTokenRelated);
  });
}

test('only a refusal is an error of the token', () => {
  assert.equal(isTokenError({ kind: 'unknown', reason: 'invalid_auth' }), false);
});
