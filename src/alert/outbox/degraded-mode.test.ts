import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bulletinOf, incidentOf, openedAt } from '../../../test/fakes/incident.ts';
import { type Book, emptyBook } from '../incident.ts';
import { canDeliverDegraded, type DegradedDelivery } from './degraded-mode.ts';
import type { NextAction, Postable } from './ledger.ts';
import { rankOf } from './replicas.ts';

const names = ['a', 'b', 'c', 'd'];
const replicas = names.map((instance) => ({ instance, policy: 'p1', seenAt: openedAt }));
const book: Book = { ...emptyBook, replicas };
const about: Postable = { kind: 'incident', incident: incidentOf() };
const awaySince = openedAt + 1_000;
const hour = 3_600_000;
/** A restarting store is waited for; then each instance has this long before the next one delivers. */
const patienceMs = 10_000;
const turnMs = 45_000;

function can(facts: Partial<DegradedDelivery>, action: NextAction | undefined = 'post', message = about): boolean {
  return canDeliverDegraded(message, {
    receiver: 'slack',
    action,
    book,
    unrecordedCount: 0,
    instance: 'a',
    policy: { degradedPerHour: 10 },
    awaySince,
    now: awaySince,
    ...facts,
  });
}

test('while the store is reachable no instance waits', () => assert.equal(can({ awaySince: undefined }), true));

test('without the store each instance waits for its turn', () => {
  for (const instance of names) {
    const turnAt = awaySince + patienceMs + turnMs * rankOf('7d3f9a1c2b', instance, book);
    assert.equal(can({ instance, now: turnAt - 1 }), false, instance);
    assert.equal(can({ instance, now: turnAt }), true, instance);
  }
});

test('the turn of a later incident or bulletin counts from its own time', () => {
  const alone = { book: emptyBook };
  const late = awaySince + 60_000;
  const opened: Postable = { kind: 'incident', incident: incidentOf({ openedAt: late }) };
  const bulletin: Postable = { kind: 'bulletin', bulletin: bulletinOf({ at: late }) };
  for (const message of [opened, bulletin]) {
    assert.equal(can({ ...alone, now: late + patienceMs - 1 }, 'post', message), false);
    assert.equal(can({ ...alone, now: late + patienceMs }, 'post', message), true);
  }
});

test('posts and reminders are limited per hour and receiver, other actions are not', () => {
  const posted = Array.from({ length: 3 }, (_, id) =>
    incidentOf({ id: `${id}`, openedAt: awaySince, receipts: { slack: { rev: 1, ref: 'C1/1' } } }),
  );
  const busy = { book: { ...book, incidents: posted }, now: awaySince + 10 * 60_000 };
  const three = { ...busy, policy: { degradedPerHour: 3 } };
  assert.equal(can(three), false);
  assert.equal(can(three, 'reminder'), false);
  assert.equal(can(three, 'edit'), true);
  assert.equal(can({ ...three, receiver: 'webhook' }), true);
  assert.equal(can({ ...busy, policy: { degradedPerHour: 4 } }), true);
  assert.equal(can({ ...busy, policy: { degradedPerHour: 4 }, unrecordedCount: 1 }), false);
  assert.equal(can({ ...three, now: awaySince + 2 * hour }), true, 'the limit grows with each hour');
});

test('messages from before the outage do not count', () => {
  const earlier = incidentOf({ id: 'x', openedAt: awaySince - 1, receipts: { slack: { rev: 1, ref: 'C1/1' } } });
  const facts = { book: { ...book, incidents: [earlier] }, policy: { degradedPerHour: 1 }, now: awaySince + hour };
  assert.equal(can(facts), true);
});
