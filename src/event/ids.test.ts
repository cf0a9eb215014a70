import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cleanName, isShortenedId, parseHostname, parseTaskId, type TaskId } from './ids.ts';

describe('task ids', () => {
  const cases: readonly (readonly [name: string, value: unknown, want: string | undefined])[] = [
    ['a UUID', '0b5f4a1e-6f1c-4d1a-9a55-3d4ad1d7e0a1', '0b5f4a1e-6f1c-4d1a-9a55-3d4ad1d7e0a1'],
    ['one character', 'x', 'x'],
    ['a sentence', 'nightly report for 2026-11-30', 'nightly report for 2026-11-30'],
    ['1,024 characters', 'x'.repeat(1_024), 'x'.repeat(1_024)],
    ['an integer', 42, '42'],
    ['a float', 1.5, '1.5'],
    ['a long integer', 2n ** 70n, '1180591620717411303424'],
    ['a boolean, as Python writes it', true, 'True'],
    ['an object', {}, undefined],
    ['control characters and spaces', 'a\u0000 b\n', 'a\u0000 b\n'],
    ['the empty text', '', undefined],
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['a list', ['a'], undefined],
  ];
  for (const [name, value, want] of cases)
    test(`${name}: ${want === undefined ? 'no id' : 'an id'}`, () => assert.equal(parseTaskId(value), want));
});

describe('a shortened id', () => {
  const long = 'x'.repeat(1_100);

  test('keeps the start and a hash, and is equal after a second shortening', () => {
    const id = parseTaskId(long) as TaskId;
    assert.match(id, /^x{200}…#[0-9a-f]{32}$/);
    assert.equal(parseTaskId(id), id);
    assert.deepEqual([isShortenedId(id), isShortenedId('x'.repeat(1_024) as TaskId)], [true, false]);
  });

  test('replaces text that is no valid Unicode', () => {
    assert.match(parseTaskId('a\ud800') ?? '', /^a\ufffd…#[0-9a-f]{32}$/);
  });

  test('is different for different ids', () => {
    const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
    const id = fc.tuple(fc.constantFrom('', 'a', long), text).map(([start, end]) => start + end);
    fc.assert(
      fc.property(id, id, (a, b) => {
        if (a !== b && a !== '' && b !== '') assert.notEqual(parseTaskId(a), parseTaskId(b));
      }),
    );
  });
});

describe('names', () => {
  const cases: readonly (readonly [name: string, value: unknown, want: string | undefined])[] = [
    ['a node name', 'celery@mail-1', 'celery@mail-1'],
    ['letters beyond ASCII', 'größe@büro', 'größe@büro'],
    ['a line break', 'mail\ncritical', 'mail\ufffdcritical'],
    ['a character that turns the direction', 'a\u202eb', 'a\ufffdb'],
    ['a zero-width space', 'a\u200bb', 'a\ufffdb'],
    ['256 characters', 'x'.repeat(256), 'x'.repeat(256)],
    ['a longer text', 'x'.repeat(300), 'x'.repeat(256)],
    ['half a surrogate pair', 'a\udc00', 'a\ufffd'],
    ['the empty text', '', undefined],
    ['a number', 7, undefined],
  ];
  for (const [name, value, want] of cases)
    test(`${name}: ${JSON.stringify(want)?.slice(0, 40)}`, () => {
      assert.equal(cleanName(value), want);
      assert.equal(cleanName(value), want, 'the second time from the cache');
      assert.equal(parseHostname(value), want ?? 'unknown');
    });
});

test('any number of names is cleaned right', () => {
  for (let index = 0; index < 12_000; index += 1) assert.equal(cleanName(`gen${index}@a\n`), `gen${index}@a\ufffd`);
});
