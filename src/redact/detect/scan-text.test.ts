import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { markedText } from '../../../test/fakes/text-scan.ts';
import { KeyNames } from '../names/key-names.ts';
import type { Match, ScanContext } from '../text/match.ts';
import { TextScan } from '../values/text-scan.ts';
import { scanText } from './scan-text.ts';

const names = new KeyNames({ sensitiveKeys: [], safeKeys: [] });

function foundIn(text: string, options: { context?: ScanContext; start?: number; to?: number } = {}): Match[] {
  const found: Match[] = [];
  scanText({ text, names, context: 'text', found, ...options });
  return found;
}

const marked = (text: string, context: ScanContext = 'text'): string =>
  markedText(new TextScan({ text, names, context, found: foundIn(text, { context }) }));

describe('each character at which a secret can start', () => {
  const rows: readonly (readonly [character: string, row: string])[] = [
    ['a colon', "{'password': '«Zebra7x»'}"],
    ['a colon before slashes', 'redis://:«hunter22x»@cache:6379/0'],
    ['an equals sign', 'x password=«Zebra7x» y'],
    ['a comma', "('password', '«Zebra7x»')"],
    ['a closing angle bracket', '<password>«Zebra7x»</password>'],
    ['an arrow', 'password->«Zebra7x» x'],
    ['an at sign', 'to «ann@example.com» now'],
    ['an at sign of a login', 'ann:«Zebra7x»@db.internal'],
    ['an encoded at sign', 'to=«ann%40example.com» now'],
    ['an encoded plus sign', 'x «%2B4915112345678» y'],
    ['an encoded equals sign', 'x%26token%3D«Zebra7xQ9»%26y'],
    ['an encoded colon', '%22token%22%3A%22«Zebra7xQ9»%22'],
    ['a dash of a long option', 'x --password «Zebra7x» y'],
    ['a dash of a short option', 'mysql -p«S3cret9» shop'],
    ['five dashes', 'x «-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----» y'],
    ['a plus sign', 'call «+44 7700 900123» now'],
    ['a dollar sign', 'x «$2b$12$KIXQ4dUq0h8mVtYbq5rZ8u» y'],
    ['a brace', 'x «{SSHA}c2FsdGhhc2hoYXNo» y'],
    ['a slash', 'xfreerdp /u:ann /p:«Zebra7x» x'],
    ['two zeros', 'call «0049 151 1234567» now'],
    ['a digit', 'card «4111 1111 1111 1111» declined'],
    ['a digit of a bot token', 'bot «123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw» x'],
    ['a digit of a code', '«648404» is your login code'],
    ['a port', 'db:5432:shop:ann:«Zebra7x»'],
    ['a word of a sentence', 'Bearer «abcdef1234567890»'],
    ['a word before a bracket', "login('ann', '«Zebra7x»')"],
    ['a word before a comma', 'name,password\nann,«Zebra7x»\n'],
    ['a word before a tab', 'sessionid\t«Zebra7x»'],
    ['a word of a statement', "INSERT INTO t (a, password) VALUES ('b', '«Zebra7x»')"],
    ['a word with a country code', 'IBAN «DE89370400440532013000» x'],
    ['a word of another script', 'пароль «Zebra7x» неверен'],
    ['an escaped bracket', '&lt;password&gt;«Zebra7x»&lt;/password&gt;'],
    ['a word before a colon', 'x pass:«mango7» y'],
    ['a star before forty digits', 'x *«2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19» y'],
  ];
  for (const [character, row] of rows)
    test(`${character}: ${row.replaceAll('\n', '⏎').slice(0, 60)}`, () =>
      assert.equal(marked(row.replace(/[«»]/g, '')), row));
});

describe('a text inside another', () => {
  const rows = [
    `{'body': '{"password": "«Zebra7x»"}', 'n': 1}`,
    `{'cmd': ['mysql', '-p«S3cret9»'], 'url': 'redis://:«hunter22x»@c/0'}`,
    `{'env': 'A=1\\nDB_PASSWORD=«Zebra7x»\\nB=2'}`,
    `('user=ann&client_secret=«s%21x99»&page=2',)`,
  ];
  for (const row of rows) test(row, () => assert.equal(marked(row.replace(/[«»]/g, '')), row));
});

describe('a line of code', () => {
  test('hides literals', () =>
    assert.equal(marked("connect(host, password='Zebra7x')", 'source'), "connect(host, password='«Zebra7x»')"));
  for (const line of [
    'connect(host, password=password)',
    'token = request.token',
    'Bearer abcdef1234567890',
    'your code is 493201',
  ])
    test(`keeps ${line}`, () => assert.equal(marked(line, 'source'), line));
});

describe('an escaped line end', () => {
  test('is not part of the next key', () => assert.equal(marked('a=1\\npassword=Zebra7x'), 'a=1\\npassword=«Zebra7x»'));
  test('is not part of the next word', () => assert.equal(marked('\\nAUTH s3cret!'), '\\nAUTH «s3cret!»'));
});

describe('the scan of a part', () => {
  const text = 'password=Zebra7x password=Lion8yq';
  test('starts and ends at its limits', () => {
    const [first] = foundIn(text, { start: 17 });
    assert.deepEqual(first, { from: 26, to: 33, kind: 'password' });
    assert.deepEqual(foundIn(text, { to: 12 }), [{ from: 9, to: 12, kind: 'password' }]);
    assert.deepEqual(foundIn(text, { start: 12, to: 20 }), []);
  });
});

describe('budgets', () => {
  test('nested URLs over the budget exceed it', () => {
    assert.throws(() => foundIn('a://'.repeat(40_000)), RangeError);
    assert.doesNotThrow(() => foundIn('https://example.com/a '.repeat(400)));
  });
});

describe('for any text', () => {
  const piece = fc.constantFrom(
    ...`'"\\{}[]()<>:=,@-+%$&?/ \n\t;|#`,
    'password',
    'token',
    'eyJ',
    '://',
    'a',
    '4',
    'é',
    '密码',
    ' is ',
    'Bearer ',
  );
  test('places are inside the scanned part', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(20), (parts, start) => {
        const text = parts.join('');
        const to = Math.max(start, text.length - 3);
        if (start > text.length) return;
        for (const match of foundIn(text, { start, to })) {
          assert.ok(match.to <= to, `${match.to} > ${to} in ${text}`);
          assert.ok(match.from < match.to);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('a second scan finds the same', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        assert.deepEqual(foundIn(text), foundIn(text));
      }),
      { numRuns: 500 },
    );
  });
});
