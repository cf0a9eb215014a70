import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  checkSize,
  decodeLease,
  decodeOwner,
  encodeRecord,
  hold,
  isAlive,
  type LeaseRecord,
  release,
} from './fleet-record.ts';

const micros = (ms: number): number => ms * 1_000;
const held: LeaseRecord = { holder: 'a', term: 7, until: 1_000, note: 'from a' };

describe('a lease', () => {
  const cases = [
    { name: 'that no instance ever held is acquired', found: undefined, instance: 'a', now: 500, isMine: true },
    { name: 'that this instance holds is renewed', found: held, instance: 'a', now: 500, isMine: true },
    { name: 'that this instance held is renewed after its end', found: held, instance: 'a', now: 2_000, isMine: true },
    { name: 'that another instance holds is refused', found: held, instance: 'b', now: 999, isMine: false },
    { name: 'that has ended is acquired', found: held, instance: 'b', now: 1_000, isMine: true },
    {
      name: 'that was released is acquired',
      found: { ...held, holder: '', until: 0 },
      instance: 'b',
      now: 1,
      isMine: true,
    },
  ];
  for (const { name, found, instance, now, isMine } of cases)
    test(name, () => {
      const { next, lease } = hold(found, { instance, ttlMs: 100, note: 'mine' }, micros(now));
      assert.equal(lease.isMine, isMine);
      assert.equal(next?.holder, isMine ? instance : undefined, 'a refusal writes nothing');
      if (next !== undefined) assert.equal(next.until, now + 100);
    });

  test('a renewal keeps the term and replaces the note', () => {
    const { next } = hold(held, { instance: 'a', ttlMs: 100, note: 'new' }, micros(500));
    assert.deepEqual([next?.term, next?.note], [7, 'new']);
  });

  test('an acquisition raises the term and hands over the note of the last holder', () => {
    const { next, lease } = hold(held, { instance: 'b', ttlMs: 100, note: 'unused' }, micros(1_000));
    assert.ok((next?.term ?? 0) > 7);
    assert.equal(lease.note, 'from a');
  });

  test('a term never falls, even if the clock of the store does', () => {
    const { next } = hold({ ...held, term: micros(9_000) }, { instance: 'b', ttlMs: 100, note: '' }, micros(2_000));
    assert.equal(next?.term, micros(9_000) + 1);
  });

  test('a refusal names the holder', () => {
    const { lease } = hold(held, { instance: 'b', ttlMs: 100, note: '' }, micros(10));
    assert.deepEqual(lease, { isMine: false, holder: 'a', term: 7, note: 'from a' });
  });
});

describe('a release', () => {
  test('keeps the term and leaves a note', () =>
    assert.deepEqual(release(held, { instance: 'a', note: 'bye' }), { holder: '', term: 7, until: 0, note: 'bye' }));
  test('of another instance changes nothing', () =>
    assert.equal(release(held, { instance: 'b', note: '' }), undefined));
  test('of nothing changes nothing', () => assert.equal(release(undefined, { instance: 'a', note: '' }), undefined));
});

test('a record is alive before its end and not at it', () => {
  assert.equal(isAlive({ until: 10 }, 9), true);
  assert.equal(isAlive({ until: 10 }, 10), false);
});

describe('records as text', () => {
  test('come back as they were', () => {
    const owner = { host: 'h', seenAt: 1, until: 2, open: 'key' };
    assert.deepEqual(decodeLease(encodeRecord(held)), held);
    assert.deepEqual(decodeOwner(encodeRecord(owner)), owner);
  });

  const broken = [
    '',
    'null',
    '[]',
    '{}',
    '{"holder":1}',
    'x'.repeat(100),
    '{"holder":"a","term":1.5,"until":1,"note":""}',
  ];
  for (const text of broken)
    test(`"${text.slice(0, 30)}" is neither a lease nor an owner`, () => {
      assert.equal(decodeLease(text), undefined);
      assert.equal(decodeOwner(text), undefined);
    });

  test('no text makes the decoders throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void [decodeLease(text), decodeOwner(text)]));
  });
});

describe('size limits', () => {
  const refused = (what: Parameters<typeof checkSize>[0]): boolean => {
    try {
      checkSize(what);
      return false;
    } catch (error) {
      assert.ok(error instanceof RangeError);
      assert.doesNotMatch(error.message, /xxx/, 'the content is not repeated');
      return true;
    }
  };
  const cases = [
    { name: 'a note of 1,024 characters', what: { note: 'é'.repeat(1_024) }, isRefused: false },
    { name: 'a note of one character more', what: { note: 'x'.repeat(1_025) }, isRefused: true },
    { name: 'open work of 1 MiB', what: { open: 'é'.repeat(512 * 1_024) }, isRefused: false },
    { name: 'open work of one byte more', what: { open: `${'é'.repeat(512 * 1_024)}x` }, isRefused: true },
  ];
  for (const { name, what, isRefused } of cases)
    test(`${name} is ${isRefused ? 'refused' : 'accepted'}`, () => assert.equal(refused(what), isRefused));
});
