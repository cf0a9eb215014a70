import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bulletinOf, incidentOf, openedAt } from '../../test/fakes/incident.ts';
import { receiverOf } from '../../test/fakes/receiver.ts';
import { defaultPolicy } from '../alert/default-policy.ts';
import { type Book, emptyBook, type Incident } from '../alert/incident.ts';
import type { DeliveryResult } from '../alert/outbox/claims.ts';
import type { Notification } from '../alert/outbox/notification.ts';
import type { Notice } from '../report.ts';
import { createFallbackStore } from '../store/fallback-store.ts';
import { createMemoryStore } from '../store/memory.ts';
import type { AlertStore } from '../store/store.ts';
import { DeliveryLoop } from './delivery-loop.ts';
import type { Receiver } from './receiver.ts';

const old = openedAt - 3_600_000;
const bookOf = (incidents: readonly Incident[], facts: Partial<Book> = {}): Book => ({
  ...emptyBook,
  begunAt: old,
  ...facts,
  incidents,
});

function open() {
  let now = openedAt + 60_000;
  const clock = { now: () => now };
  const memory = createMemoryStore(clock);
  let isUnreachable = false;
  let updates = 0;
  const shared: AlertStore = {
    ...memory,
    updateBook: async (change) => {
      if (isUnreachable) throw new Error('unreachable');
      return memory.updateBook(change);
    },
    updateLedger: async (key, change) => {
      updates += 1;
      if (isUnreachable) throw new Error('unreachable');
      return memory.updateLedger(key, change);
    },
  };
  const sent: Notification[] = [];
  const results: DeliveryResult[] = [];
  const notices: Notice[] = [];
  const create = (instance: string, receiver: Partial<Receiver> = {}) => {
    const store = createFallbackStore({ shared, isShared: true, clock, onAway() {}, onBack() {} });
    const loop = new DeliveryLoop({
      receiver: receiverOf(async (notification) => {
        sent.push(notification);
        return results.shift() ?? { outcome: 'delivered', ref: notification.id };
      }, receiver),
      store,
      clock,
      policy: () => defaultPolicy('#alerts'),
      instance,
      random: () => 1,
      report: (notice) => notices.push(notice),
    });
    return { loop, store };
  };
  const run = async (loop: DeliveryLoop, book: Book) => {
    await loop.deliverDue(book, clock.now);
    await loop.idle();
  };
  return {
    ...create('me'),
    create,
    run,
    sent,
    results,
    notices,
    updatesCount: () => updates,
    sentIds: () => sent.map(({ id, action }) => `${action} ${id}`),
    advance: (ms: number) => (now += ms),
    unreachable: (is: boolean) => (isUnreachable = is),
  };
}

const away: DeliveryResult = { outcome: 'not-delivered', reason: 'http-503', retryInMs: undefined };

test('delivers what the book asks for, once, and keeps the receipt for the book', async () => {
  const { loop, run, sentIds } = open();
  const book = bookOf([incidentOf({ id: 'a' })], { bulletins: [bulletinOf({ id: 'b' })] });
  await run(loop, book);
  assert.deepEqual(loop.unrecorded(), [
    { receiver: 'slack', id: 'a', rev: 1, ref: 'a:root' },
    { receiver: 'slack', id: 'b', rev: 1, ref: 'b:root' },
  ]);
  loop.recorded(1);
  assert.deepEqual(
    loop.unrecorded().map(({ id }) => id),
    ['b'],
  );
  await run(loop, book);
  assert.deepEqual(sentIds(), ['post a:root', 'post b:root']);
});

test('reads no ledger of messages that the book records as delivered', async () => {
  const { loop, run, updatesCount } = open();
  await run(loop, bookOf([incidentOf({ receipts: { slack: { rev: 1, ref: 'x' } } })]));
  assert.equal(updatesCount(), 0);
});

test('reads the ledger of an unchanged message once', async () => {
  const { loop, run, updatesCount } = open();
  const book = bookOf([incidentOf()]);
  await run(loop, book);
  const after = updatesCount();
  await run(loop, book);
  await run(loop, book);
  assert.equal(updatesCount(), after + 1);
});

test('of several instances one delivers', async () => {
  const { loop, create, run, sentIds } = open();
  const other = create('other').loop;
  const book = bookOf([incidentOf()]);
  await run(loop, book);
  await run(other, book);
  assert.deepEqual(sentIds(), ['post 7d3f9a1c2b:root']);
  assert.deepEqual(other.unrecorded(), [{ receiver: 'slack', id: '7d3f9a1c2b', rev: 1, ref: '7d3f9a1c2b:root' }]);
});

test('receivers have ledgers of their own', async () => {
  const { loop, create, run, sent } = open();
  const book = bookOf([incidentOf()]);
  await run(loop, book);
  await run(create('me', { name: 'webhook' }).loop, book);
  assert.equal(sent.length, 2);
});

test('an unsupported action is never asked for', async () => {
  const { create, run, sentIds } = open();
  const { loop } = create('me', { supports: new Set(['post', 'edit'] as const) });
  const line = { at: openedAt, what: 'joined', text: 'x' } as const;
  await run(loop, bookOf([incidentOf()]));
  await run(loop, bookOf([incidentOf({ lines: [line], reminders: 1, also: ['#b'] })]));
  assert.deepEqual(sentIds(), ['post 7d3f9a1c2b:root']);
});

describe('after a failure', () => {
  test('a message waits for its back-off', async () => {
    const { loop, run, results, sent, advance } = open();
    const book = bookOf([incidentOf()]);
    results.push(away);
    await run(loop, book);
    advance(999);
    await run(loop, book);
    assert.equal(sent.length, 1);
    advance(1);
    await run(loop, book);
    assert.equal(sent.length, 2);
  });

  test('a less severe message waits for a more severe one of its channel', async () => {
    const { loop, run, results, sentIds, advance } = open();
    const book = bookOf([incidentOf({ id: 'high', severity: 'high' }), incidentOf({ id: 'normal' })]);
    results.push({ ...away, retryInMs: 5_000 }, { ...away, retryInMs: 2_000 });
    await run(loop, book);
    await run(loop, book);
    advance(2_000);
    await run(loop, book);
    assert.deepEqual(sentIds(), ['post high:root', 'post normal:root']);
    advance(3_000);
    await run(loop, book);
    assert.deepEqual(sentIds().slice(2), ['post high:root', 'post normal:root']);
  });
});

test('four deliveries run at a time', async () => {
  const waiting: (() => void)[] = [];
  const { create } = open();
  const { loop } = create('me', {
    deliver: () => new Promise((resolve) => waiting.push(() => resolve({ outcome: 'delivered', ref: 'x' }))),
  });
  const book = bookOf(Array.from({ length: 6 }, (_, id) => incidentOf({ id: `${id}` })));
  const now = () => openedAt + 60_000;
  await loop.deliverDue(book, now);
  assert.equal(waiting.length, 4);
  for (const end of waiting.splice(0)) end();
  await loop.idle();
  await loop.deliverDue(book, now);
  assert.equal(waiting.length, 2);
  for (const end of waiting) end();
  await loop.stop();
});

test('a stopped loop starts no delivery', async () => {
  const { loop, run, sent } = open();
  await loop.stop();
  await run(loop, bookOf([incidentOf()]));
  assert.deepEqual(sent, []);
});

test('the undelivered messages are those without a receipt or an own delivery', async () => {
  const { loop, run } = open();
  const delivered = incidentOf({ id: 'delivered', receipts: { slack: { rev: 1, ref: 'x' } } });
  const book = bookOf([delivered, incidentOf({ id: 'new' })], { bulletins: [bulletinOf()] });
  assert.equal(loop.undeliveredCount(book), 2);
  await run(loop, book);
  assert.equal(loop.undeliveredCount(book), 0);
});

describe('while the store is unreachable', () => {
  test('an instance waits for its turn, and then reconciles before it delivers', async () => {
    const { loop, store, run, sent, advance, unreachable } = open();
    const book = bookOf([incidentOf()]);
    unreachable(true);
    await store.updateBook(() => ({ next: undefined, answer: undefined }));
    advance(9_999);
    await run(loop, book);
    assert.equal(sent.length, 0);
    advance(1);
    await run(loop, book);
    assert.equal(sent.length, 1);
    assert.equal(sent[0]!.mayBeThereSince, openedAt);
  });
});
