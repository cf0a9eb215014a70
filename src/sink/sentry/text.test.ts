import assert from 'node:assert/strict';
import { test } from 'node:test';
import { head, oneLine, tail } from './text.ts';

test('no half of a character is left where a text is cut', () => {
  assert.deepEqual([head('ab😀', 3), tail('😀ab', 3)], ['ab�', '�ab']);
});

test('no NUL is left', () => {
  assert.deepEqual([head('a\0b', 9), tail('a\0b', 9), oneLine('a\0b', 9)], ['ab', 'ab', 'a b']);
});

test('one line has no others, and nothing at its ends', () => {
  assert.equal(oneLine(' a \n\t b ', 9), 'a b');
});
