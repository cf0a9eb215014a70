import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amount, duration, escaped, listed, literal, share, tail } from './text.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const literals: readonly (readonly [name: string, text: string, charsMax: number, want: string])[] = [
  ['a text at the limit is unchanged', 'abcd', 4, 'abcd'],
  ['a text beyond the limit is cut at its end', 'abcde', 4, 'abc…'],
  ['an empty text is named', '', 4, '(empty)'],
  ['a text of blanks is named', ' \n\t ', 20, '(empty)'],
  ['blanks around a text are removed', ' a b ', 20, 'a b'],
  ['a line break stays', 'a\nb', 20, 'a\nb'],
  ['a tab becomes a blank', 'a\tb', 20, 'a b'],
  ['control characters are removed', 'a\u0000\u001b[31mb', 20, 'a[31mb'],
  ['a bidirectional override is removed', 'a\u202eb', 20, 'ab'],
  ['a zero-width character is removed', 'pay\u200bment', 20, 'payment'],
  ['tag characters are removed', 'pay\u{e0069}ment', 20, 'payment'],
  ['a pair of surrogates is not cut in two', 'ab😀', 3, 'ab…'],
  ['a lone surrogate is replaced', 'a\ud83d', 20, 'a\ufffd'],
];
for (const [name, text, charsMax, want] of literals) {
  test(`literal: ${name}`, () => assert.equal(literal(text, charsMax), want));
}

const tails: readonly (readonly [text: string, charsMax: number, want: string])[] = [
  ['shop.tasks.charge', 17, 'shop.tasks.charge'],
  ['shop.tasks.charge', 16, '…op.tasks.charge'],
  ['a\n  b', 10, 'a b'],
  [`${'x'.repeat(1_000)}.charge`, 8, '….charge'],
  ['a😀b', 3, '…b'],
  ['  ab', 2, 'ab'],
  ['   ab', 2, '…b'],
];
for (const [text, charsMax, want] of tails) {
  test(`the last ${charsMax} characters of ${JSON.stringify(text.slice(-20))} are ${want}`, () =>
    assert.equal(tail(text, charsMax), want));
}

test('escaped text contains no markup and no entity is cut in two', () => {
  assert.equal(escaped('<!channel> & ```', 40), "&lt;!channel&gt; &amp; '''");
  assert.equal(escaped('a\n<b>', 40), 'a &lt;b&gt;');
  assert.equal(escaped('<<<<', 3), '&lt;&lt;…');
});

test('a list shows its first names and counts the others', () => {
  assert.equal(listed(['a', 'b'], 2, 10), 'a, b');
  assert.equal(listed(['a', 'b', 'c'], 2, 10), 'a, b and 1 more');
  assert.equal(listed([], 2, 10), '');
});

const durations: readonly (readonly [ms: number, text: string])[] = [
  [0, '0 s'],
  [-5, '0 s'],
  [1, '1 ms'],
  [999, '999 ms'],
  [second, '1 s'],
  [59 * second, '59 s'],
  [minute, '1 min'],
  [61 * second, '61 s'],
  [119 * second, '119 s'],
  [2 * minute, '2 min'],
  [59 * minute, '59 min'],
  [hour, '1 h'],
  [3 * hour + 5 * minute, '3 h 5 min'],
  [47 * hour, '47 h'],
  [48 * hour, '2 days'],
  [4.4 * 24 * hour, '4 days'],
];
for (const [ms, text] of durations) {
  test(`${ms} ms are shown as ${text}`, () => assert.equal(duration(ms), text));
}

const amounts: readonly (readonly [value: number, text: string])[] = [
  [0, '0'],
  [0.04, '< 0.1'],
  [0.05, '0.1'],
  [2.44, '2.4'],
  [9.94, '9.9'],
  [9.96, '10'],
  [10, '10'],
  [10.4, '10'],
  [1_204, '1,204'],
];
for (const [value, text] of amounts) {
  test(`the amount ${value} is shown as ${text}`, () => assert.equal(amount(value), text));
}

const shares: readonly (readonly [part: number, whole: number, text: string])[] = [
  [0, 100, '0%'],
  [1, 101, '< 1%'],
  [1, 100, '1%'],
  [7, 212, '3%'],
  [5, 5, '100%'],
  [0, 0, '0%'],
];
for (const [part, whole, text] of shares) {
  test(`${part} of ${whole} is ${text}`, () => assert.equal(share(part, whole), text));
}
