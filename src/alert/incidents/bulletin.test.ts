import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Book, emptyBook } from '../incident.ts';
import { withBulletin, withDigestCount, withDigestLine } from './bulletin.ts';

const hour = 3_600_000;
const grown = (book: Book, at: number, line: string, channel = '#alerts'): Book => ({
  ...book,
  ...withBulletin(book, 'storm', channel, at, line).change,
});

test('a storm is one growing message per hour and channel', () => {
  let book = grown(emptyBook, 1, 'a');
  book = grown(book, hour, 'b');
  book = grown(book, 2, 'c', '#other');
  assert.deepEqual(
    book.bulletins.map(({ channel, lines, rev }) => [channel, lines, rev]),
    [
      ['#alerts', ['a', 'b'], 2],
      ['#other', ['c'], 1],
    ],
  );
  book = grown(book, hour + 1, 'd');
  assert.equal(book.bulletins.length, 3);
  assert.equal(new Set(book.bulletins.map(({ id }) => id)).size, 3);
});

test('lines without room are counted', () => {
  let book: Book = emptyBook;
  for (let line = 0; line < 42; line += 1) book = grown(book, 1, `${line}`);
  assert.deepEqual([book.bulletins[0]!.lines.length, book.bulletins[0]!.more, book.bulletins[0]!.rev], [30, 12, 42]);
});

test('the newest bulletins are kept', () => {
  let book: Book = emptyBook;
  for (let channel = 0; channel < 130; channel += 1) book = grown(book, 1, 'a', `#${channel}`);
  assert.deepEqual([book.bulletins.length, book.bulletins.at(-1)?.channel], [100, '#129']);
});

test('the digest gathers lines and counts, bounded', () => {
  let book: Book = emptyBook;
  for (let line = 0; line < 250; line += 1) book = { ...book, ...withDigestLine(book, 7, `${line}`) };
  for (const reason of ['muted', 'muted', 'budget']) book = { ...book, ...withDigestCount(book, reason) };
  assert.deepEqual([book.digest.since, book.digest.lines.length, book.digest.lines[0]], [7, 200, '50']);
  assert.deepEqual(book.digest.counts, { muted: 2, budget: 1 });
});
