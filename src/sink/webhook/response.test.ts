import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resultOfError, resultOfResponse } from './response.ts';

const now = Date.UTC(2026, 10, 24, 10);
const facts = { ref: 'incident-1', now };

const outcomes: readonly { readonly statuses: readonly number[]; readonly want: string }[] = [
  { statuses: [200, 202, 204, 299], want: 'delivered' },
  { statuses: [408, 409, 425, 429], want: 'not-delivered' },
  { statuses: [500, 502, 503, 599], want: 'unknown' },
  { statuses: [199, 300, 302, 308, 400, 401, 404, 410, 422, 499], want: 'refused' },
];
for (const { statuses, want } of outcomes) {
  test(`${statuses.join(', ')}: ${want}`, () => {
    for (const status of statuses)
      assert.equal(resultOfResponse({ status, retryAfter: null }, facts).outcome, want, `${status}`);
  });
}

test('a refusal names the status and the reference for later revisions', () => {
  const result = resultOfResponse({ status: 404, retryAfter: null }, facts);
  assert.deepEqual(result, { outcome: 'refused', reason: 'http-404', ref: 'incident-1' });
});

test('Retry-After applies to rate limits and to server errors', () => {
  for (const status of [429, 503]) {
    const result = resultOfResponse({ status, retryAfter: '7' }, facts);
    assert.equal('retryInMs' in result && result.retryInMs, 7_000);
  }
});

describe('Retry-After', () => {
  const cases: readonly { header: string | null; want: number | undefined }[] = [
    { header: null, want: undefined },
    { header: '0', want: 0 },
    { header: '120', want: 120_000 },
    { header: ' 5 ', want: 5_000 },
    { header: '3600', want: 3_600_000 },
    { header: '3601', want: 3_600_000 },
    { header: new Date(now + 90_000).toUTCString(), want: 90_000 },
    { header: new Date(now - 90_000).toUTCString(), want: 0 },
    { header: 'soon', want: undefined },
  ];
  for (const { header, want } of cases) {
    test(`${header} is ${want} ms`, () => {
      const result = resultOfResponse({ status: 429, retryAfter: header }, facts);
      assert.deepEqual(result, { outcome: 'not-delivered', reason: 'http-429', retryInMs: want });
    });
  }
});

describe('an error of the request', () => {
  const withCode = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

  test('is certain if the connection was never established', () => {
    for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT'])
      assert.deepEqual(resultOfError(withCode(code)), { outcome: 'not-delivered', reason: code, retryInMs: undefined });
  });

  test('is unknown if the request may have arrived', () => {
    for (const code of ['ECONNRESET', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT'])
      assert.equal(resultOfError(withCode(code)).outcome, 'unknown');
    const timeout = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    assert.deepEqual(resultOfError(timeout), { outcome: 'unknown', reason: 'TimeoutError', retryInMs: undefined });
  });

  test('is never quoted, because its text may contain the URL', () => {
    const error = new TypeError('Failed to parse URL from https://ops.example/t0ken');
    assert.doesNotMatch(JSON.stringify(resultOfError(error)), /t0ken/);
    assert.deepEqual(resultOfError('t0ken'), { outcome: 'unknown', reason: 'unknown', retryInMs: undefined });
  });
});
