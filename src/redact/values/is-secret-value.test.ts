import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeyMeaning, SecretKeyKind } from '../names/key-meaning.ts';
import { digitsIn, isPlainCookie, isSecretValue, isSentence, looksGenerated } from './is-secret-value.ts';

function testValues(name: string, meaning: KeyMeaning, secret: readonly string[], plain: readonly string[]): void {
  describe(name, () => {
    for (const value of secret)
      test(`${JSON.stringify(value)} is secret`, () => assert.equal(isSecretValue(value, meaning), true));
    for (const value of plain)
      test(`${JSON.stringify(value)} is not secret`, () => assert.equal(isSecretValue(value, meaning), false));
  });
}

const strong = (kind: SecretKeyKind): KeyMeaning => ({ kind, isWeak: false });
const weak = (kind: SecretKeyKind): KeyMeaning => ({ kind, isWeak: true });

const placeholders = [
  '',
  '  ',
  'None',
  'null',
  'True',
  'required',
  'not set',
  'str',
  'Optional[str]',
  '***',
  '•••',
  'xxxx',
  '...',
  '-',
  'n/a',
  '{password}',
  '%s',
  '%(password)s',
  '$PASSWORD',
  '$\u007bPASSWORD}',
  '[redacted]',
  '[redacted:token]',
  '<hidden value>',
  '<Secret object at 0x7f1c>',
];
for (const kind of ['password', 'token', 'secret'] as const)
  testValues(`a placeholder under a ${kind}`, strong(kind), [], placeholders);

testValues(
  'a password',
  strong('password'),
  ['x', 'mango', 'four words of joy', '12345', 'a/b', '/', 'correct horse battery', 'None of them'],
  ['This field is required.', 'must be at least 8 characters', '/home/ann', '/usr/local/bin/'],
);
testValues('a weak password', weak('password'), ['aB3dE5fG7h'], ['mango', '12345678901', 'aaaaaaaaaa']);
testValues(
  'a token',
  strong('token'),
  ['abc', 'x7', '123456', 'aB3', 'a b'],
  ['12345', '12.5', '1_000_000', '-3', 'The token is invalid'],
);
testValues(
  'a token of a plural',
  { ...strong('token'), isPlural: true },
  ['x7', 'abc'],
  ['123456', '4096', '-12345678'],
);
testValues(
  'a weak token',
  weak('token'),
  ['aB3dE5fG7h', 'q7Xm2Pw9Tb'],
  [
    'oauth2',
    'mango',
    '0123456789ab',
    'deadbeefdeadbeefdeadbeefdeadbeef',
    'ann@mail.example.org',
    'sha256:aB3dE5fG7h',
    'abc_aB3dE5fG7h',
  ],
);
testValues(
  'a weak token of a URL',
  { ...weak('token'), isUrlParameter: true },
  ['a1b2c3d4e5f6', '0123456789abcdef', 'aB3dE5fG7h'],
  ['mango', '12345', 'spring-term'],
);
testValues('a weak cookie', weak('cookie'), ['0123456789abcdef', 'a1b2c3d4e5'], ['spring-term', 'open', '42']);
testValues(
  'a code',
  strong('code'),
  ['493201', '0042', '123', 'ab12-cd34', 'ABCD', '12-34'],
  ['42', '7', 'abcd', 'ok', 'a'.repeat(3)],
);
testValues('a weak code', weak('code'), ['aB3dE5fG7h'], ['493201', 'E1001', 'ABCD']);
testValues(
  'a card',
  strong('card'),
  ['4242424242424242', '4242 4242 4242', 'ABCDE1234F'],
  ['4242', 'visa', '42424242424'],
);
testValues('an IBAN', strong('iban'), ['DE89370400', 'x123456'], ['DE', '12345']);
testValues('an id', strong('id'), ['12-3456789', 'AB123', '123'], ['2026', 'AB12', 'looked up at 1234']);
testValues(
  'a phone number',
  strong('phone'),
  ['12345', '+49 151 1234567', '(0)30-12345'],
  ['1234', 'mobile', '2026-01-02T03:04'],
);
testValues('an e-mail address', strong('email'), ['ann@x.org', 'ann%40x.org', '@'], ['ann', 'mail ann@x.org now']);
testValues(
  'an IP address',
  strong('ip'),
  ['10.1.2.3', '93.184.216.34', 'fe80::1', '10.1...'],
  ['localhost', '7', 'v1'],
);
testValues(
  'an IP address under a bare name',
  weak('ip'),
  ['93.184.216.34', '172.32.0.1'],
  [
    '10.1.2.3',
    '127.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    '172.31.255.1',
    '169.254.1.1',
    '0.0.0.0',
    '::1',
    'fe80::1',
    'fd00::1',
  ],
);

describe('a sentence', () => {
  for (const text of ['This field is required.', 'the value must not be blank', 'Token has expired'])
    test(text, () => assert.ok(isSentence(text)));
  for (const text of ['four words of joy', 'is', 'required', 'isrequired', 'is is is is', ''])
    test(`${text} is none`, () => assert.ok(!isSentence(text)));
});

describe('a generated value', () => {
  for (const value of ['a1b2c3d4e5', 'aB3dE5fG7h', 'q7Xm-2Pw9Tb4N', 'Zm9vYmFyMTIz'])
    test(value, () => assert.ok(looksGenerated(value)));
  const others = [
    'a1b2c3d4e',
    'mango-mango',
    'CamelCaseName',
    'spring2026term',
    'a1b2 c3d4 e5f6',
    '0b5f4a1e-6f1c-4d1a-9a55-3d4ad1d7e0a1',
    'd41d8cd98f00b204e9800998ecf8427e',
    'https://a1b2c3d4e5f6',
    '2026-01-02T03:04:05Z',
    `a1${'b2c3'.repeat(2_100)}`,
  ];
  for (const value of others) test(`${value.slice(0, 40)} is none`, () => assert.ok(!looksGenerated(value)));
});

test('digits are counted in the first 256 characters', () => {
  assert.equal(digitsIn('a1b22'), 3);
  assert.equal(digitsIn(''), 0);
  assert.equal(digitsIn('1'.repeat(300)), 256);
});

describe('a cookie', () => {
  const cookies = [
    ['theme', 'dark', undefined, true],
    ['lang', 'de-CH', undefined, true],
    ['utm_source', 'mail from ann', undefined, true],
    ['pref', 'wide', undefined, true],
    ['pref', '42', undefined, true],
    ['pref', '4242', undefined, false],
    ['pref', 'two words', undefined, false],
    ['lang', 'a1b2c3d4e5', undefined, false],
    ['sid', 'wide', strong('cookie'), false],
    ['theme', 'dark', strong('cookie'), true],
  ] as const;
  for (const [name, value, meaning, isPlain] of cookies)
    test(`${name}=${value} ${isPlain ? 'is plain' : 'is secret'}`, () =>
      assert.equal(isPlainCookie(name, value, meaning), isPlain));
});
