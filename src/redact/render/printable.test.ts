import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cut, printable } from './printable.ts';

describe('printable text', () => {
  const texts = [
    ['plain text', 'a b\n\tc', 'a b\n\tc'],
    ['letters of other scripts', 'é ж 密 😀', 'é ж 密 😀'],
    ['a control character', 'a\u0000b\u001bc\u007f', 'a�b�c�'],
    ['a C1 control character', 'a\u009bb', 'a�b'],
    ['a soft hyphen', 'a\u00adb', 'a�b'],
    ['a zero-width character', 'a\u200bb\u2060c\ufeffd', 'a�b�c�d'],
    ['a character that turns the direction', 'a\u202eb\u2066c\u061cd', 'a�b�c�d'],
    ['a variation selector', 'a\ufe0fb', 'a�b'],
    ['a line separator', 'a\u2028b\u2029c', 'a�b�c'],
    ['a broken surrogate', 'a\ud800b\udc00c', 'a�b�c'],
    ['a carriage return', 'a\rb', 'a�b'],
    ['Windows line ends', 'a\r\nb\r\nc', 'a\nb\nc'],
  ] as const;
  for (const [name, text, shown] of texts)
    test(`${name} in ${JSON.stringify(text)}`, () => assert.equal(printable(text), shown));
});

describe('a text over its limit', () => {
  test('at the limit stays whole', () => assert.equal(cut('a b c', 5, false), 'a b c'));
  test('loses the word at the cut', () => assert.equal(cut('first second third', 15, false), 'first second...'));
  test('loses the last parameter too', () => assert.equal(cut('a=1&token=abcdef', 12, false), 'a=1...'));
  test('loses 512 characters if it has no words', () => {
    assert.equal(cut('x'.repeat(2_000), 1_000, false), `${'x'.repeat(488)}...`);
    assert.equal(cut('x'.repeat(2_000), 100, false), '...');
  });

  test('of a traceback loses whole lines in the middle', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${String(index).padStart(2, '0')}\n`).join('');
    assert.equal(lines.length, 160);
    assert.equal(
      cut(lines, 80, true),
      'line 00\nline 01\n  [cut: 112 characters]\nline 16\nline 17\nline 18\nline 19\n',
    );
  });

  test('of a traceback with one endless line keeps a part of its end', () => {
    const shown = cut('x'.repeat(10_000), 4_000, true);
    assert.equal(shown, `  [cut: 8512 characters]\n${'x'.repeat(1_488)}`);
  });
});
