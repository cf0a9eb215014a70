import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contentAt, finalOf, linesOf, margin, namesException } from './traceback-lines.ts';

describe('the final line of an exception', () => {
  const cases = [
    { line: 'ValueError: no such row', want: { type: 'ValueError', value: 'no such row' } },
    { line: 'ValueError', want: { type: 'ValueError', value: '' } },
    { line: 'ValueError:', want: { type: 'ValueError', value: '' } },
    { line: 'requests.exceptions.Timeout: 5 s', want: { type: 'requests.exceptions.Timeout', value: '5 s' } },
    { line: 'make.<locals>.Oops: x', want: { type: 'make.<locals>.Oops', value: 'x' } },
    { line: 'migrations.0002_fill-in.Fault: x', want: { type: 'migrations.0002_fill-in.Fault', value: 'x' } },
    { line: 'Erreur_été: x', want: { type: 'Erreur_été', value: 'x' } },
    { line: 'ValueError: 10 %\r20 %', want: { type: 'ValueError', value: '10 %\r20 %' } },
    { line: 'shop.NotFound[Order]: 7', want: { type: 'shop.NotFound[Order]', value: '7' } },
    { line: 'Gone[dict[str, int]]', want: { type: 'Gone[dict[str, int]]', value: '' } },
    { line: 'ray.RayTaskError(ValueError): x', want: { type: 'ray.RayTaskError(ValueError)', value: 'x' } },
    { line: 'call(one, two): x', want: undefined },
    { line: 'rooms["floor"]: x', want: undefined },
    { line: 'ValueError:no space', want: undefined },
    { line: 'two words: x', want: undefined },
    { line: '  File "a.py", line 1, in f', want: undefined },
    { line: '0rror: x', want: undefined },
    { line: '', want: undefined },
  ];
  for (const { line, want } of cases) test(JSON.stringify(line), () => assert.deepEqual(finalOf(line), want));

  test('has a type of at most 500 characters', () => {
    assert.equal(finalOf('x'.repeat(500))?.type.length, 500);
    assert.equal(finalOf('x'.repeat(501)), undefined);
  });
});

describe('a line certainly names an exception', () => {
  const cases = [
    { line: 'ValueError: x', want: true },
    { line: 'shop.errors: x', want: true },
    { line: 'Gone', want: true },
    { line: 'note: see the docs', want: false },
    { line: 'ERROR: x', want: false },
    { line: 'two words', want: false },
  ];
  for (const { line, want } of cases) test(`${line}: ${want}`, () => assert.equal(namesException(line), want));
});

describe('lines', () => {
  const header = 'Traceback (most recent call last):';
  test('of a Windows text have no carriage return', () => {
    assert.deepEqual(linesOf(`${header}\r\nE: a\r\n`), [header, 'E: a', '']);
  });
  test('of another text keep it, because it belongs to a message', () => {
    assert.deepEqual(linesOf(`${header}\nE: a\r\n`), [header, 'E: a\r', '']);
  });
});

describe('the content of a line in a group', () => {
  const lines = ['plain', '  | one', '    | two', '  |', 'x | text'];
  const reader = { lines, at: 0 };
  const cases = [
    { at: 0, depth: 0, want: 'plain' },
    { at: 0, depth: 1, want: undefined },
    { at: 1, depth: 1, want: 'one' },
    { at: 1, depth: 2, want: undefined },
    { at: 2, depth: 2, want: 'two' },
    { at: 3, depth: 1, want: '' },
    { at: 4, depth: 1, want: undefined },
    { at: 5, depth: 0, want: undefined },
  ];
  for (const { at, depth, want } of cases)
    test(`line ${at} at depth ${depth}: ${JSON.stringify(want)}`, () =>
      assert.equal(contentAt(reader, at, depth), want));

  test('is indented by two spaces per depth', () => assert.deepEqual([0, 1, 3].map(margin), ['', '  ', '      ']));
});
