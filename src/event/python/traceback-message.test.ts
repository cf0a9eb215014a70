import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFinal, readLink } from './traceback-message.ts';

const header = 'Traceback (most recent call last):';
const causeLink = 'The above exception was the direct cause of the following exception:';
const contextLink = 'During handling of the above exception, another exception occurred:';

function read(lines: readonly string[], depth = 0) {
  const reader = { lines, at: 0 };
  const final = readFinal(reader, depth);
  return { final, at: reader.at };
}

describe('a message', () => {
  const cases = [
    { name: 'is one line', lines: ['E: one'], want: { type: 'E', value: 'one' }, at: 1 },
    {
      name: 'has several lines',
      lines: ['E: one', 'two', '', 'three'],
      want: { type: 'E', value: 'one\ntwo\n\nthree' },
      at: 4,
    },
    { name: 'has no blank lines at its end', lines: ['E: one', '', ''], want: { type: 'E', value: 'one' }, at: 3 },
    {
      name: 'ends before a link with an exception after it',
      lines: ['E: one', '', causeLink, '', header],
      want: { type: 'E', value: 'one' },
      at: 1,
    },
    {
      name: 'contains a link without an exception after it',
      lines: ['E: one', '', causeLink, '', 'as the log has it'],
      want: { type: 'E', value: `one\n\n${causeLink}\n\nas the log has it` },
      at: 5,
    },
    {
      name: 'contains a quoted traceback with its links',
      lines: ['E: ', '"""', header, 'A: x', '', contextLink, '', header, 'B: y', '"""', '', causeLink, '', header],
      want: { type: 'E', value: `\n"""\n${header}\nA: x\n\n${contextLink}\n\n${header}\nB: y\n"""` },
      at: 10,
    },
    { name: 'is missing without a final line', lines: ['two words'], want: undefined, at: 0 },
    { name: 'is missing at the end of the text', lines: [], want: undefined, at: 0 },
  ];
  for (const { name, lines, want, at } of cases) test(name, () => assert.deepEqual(read(lines), { final: want, at }));

  test('of a group member ends with its region, and has no margin after other line ends', () => {
    const { final, at } = read(['  | E: one\r  | two', '  | three', '  +------'], 1);
    assert.deepEqual([final, at], [{ type: 'E', value: 'one\rtwo\nthree' }, 2]);
  });
});

describe('a link', () => {
  const cases = [
    { name: 'of a cause', lines: ['', causeLink, '', header], want: 'cause' },
    { name: 'of a context', lines: ['', contextLink, '', header], want: 'context' },
    { name: 'before a bare exception', lines: ['', causeLink, '', 'shop.Gone: x'], want: 'cause' },
    {
      name: 'before a group',
      lines: ['', causeLink, '', '  + Exception Group Traceback (most recent call last):'],
      want: 'cause',
    },
    { name: 'at the end of a cut text', lines: ['', causeLink, ''], want: 'cause' },
    { name: 'before a cut header', lines: ['', causeLink, '', 'Traceback (most'], want: 'cause' },
    { name: 'before any other text', lines: ['', causeLink, '', 'some words'], want: undefined },
    { name: 'without a blank line before it', lines: ['x', causeLink, '', header], want: undefined },
    { name: 'without a blank line after it', lines: ['', causeLink, 'x', header], want: undefined },
    { name: 'with another text', lines: ['', 'Another exception:', '', header], want: undefined },
  ];
  for (const { name, lines, want } of cases) {
    test(`${name}: ${want ?? 'none'}`, () => {
      const reader = { lines, at: 0 };
      assert.equal(readLink(reader, 0), want);
      assert.equal(reader.at, want === undefined ? 0 : 3);
    });
  }
});
