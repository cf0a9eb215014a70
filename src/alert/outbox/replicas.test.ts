import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openedAt } from '../../../test/fakes/incident.ts';
import { type Book, emptyBook } from '../incident.ts';
import { otherPoliciesCount, rankOf, withReplica } from './replicas.ts';

const policy = 'p1';
const names = ['a', 'b', 'c', 'd'];
const at = (now: number, isDegraded = false) => ({ now, isDegraded });
const book: Book = names.reduce(
  (known: Book, instance) => withReplica(known, { instance, policy }, at(openedAt)),
  emptyBook,
);
const instancesOf = ({ replicas }: Book) => replicas.map(({ instance }) => instance).sort();

test('an instance announces itself every half minute', () => {
  const own = { instance: 'a', policy };
  assert.equal(withReplica(book, own, at(openedAt + 29_999)), book);
  assert.equal(withReplica(book, own, at(openedAt + 30_000)).replicas.at(-1)?.seenAt, openedAt + 30_000);
});

test('an instance announces a new policy at once', () => {
  const next = withReplica(book, { instance: 'a', policy: 'p2' }, at(openedAt + 1));
  assert.equal(next.replicas.find(({ instance }) => instance === 'a')?.policy, 'p2');
});

test('a silent instance expires after two minutes', () => {
  const own = { instance: 'a', policy };
  assert.deepEqual(instancesOf(withReplica(book, own, at(openedAt + 119_999))), names);
  assert.deepEqual(instancesOf(withReplica(book, own, at(openedAt + 120_000))), ['a']);
});

test('an instance that cannot reach the store keeps the others', () => {
  assert.deepEqual(instancesOf(withReplica(book, { instance: 'a', policy }, at(openedAt + 300_000, true))), names);
});

test('at most 200 instances are kept, the latest', () => {
  const many = Array.from({ length: 205 }, (_, index) => `${index}`).reduce(
    (known: Book, instance) => withReplica(known, { instance, policy }, at(openedAt)),
    emptyBook,
  );
  assert.equal(many.replicas.length, 200);
  assert.equal(many.replicas.at(-1)?.instance, '204');
});

test('each instance has a rank of its own, the same for all that know of one another', () => {
  const ranks = names.map((instance) => rankOf('7d3f9a1c2b', instance, book));
  assert.deepEqual(ranks.toSorted(), [0, 1, 2, 3]);
  const firsts = Array.from({ length: 40 }, (_, id) => names.find((instance) => rankOf(`${id}`, instance, book) === 0));
  assert.equal(new Set(firsts).size, 4, 'the first one differs by incident');
});

test('other live instances with another policy are counted', () => {
  const own = { instance: 'a', policy };
  const mixed = withReplica(book, { instance: 'e', policy: 'p2' }, at(openedAt));
  assert.equal(otherPoliciesCount(book, own, openedAt), 0);
  assert.equal(otherPoliciesCount(mixed, own, openedAt), 1);
  assert.equal(otherPoliciesCount(mixed, own, openedAt + 119_999), 1);
  assert.equal(otherPoliciesCount(mixed, own, openedAt + 120_000), 0, 'an expired entry does not count');
  assert.equal(otherPoliciesCount(mixed, { instance: 'e', policy: 'p2' }, openedAt), 4);
});

test('an own entry with the earlier policy does not count', () => {
  assert.equal(otherPoliciesCount(book, { instance: 'a', policy: 'p2' }, openedAt), 3);
});
