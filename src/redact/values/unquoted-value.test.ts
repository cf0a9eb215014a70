import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scanOf } from '../../../test/fakes/text-scan.ts';
import type { KeyMeaning } from '../names/key-meaning.ts';
import type { ScanContext } from '../text/match.ts';
import { unquotedValueEnd } from './unquoted-value.ts';

const token: KeyMeaning = { kind: 'token', isWeak: false };

interface Options {
  readonly meaning?: KeyMeaning;
  readonly context?: ScanContext;
}

/** `key: ¦value¦ rest`: the value is between the two marks; a row with one mark has no value. */
function testEnds(rows: readonly string[], { meaning = token, context = 'text' }: Options = {}): void {
  for (const row of rows)
    test(row.replaceAll('\n', '⏎'), () => {
      const [before = '', value, ...rest] = row.split('¦');
      const text = rest.length === 0 ? `${before}${value}` : `${before}${value}${rest.join('')}`;
      const scan = scanOf(text, context);
      const sign = /[:=]\s*$/.exec(before)?.index ?? -1;
      const place = scan.keyBefore(sign);
      assert.ok(place !== undefined);
      const separator = text[sign] as ':' | '=';
      const end = unquotedValueEnd(scan, { place, meaning, separator, valueFrom: before.length });
      assert.equal(end, rest.length === 0 ? undefined : before.length + (value as string).length);
    });
}

describe('a word in a text', () => {
  testEnds([
    'x token=¦abc¦ rest',
    'x token=¦abc¦&page=2',
    'x token=¦abc¦, page=2',
    'x token=¦abc¦; page=2',
    'x token=¦a,b;c¦ rest',
    'x token=¦abc¦) rest',
    'x token=¦abc¦] rest',
    'x token=¦a)b¦ rest',
    'x token=¦abc¦" rest',
    "x token=¦it's¦ rest",
    'x token=¦abc¦<br>',
    'x token=¦abc¦ | next',
    'x token=¦a|b¦ rest',
    'x token=¦abc¦\\nnext',
    'x token=¦abc¦\\t rest',
    'x token=¦ab\\tcd¦ rest',
    'x token=¦abc¦\\"',
    'x token=¦abc¦\nnext',
    'x token=¦abc¦',
    'x token:¦a&b¦ rest',
  ]);
});

describe('a line of settings', () => {
  testEnds([
    'token: ¦two words¦\nnext: 1',
    'a=1\ntoken = ¦two words¦\nnext',
    'a=1\n  - token: ¦two words¦\n',
    'export token: ¦two words¦\n',
    'a\\ntoken: ¦two words¦\\nnext',
    'token: ¦two words¦ # a comment',
    'token: ¦two words¦, page: 2',
    'token: ¦abc¦ is not valid',
  ]);
});

describe('an assignment before a command', () => {
  testEnds(['token=¦abc¦ command', 'x\ntoken=¦abc¦ command -v']);
});

describe('a header', () => {
  testEnds(['x Authorization: ¦Bearer abc¦', 'x Cookie: ¦a=1; b=2¦ rest', 'x X-Auth-Token: ¦two words¦\nHost: a']);
});

describe('a word of a message is no value', () => {
  testEnds(['token: ¦must not be blank', 'token: ¦expired', 'x token: ¦is required', 'token: ¦signature mismatch']);
});

describe('a reference is no value', () => {
  testEnds(['token=¦$TOKEN', 'token=¦$(cat file)', 'token=¦$\u007bTOKEN}/x']);
  testEnds(['x token=¦$ab¦ rest', 'x token=¦$TOKENx¦ rest']);
});

describe('a number in groups', () => {
  testEnds(['x phone=¦+49 151 1234567¦ rest', 'x phone=¦(030) 12345¦ rest', 'x phone=¦12345¦ rest'], {
    meaning: { kind: 'phone', isWeak: false },
  });
  testEnds(['x token=¦12¦ 34 rest']);
});
