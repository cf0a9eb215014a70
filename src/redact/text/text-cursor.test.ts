import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  closingOf,
  isDigit,
  isQuote,
  isSpace,
  isWordCharacter,
  keyBefore,
  keyCharsMax,
  openingAt,
} from './text-cursor.ts';

describe('classes of characters', () => {
  const classes: readonly (readonly [name: string, is: (code: number) => boolean, yes: string, no: string])[] = [
    ['a space', isSpace, ' \n\t\r', 'a_0"\u00a0'],
    ['a quote', isQuote, `'"`, '`\u201c\u00ab'],
    ['a digit', isDigit, '0189', 'a/:\u0663'],
    ['a word character', isWordCharacter, 'azAZ09_éßж密', ' -.:/@"\'\u2014\u3000\ufffd\uff1a\u00ab'],
  ];
  for (const [name, is, yes, no] of classes) {
    for (const character of yes)
      test(`${JSON.stringify(character)} is ${name}`, () => assert.ok(is(character.charCodeAt(0))));
    for (const character of no)
      test(`${JSON.stringify(character)} is not ${name}`, () => assert.ok(!is(character.charCodeAt(0))));
  }
});

describe('the key before a separator', () => {
  // ¦ is the separator.
  const rows: readonly (readonly [row: string, key: string | undefined, quote?: string])[] = [
    ['password¦', 'password'],
    ['a=1&token¦', 'token'],
    ['--api-key¦', 'api-key'],
    ['db.password¦', 'db.password'],
    ['$token¦', '$token'],
    ['user%5Bpw%5D¦', 'user%5Bpw%5D'],
    ['пароль¦', 'пароль'],
    ['密码¦', '密码'],
    ['password ¦', 'password'],
    ['password    ¦', 'password'],
    ['password     ¦', undefined],
    ["{'pass word'¦", 'pass word', "'"],
    ['{"token"¦', 'token', '"'],
    ["'a', 'b'¦", 'b', "'"],
    ['"line\nend"¦', undefined],
    ['user[password]¦', 'password'],
    ["data['password']¦", "'password'"],
    ['(password)¦', 'password'],
    ['(a + b)¦', undefined],
    ['text\\npassword¦', 'password'],
    ['text\\tpassword¦', 'password'],
    ['text\\xpassword¦', 'xpassword'],
    ['...name¦', 'name'],
    ['---¦', undefined],
    ['¦', undefined],
    ['<>¦', undefined],
    ["'¦", undefined],
  ];
  for (const [row, key, quote] of rows)
    test(`${JSON.stringify(row)} has the key ${key}`, () => {
      const place = keyBefore(row.replace('¦', ':'), row.indexOf('¦'));
      assert.equal(place?.key, key);
      if (key !== undefined) assert.equal(place?.quote, quote?.charCodeAt(0) ?? 0);
    });

  test('a key without quotes is cut at the limit, a quoted one over the limit is data', () => {
    const long = 'k'.repeat(keyCharsMax + 9);
    assert.equal(keyBefore(`${long}=`, long.length)?.key.length, keyCharsMax);
    assert.equal(keyBefore(`'${long}':`, long.length + 2), undefined);
    const atLimit = 'k'.repeat(keyCharsMax + 8);
    assert.equal(keyBefore(`'${atLimit}':`, atLimit.length + 2)?.key, atLimit);
  });

  test('letters written as escapes may make a quoted key longer', () => {
    const escaped = '\\u043f'.repeat(20);
    assert.equal(keyBefore(`"${escaped}":`, escaped.length + 2)?.key, escaped);
  });
});

describe('the start of a string', () => {
  const starts: readonly (readonly [text: string, mark: string | undefined, from?: number])[] = [
    ["'x'", "'", 1],
    ['"x"', '"', 1],
    ["b'x'", "'", 2],
    ["rb'x'", "'", 3],
    ['f"x"', '"', 2],
    ['\\"x', '\\"', 2],
    ['\\\\\\"x', '\\\\\\"', 4],
    ["b\\'x", "\\'", 3],
    ['x', undefined],
    ['\\x', undefined],
    ['', undefined],
    ["abc'x'", undefined],
  ];
  for (const [text, mark, from] of starts)
    test(`${JSON.stringify(text)} opens with ${mark}`, () => {
      const opening = openingAt(text, 0);
      assert.equal(opening?.mark, mark);
      assert.equal(opening?.from, from);
    });
});

describe('the end of a string', () => {
  /** The string from its quote up to the closing one, which ¦ marks. */
  const strings: readonly (readonly [name: string, row: string, isEntry?: boolean])[] = [
    ['ends at its quote', "'ab¦', 'c'"],
    ['ends before a bracket', "'ab¦')"],
    ['ends at the end of the text', "'ab¦'"],
    ['goes on behind an apostrophe in a word', "'it's ours¦', 1"],
    ['goes on behind an escaped quote', "'a\\'b¦', 'c'"],
    ['ends behind a raw backslash before the next key', "'C:\\¦', 'x': 1", true],
    ['goes on to the next key', "'a', b¦', 'x': 1", true],
    ['ends at the closing bracket of the dict', "'a'b¦'}", true],
    ['ends at the escaped quote of a string inside a string', '\\"a¦\\", \\"b\\"'],
    ['ends at the first plausible quote if no key follows', "'ab¦' and more text", true],
    ['ends at the end of the text without a quote', "'abc¦"],
  ];
  for (const [name, row, isEntry = false] of strings)
    test(name, () => {
      const text = row.replace('¦', '');
      const opening = openingAt(text, 0);
      assert.ok(opening !== undefined);
      assert.equal(closingOf(text, opening, { isEntry }), row.indexOf('¦'));
    });

  test('is not read beyond the end of the scan', () => {
    const text = "'abcdef', 'g'";
    const opening = openingAt(text, 0);
    assert.ok(opening !== undefined);
    assert.equal(closingOf(text, opening, { to: 4 }), 4);
  });

  test('a string without an end stops at the line end after 20,000 characters', () => {
    const text = `'${'a'.repeat(100)}\n${'b'.repeat(30_000)}`;
    const opening = openingAt(text, 0);
    assert.ok(opening !== undefined);
    assert.equal(closingOf(text, opening), 101);
    assert.equal(closingOf(text.replace('\n', ' '), opening), 20_001);
  });
});
