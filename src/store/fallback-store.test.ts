import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf } from '../../test/fakes/incident.ts';
import { type Book, emptyBook } from '../alert/incident.ts';
import { keyText } from '../alert/key.ts';
import { emptyLedger, type Ledger } from '../alert/outbox/ledger.ts';
import type { DeliveryRef } from '../alert/receipts.ts';
import { createFallbackStore } from './fallback-store.ts';
import { createMemoryStore } from './memory.ts';
import type { AlertStore } from './store.ts';

const ref = 'C1/1.1';
const key = { id: 'a', receiver: 'slack' } as const;

/** A shared store that can fail, under several fallback stores. */
function open() {
  let now = 1_000;
  let isAway = false;
  let memory = createMemoryStore({ now: () => now });
  const reached = (): AlertStore => {
    if (isAway) throw new Error('away');
    return memory;
  };
  const shared: AlertStore = {
    updateBook: async (change) => reached().updateBook(change),
    updateLedger: async (key, change) => reached().updateLedger(key, change),
    updateBaselines: async (change) => reached().updateBaselines(change),
    share: async (batch) => reached().share(batch),
    takeShared: async () => reached().takeShared(),
    saveEvidence: async (text) => reached().saveEvidence(text),
    loadEvidence: async () => reached().loadEvidence(),
    stop: async () => {},
  };
  const told: string[] = [];
  const duplicates: DeliveryRef[] = [];
  const create = () =>
    createFallbackStore({
      shared,
      isShared: true,
      clock: { now: () => now },
      onAway: (error) => told.push((error as Error).message),
      onBack: (awayMs) => told.push(`back after ${awayMs}`),
      onDuplicate: (duplicate) => duplicates.push(duplicate.ref),
    });
  return {
    create,
    told,
    duplicates,
    away: (is: boolean) => {
      isAway = is;
    },
    forget: () => {
      memory = createMemoryStore({ now: () => now });
    },
    advance: (ms: number) => {
      now += ms;
    },
  };
}

type Steady = ReturnType<ReturnType<typeof open>['create']>;

const open2 = (id: string) => (store: Steady) =>
  store.updateBook((book, at) => {
    const known: Book = book ?? { ...emptyBook, begunAt: at };
    const incidents = [
      ...known.incidents,
      incidentOf({ id, keys: [{ ...incidentOf().keys[0]!, key: keyText({ kind: 'cause', fingerprint: id }) }] }),
    ];
    return { next: { ...known, incidents }, answer: undefined };
  });
const idsIn = (store: Steady) =>
  store.updateBook((book) => ({ next: undefined, answer: (book?.incidents ?? []).map(({ id }) => id).sort() }));
const put = (store: Steady, ledger: Ledger) => store.updateLedger(key, () => ({ next: ledger, answer: undefined }));
const ledgerIn = (store: Steady) => store.updateLedger(key, (ledger) => ({ next: undefined, answer: ledger }));

test('continues alone with the latest knowledge, reports the outage once, and joins both when the store is back', async () => {
  const { create, away, told, advance } = open();
  const [one, other] = [create(), create()];
  await open2('before')(one);
  assert.deepEqual(await idsIn(other), ['before']);
  away(true);
  await open2('mine')(one);
  await open2('theirs')(other);
  advance(5_000);
  assert.deepEqual(await idsIn(one), ['before', 'mine']);
  assert.equal(one.awaySince(), 1_000);
  away(false);
  await idsIn(one);
  assert.deepEqual(await idsIn(other), ['before', 'mine', 'theirs']);
  assert.deepEqual(await idsIn(one), ['before', 'mine', 'theirs']);
  assert.deepEqual(told, ['away', 'away', 'back after 5000', 'back after 5000']);
  assert.equal(one.awaySince(), undefined);
});

test('gives a store that lost its data the book back, also if a new instance writes first', async () => {
  for (const freshFirst of [false, true]) {
    const { create, forget, advance } = open();
    const [one, fresh] = [create(), create()];
    await open2('known')(one);
    forget();
    advance(10_000);
    if (freshFirst) await open2('new')(fresh);
    const want = freshFirst ? ['known', 'new'] : ['known'];
    assert.deepEqual(await idsIn(one), want);
    assert.deepEqual(await idsIn(fresh), want);
    const lostAt = await fresh.updateBook((book) => ({ next: undefined, answer: book?.lostAt }));
    assert.equal(lostAt, 11_000, 'and the loss is recorded');
    await idsIn(one);
    await idsIn(fresh);
    assert.deepEqual(await idsIn(one), want, 'once and for all');
  }
});

test('writes the ledgers that it changed alone, and reports a message that was delivered twice', async () => {
  const { create, away, duplicates } = open();
  const [one, other] = [create(), create()];
  await open2('x')(one);
  await put(one, emptyLedger);
  away(true);
  await put(one, { ...emptyLedger, ref: ref, rev: 1 });
  await put(other, { ...emptyLedger, ref: 'C1/2.2', rev: 1 });
  away(false);
  await idsIn(one);
  assert.deepEqual((await ledgerIn(create()))?.ref, ref, 'without a further update');
  await idsIn(other);
  assert.deepEqual((await ledgerIn(other))?.ref, ref);
  assert.deepEqual(duplicates, ['C1/2.2']);
});

test('a ledger that the store lost comes back from an instance that knows it', async () => {
  const { create, forget } = open();
  const one = create();
  await put(one, { ...emptyLedger, ref: ref });
  forget();
  assert.deepEqual((await ledgerIn(one))?.ref, ref);
  assert.deepEqual((await ledgerIn(create()))?.ref, ref);
});

test('while the store is unreachable ledgers do not wait for it', async () => {
  const { create, away, told } = open();
  const store = create();
  away(true);
  await ledgerIn(store);
  away(false);
  await put(store, { ...emptyLedger, lines: 3 });
  assert.notEqual(store.awaySince(), undefined, 'the book finds out');
  await idsIn(store);
  assert.equal(store.awaySince(), undefined);
  assert.equal((await ledgerIn(create()))?.lines, 3);
  assert.equal(told.length, 2);
});

test('a bug in a change is no outage', async () => {
  const { create, told } = open();
  const store = create();
  const bug = (): never => {
    throw new RangeError('a bug');
  };
  await assert.rejects(store.updateBook(bug), RangeError);
  await assert.rejects(store.updateLedger(key, bug), RangeError);
  assert.deepEqual([store.awaySince(), told], [undefined, []]);
});
