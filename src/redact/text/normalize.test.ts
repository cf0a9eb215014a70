import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizeCharacters } from './normalize.ts';

const rows = [
  ['full-width letters', 'ｐａｓｓ＝Ｘ７', 'pass=X7'],
  ['full-width punctuation', '：（）～', ':()~'],
  ['Arabic digits', '٠١٢٩', '0129'],
  ['Persian digits', '۰۴۹', '049'],
  ['Devanagari digits', '०५९', '059'],
  ['typographic spaces', 'a\u00a0b\u2003c\u202fd\u3000e', 'a b c d e'],
  ['dashes and the minus sign', 'a\u2010b\u2014c\u2212d', 'a-b-c-d'],
  ['single quotes', '\u2018x\u2019', "'x'"],
  ['double quotes', '\u201cx\u201d', '"x"'],
  ['Japanese quotes', '\u300cx\u300d', '"x"'],
  ['plain text', 'pass=X7', 'pass=X7'],
  ['letters with accents', 'é ß ж 密', 'é ß ж 密'],
  ['other punctuation', '«x» … €', '«x» … €'],
] as const;
for (const [name, text, normalized] of rows)
  test(`${name} become ${JSON.stringify(normalized)}`, () => assert.equal(normalizeCharacters(text), normalized));

test('every character keeps its place', () => {
  for (let code = 0; code < 0x10000; code += 1) {
    const text = `a${String.fromCharCode(code)}b`;
    assert.equal(normalizeCharacters(text).length, 3);
  }
});
