import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isHarmless } from './harmless.ts';

describe('a harmless text', () => {
  for (const text of ['', '()', '{}', '[]', '(1001, 2)', '[[1], [22222222]]', '(12345678, 12345678)'])
    test(`${JSON.stringify(text)} needs no scan`, () => assert.ok(isHarmless(text)));
  for (const text of ['a', "''", '(123456789)', '1.5', '-1', '1234 5678 9', ' '.repeat(65), '\n'])
    test(`${JSON.stringify(text)} is scanned`, () => assert.ok(!isHarmless(text)));
});
