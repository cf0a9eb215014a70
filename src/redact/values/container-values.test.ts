import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { markedText, scanOf, testDetector } from '../../../test/fakes/text-scan.ts';
import type { KeyMeaning } from '../names/key-meaning.ts';
import { hideContainerValues } from './container-values.ts';
import type { TextScan } from './text-scan.ts';

const under = (meaning: KeyMeaning) => (scan: TextScan, at: number) => hideContainerValues(scan, at, meaning);
const secret: KeyMeaning = { kind: 'secret', isWeak: false };

describe('a container under a secret name', () => {
  testDetector(
    [
      "x=¦['«aa11»', '«bb22»']",
      "x=¦['«aa11»', «bb22»]",
      "x=¦{'current': '«aa11»', 'version': 'v7'}",
      "x=¦{'a': {'b': ['«aa11»']}}",
      "x=¦{'a': b'«aa11»'}",
      "x=¦('«aa11»',)",
      "x=¦{current: '«aa11»', username: 'ann'}",
      "x=¦{'current' => '«aa11»'}",
      'x=¦{\\"current\\": \\"«aa11»\\"}',
      "x=¦['«aa11»'] and 'bb22'",
      "x=¦{'«aa11»', None, ''}",
      "x=¦['«aa11»",
    ],
    under(secret),
    { kind: 'secret' },
  );
  testDetector(
    ["x=¦{'username': 'ann', 'host': 'db'}", 'x=¦[]', 'x=¦[None, True]', 'x=¦{"expires_at": 123456}'],
    under(secret),
  );
});

describe('the entries of a container keep their own meaning', () => {
  testDetector(["x=¦{'password': '«aa»', 'page': '7x', 'x': '«7x»'}"], under(secret));
  test('by kind', () => {
    const scan = scanOf("{'password': 'aa', 'token': 'bb', 'x': 'cc'}");
    hideContainerValues(scan, 0, secret);
    assert.deepEqual(
      scan.found.map(({ kind }) => kind),
      ['password', 'token', 'secret'],
    );
  });
});

describe('a plural container', () => {
  const plural: KeyMeaning = { ...secret, isPlural: true };
  testDetector(["x=¦{'mail': '«aa11»', 'db': '«bb22»', 'user': 'ann'}", "x=¦['«aa11»']"], under(plural));
  testDetector(["x=¦{'max': 4096}", 'x=¦[12345678]'], under(plural));
});

describe('a pair of user and password under a weak name', () => {
  const auth: KeyMeaning = { kind: 'token', isWeak: true };
  testDetector(["auth=¦('robot', '«Sw0rdfish»')", "auth=¦['robot', '«x7-plum»']"], under(auth));
  testDetector(["auth=¦['basic', 'digest']", "auth=¦('robot')", "auth=¦{'type': 'basic'}"], under(auth));
});

describe('a cookie jar', () => {
  const jar: KeyMeaning = { kind: 'cookie', isWeak: false };
  testDetector(["cookies=¦{'sid': '«ab12cd34»', 'theme': 'dark', 'lang': 'de'}"], under(jar), { kind: 'cookie' });
});

describe('the arguments of a call', () => {
  testDetector(
    ["Token¦(value='«aa11»', ttl=30)", "Token¦(name, '«aa11»')", "Token¦(value='«aa11»', owner=user.name)"],
    under(secret),
  );
});

test('returns the end of the container', () => {
  const scan = scanOf("x=['aa', ('bb')] rest");
  assert.equal(hideContainerValues(scan, 2, secret), "x=['aa', ('bb')]".length);
  assert.equal(hideContainerValues(scanOf("['aa"), 0, secret), 4);
});

test('64 levels are read, and more exceed the budget', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}'aa11'${']'.repeat(depth)}`;
  const scan = scanOf(nested(64));
  hideContainerValues(scan, 0, secret);
  assert.ok(markedText(scan).includes('«aa11»'));
  assert.throws(() => hideContainerValues(scanOf(nested(65)), 0, secret), RangeError);
});
