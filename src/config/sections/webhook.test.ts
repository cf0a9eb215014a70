import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Secret } from '../values/secret.ts';
import { isPlainText, webhook } from './webhook.ts';

const key = `whsec_${'A'.repeat(43)}=`;
const accepts = (values: object) =>
  webhook.schema.safeParse({ url: 'https://ops.example/hook', secret: key, ...values });

describe('url', () => {
  for (const url of ['https://ops.example', 'http://localhost:8080/a?b=c', 'https://ops.example/hook/t0ken'])
    test(`accepts ${url}`, () => assert.equal(accepts({ url }).success, true));
  for (const url of ['ops.example/hook', 'ftp://ops.example', 'https://user:pass@ops.example/', 'https:// ops', ''])
    test(`refuses "${url}"`, () => assert.equal(accepts({ url }).success, false));
});

describe('secret', () => {
  for (const secret of [key, `whsec_${'A'.repeat(32)}`, `whsec_${'A'.repeat(86)}==`])
    test(`accepts ${secret.length} characters`, () => assert.equal(accepts({ secret }).success, true));
  for (const secret of [
    'A'.repeat(32),
    `whsec_${'A'.repeat(31)}`,
    `whsec_${'A'.repeat(87)}==`,
    `whsec_${'-'.repeat(32)}`,
  ])
    test(`refuses ${secret.slice(0, 8)}… of ${secret.length}`, () => assert.equal(accepts({ secret }).success, false));
});

test('a timeout fits into the lease of a claim', () => {
  assert.equal(accepts({ timeout: '5s' }).success, true);
  assert.equal(accepts({ timeout: '6s' }).success, false);
});

test('a problem does not repeat the value', () => {
  assert.doesNotMatch(JSON.stringify(accepts({ url: 'ftp://t0ken', secret: 't0ken' }).error), /t0ken/);
});

describe('unencrypted', () => {
  const cases: readonly [string, boolean][] = [
    ['https://ops.example/', false],
    ['http://ops.example/', true],
    ['http://10.0.0.7:80/', true],
    ['http://localhost:9000/', false],
    ['http://127.0.0.1/', false],
    ['http://[::1]:9000/', false],
    ['http://localhost.example/', true],
  ];
  for (const [url, want] of cases) {
    test(`${url}: ${want}`, () =>
      assert.equal(isPlainText({ url: new Secret(url), secret: new Secret(key), timeoutMs: 4_000 }), want));
  }
});
