import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, keyOf } from '../../test/fakes/incident.ts';
import { key } from '../../test/fakes/signal.ts';
import { type Book, emptyBook } from '../alert/incident.ts';
import { LocalBook } from './local-book.ts';

const now = 50_000;
const bookOf = (begunAt: number, ...ids: string[]): Book => ({
  ...emptyBook,
  begunAt,
  incidents: ids.map((id) => incidentOf({ id, keys: [keyOf({ key: key(`g|${id}`) })] })),
});
const idsOf = (book: Book | undefined) => book?.incidents.map(({ id }) => id).sort();
const adding = (id: string) => (book: Book | undefined) => {
  const known = book ?? bookOf(1);
  return { next: { ...known, incidents: [...known.incidents, ...bookOf(1, id).incidents] }, answer: id };
};

/** A local book that was last synchronized with `book`. */
function synchronizedWith(book: Book | undefined): LocalBook {
  const local = new LocalBook();
  local.synchronized(book);
  return local;
}

test('without own knowledge a change starts from the stored book', () => {
  const stored = bookOf(1, 'a');
  assert.equal(new LocalBook().base(stored, now), stored);
  assert.equal(new LocalBook().base(undefined, now), undefined);
});

test('without changes made alone a change starts from the stored book', () => {
  const stored = bookOf(1, 'a', 'b');
  assert.equal(synchronizedWith(bookOf(1, 'a')).base(stored, now), stored);
});

describe('changes made alone', () => {
  test('are applied to the latest known book and return their answer', () => {
    const local = synchronizedWith(bookOf(1, 'a'));
    assert.equal(local.updateAlone(adding('mine'), now), 'mine');
    assert.deepEqual(
      local.updateAlone((book) => ({ next: undefined, answer: idsOf(book) }), now),
      ['a', 'mine'],
    );
  });

  test('are joined with the stored book once', () => {
    const local = synchronizedWith(bookOf(1, 'a'));
    local.updateAlone(adding('mine'), now);
    const base = local.base(bookOf(1, 'a', 'theirs'), now);
    assert.deepEqual(idsOf(base), ['a', 'mine', 'theirs']);
    assert.equal(base?.lostAt, undefined);
    local.synchronized(base);
    const stored = bookOf(1, 'a');
    assert.equal(local.base(stored, now), stored);
  });

  test('do not exist after a change that changed nothing', () => {
    const local = synchronizedWith(bookOf(1, 'a'));
    local.updateAlone((book) => ({ next: book, answer: undefined }), now);
    const stored = bookOf(1, 'b');
    assert.equal(local.base(stored, now), stored);
  });
});

describe('a store that lost its data gets the book back, with the time of the loss', () => {
  test('if it holds none', () => {
    const base = synchronizedWith(bookOf(1, 'a')).base(undefined, now);
    assert.deepEqual([idsOf(base), base?.lostAt], [['a'], now]);
  });

  test('if another instance began a new book', () => {
    const base = synchronizedWith(bookOf(1, 'a')).base(bookOf(2, 'new'), now);
    assert.deepEqual([idsOf(base), base?.begunAt, base?.lostAt], [['a', 'new'], 1, now]);
  });

  test('not if the stored book is older than the own one', () => {
    const base = synchronizedWith(bookOf(2, 'a')).base(bookOf(1, 'old'), now);
    assert.deepEqual([idsOf(base), base?.begunAt, base?.lostAt], [['a', 'old'], 1, undefined]);
  });
});
