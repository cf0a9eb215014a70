import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, openedAt } from '../../../test/fakes/incident.ts';
import { type Book, emptyBook } from '../incident.ts';
import { hasOtherPolicies, rankOf, withReplica } from '../incidents/replicas.ts';
import { canDeliverDegraded, type DegradedDelivery, patienceMs, turnMs } from './degraded-mode.ts';
import type { NextAction, Postable } from './ledger.ts';

const policy = 'p1';
const names = ['a', 'b', 'c', 'd'];
const book: Book = names.reduce(
  (known: Book, instance) => withReplica(known, { instance, policy }, openedAt),
  emptyBook,
);
const about: Postable = { kind: 'incident', incident: incidentOf() };
const awaySince = openedAt + 1_000;

function may(facts: Partial<DegradedDelivery>, wanted: NextAction | undefined = 'post'): boolean {
  const usual = { wanted, book, untold: 0, instance: 'a', policy: { degradedPerHour: 10 }, awaySince, now: awaySince };
  return canDeliverDegraded(about, { ...usual, ...facts });
}

test('everybody has a turn of its own, the same for all who know of one another', () => {
  const ranks = names.map((instance) => rankOf('7d3f9a1c2b', instance, book));
  assert.deepEqual(ranks.toSorted(), [0, 1, 2, 3]);
  const firsts = Array.from({ length: 40 }, (_, id) => names.find((instance) => rankOf(`${id}`, instance, book) === 0));
  assert.equal(new Set(firsts).size, 4, 'and not always the same one goes first');
});

test('while the store is there nobody waits', () => assert.equal(may({ awaySince: undefined }), true));

test('without it each waits for its turn', () => {
  for (const instance of names) {
    const turn = awaySince + patienceMs + turnMs * rankOf('7d3f9a1c2b', instance, book);
    assert.equal(may({ instance, now: turn - 1 }), false);
    assert.equal(may({ instance, now: turn }), true);
  }
});

test('posts and reminders are few, what hangs on a message is not counted', () => {
  const posted = Array.from({ length: 3 }, (_, id) =>
    incidentOf({ id: `${id}`, openedAt: awaySince, root: { channel: 'C1', ts: '1' } }),
  );
  const facts = { book: { ...book, incidents: posted }, now: awaySince + 10 * 60_000 };
  assert.equal(may({ ...facts, policy: { degradedPerHour: 3 } }), false);
  assert.equal(may({ ...facts, policy: { degradedPerHour: 3 } }, 'reminder'), false);
  assert.equal(may({ ...facts, policy: { degradedPerHour: 3 } }, 'edit'), true);
  assert.equal(may({ ...facts, policy: { degradedPerHour: 4 } }), true);
  assert.equal(may({ ...facts, policy: { degradedPerHour: 4 }, untold: 1 }), false);
  assert.equal(may({ ...facts, policy: { degradedPerHour: 3 }, now: awaySince + 2 * 3_600_000 }), true);
});

test('a word of each is kept for two minutes, and for ever by one that hears nobody', () => {
  const later = openedAt + 5 * 60_000;
  const own = { instance: 'a', policy };
  assert.deepEqual(
    withReplica(book, own, later).replicas.map(({ instance }) => instance),
    ['a'],
  );
  assert.deepEqual(
    withReplica(book, own, later, true)
      .replicas.map(({ instance }) => instance)
      .sort(),
    names,
  );
  assert.equal(withReplica(book, own, openedAt + 29_999), book, 'and written every half minute');
});

test('says when somebody works by another policy', () => {
  assert.equal(hasOtherPolicies(book, policy), false);
  assert.equal(hasOtherPolicies(withReplica(book, { instance: 'e', policy: 'p2' }, openedAt), policy), true);
});
