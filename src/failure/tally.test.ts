import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../test/fakes/failure.ts';
import { FailureTally } from './tally.ts';

const hourMs = 60 * 60_000;

test('failures with one fingerprint are counted together', () => {
  const tally = new FailureTally();
  const counts = [
    failureOf({ id: 'a', fingerprint: 'one', at: 10 }),
    failureOf({ id: 'b', fingerprint: 'two', at: 20 }),
    failureOf({ id: 'c', fingerprint: 'one', at: 5 }),
  ].map((failure) => tally.count(failure, 100));
  assert.deepEqual(counts, [
    { fingerprint: 'one', count: 1, firstAt: 10, lastAt: 10 },
    { fingerprint: 'two', count: 1, firstAt: 20, lastAt: 20 },
    { fingerprint: 'one', count: 2, firstAt: 5, lastAt: 10 },
  ]);
});

test('a failure that is reported again with another cause or fingerprint is counted once', () => {
  const tally = new FailureTally();
  tally.count(failureOf({ id: 'a', cause: 'worker-lost' }), 0);
  assert.equal(tally.count(failureOf({ id: 'a', cause: 'app-error', fingerprint: 'other' }), hourMs - 1), undefined);
});

test('an id is forgotten after an hour', () => {
  const tally = new FailureTally();
  tally.count(failureOf({ id: 'a' }), 0);
  assert.equal(tally.count(failureOf({ id: 'a' }), hourMs)?.count, 2);
});

test('a flood forgets its oldest ids and never grows beyond its bound', () => {
  const tally = new FailureTally();
  const failure = failureOf();
  for (let index = 0; index <= 100_000; index += 1) tally.count({ ...failure, id: String(index) }, 0);
  assert.equal(tally.count({ ...failure, id: '100000' }, 0), undefined);
  assert.equal(tally.count({ ...failure, id: '0' }, 0)?.count, 100_002);
});
