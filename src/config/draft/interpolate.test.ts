// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchFile, hasReference, interpolate, withoutReferences } from './interpolate.ts';

const env = { NAME: 'value', EMPTY: '', NESTED: '${env:NAME}' };
const files: Readonly<Record<string, string>> = {
  '/a': 'content\n',
  '/empty': '\n',
  '/crlf': 'x\r\n',
  '/two': 'x\n\n',
};

function readFile(path: string): string {
  const content = files[path];
  if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return content;
}

const resolved: readonly (readonly [text: string, want: string])[] = [
  ['plain', 'plain'],
  ['${env:NAME}', 'value'],
  ['redis://:${env:NAME}@${env:NAME}/0', 'redis://:value@value/0'],
  ['${env:NAME:-other}', 'value'],
  ['${env:MISSING:-other}', 'other'],
  ['${env:EMPTY:-other}', 'other'],
  ['${env:MISSING:-}', ''],
  ['${env:MISSING:-a:-b}', 'a:-b'],
  ['${file:/a}', 'content'],
  ['${file:/crlf}', 'x'],
  ['${file:/two}', 'x\n'],
  ['${env:NESTED}', '${env:NAME}'],
  ['${other:NAME}', '${other:NAME}'],
  ['$NAME ${NAME}', '$NAME ${NAME}'],
];
for (const [text, want] of resolved) {
  test(`${text} becomes ${JSON.stringify(want)}`, () => {
    const result = interpolate(text, env, readFile);
    assert.deepEqual(result, { ok: true, text: want });
  });
}

const failed: readonly (readonly [text: string, reason: string])[] = [
  ['${env:MISSING}', 'expected the environment variable MISSING to be set, got nothing'],
  ['${env:EMPTY}', 'expected the environment variable EMPTY to be set, got nothing'],
  ['${env:}', 'expected ${env:NAME} or ${env:NAME:-default}'],
  ['${env:1A}', 'expected ${env:NAME} or ${env:NAME:-default}'],
  ['${file:/missing}', 'expected a readable file at /missing, got ENOENT'],
  ['${file:/empty}', 'expected the file at /empty to hold a value, it is empty'],
  ['${env:MISSING}${file:/missing}', 'expected the environment variable MISSING to be set, got nothing'],
];
for (const [text, reason] of failed) {
  test(`${text} fails`, () => assert.deepEqual(interpolate(text, env, readFile), { ok: false, reason }));
}

test('a file without an error code is unreadable', () => {
  const fetched = fetchFile('/a', () => {
    throw new Error('canary');
  });
  assert.deepEqual(fetched, { ok: false, reason: 'expected a readable file at /a, got unreadable' });
});

for (const [text, want] of [
  ['${env:A}', true],
  ['a ${file:/b} c', true],
  ['${env', false],
  ['${ENV:A}', false],
  ['$env:A', false],
] as const) {
  test(`${text} contains ${want ? 'a' : 'no'} reference`, () => assert.equal(hasReference(text), want));
}

test('references are replaced by a fixed text', () => {
  assert.equal(withoutReferences('a${env:B}c${file:/d}', '?'), 'a?c?');
});
