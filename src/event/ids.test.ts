import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cleanName, parseHostname, parseTaskId } from './ids.ts';

describe('task ids', () => {
  const cases: readonly (readonly [name: string, value: unknown, want: string | undefined])[] = [
    ['a UUID', '0b5f4a1e-6f1c-4d1a-9a55-3d4ad1d7e0a1', '0b5f4a1e-6f1c-4d1a-9a55-3d4ad1d7e0a1'],
    ['one character', 'x', 'x'],
    ['a sentence', 'nightly report for 2026-11-30', 'nightly report for 2026-11-30'],
    ['1,024 characters', 'x'.repeat(1_024), 'x'.repeat(1_024)],
    ['a character more', 'x'.repeat(1_025), undefined],
    ['the empty text', '', undefined],
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['a list', ['a'], undefined],
    ['half a surrogate pair', 'a\ud800', 'a\ufffd'],
  ];
  for (const [name, value, want] of cases)
    test(`${name}: ${want === undefined ? 'no id' : 'an id'}`, () => assert.equal(parseTaskId(value), want));
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
