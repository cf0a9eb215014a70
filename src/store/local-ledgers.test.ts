import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { emptyLedger, type Ledger, type LedgerKey } from '../alert/outbox/ledger.ts';
import { LocalLedgers } from './local-ledgers.ts';

const key: LedgerKey = { id: 'a', receiver: 'slack' };
const own: Ledger = { ...emptyLedger, ref: 'C1/1', rev: 2 };
const other: Ledger = { ...emptyLedger, ref: 'C1/2', rev: 1 };
const put = (ledgers: LocalLedgers, ledger: Ledger) =>
  ledgers.updateAlone(key, () => ({ next: ledger, answer: 'answer' }), 1);

test('a stored ledger counts, unless this instance changed it alone', () => {
  const ledgers = new LocalLedgers();
  assert.equal(ledgers.base(key, other), other);
  ledgers.synchronized(key, own);
  assert.equal(ledgers.base(key, other), other);
});

test('a ledger that the store lost comes back', () => {
  const ledgers = new LocalLedgers();
  ledgers.synchronized(key, own);
  assert.equal(ledgers.base(key, undefined), own);
  assert.equal(ledgers.base({ ...key, receiver: 'webhook' }, undefined), undefined);
  assert.equal(ledgers.base({ ...key, id: 'b' }, undefined), undefined);
});

describe('changes made alone', () => {
  test('return their answer and are kept until they are written', () => {
    const ledgers = new LocalLedgers();
    assert.equal(put(ledgers, own), 'answer');
    assert.deepEqual(ledgers.ahead(), [key]);
    assert.deepEqual(ledgers.base(key, { ...own, rev: 1, lines: 3 }), { ...own, lines: 3 });
    ledgers.synchronized(key, own);
    assert.deepEqual(ledgers.ahead(), []);
  });

  test('start from the latest known ledger', () => {
    const ledgers = new LocalLedgers();
    ledgers.synchronized(key, own);
    const found = ledgers.updateAlone(key, (ledger) => ({ next: undefined, answer: ledger }), 1);
    assert.equal(found, own);
    assert.deepEqual(ledgers.ahead(), [], 'a change that writes nothing is no change');
  });
});

describe('a root message delivered alone', () => {
  test('is a duplicate if the store has another one', () => {
    const ledgers = new LocalLedgers();
    put(ledgers, own);
    assert.equal(ledgers.duplicate(key, other), 'C1/1');
    assert.equal(ledgers.duplicate(key, own), undefined);
  });

  test('is no duplicate after it was written to the store', () => {
    const ledgers = new LocalLedgers();
    put(ledgers, own);
    ledgers.synchronized(key, own);
    assert.equal(ledgers.duplicate(key, other), undefined);
  });
});

test('ledgers of 20,000 messages are kept, the latest', () => {
  const ledgers = new LocalLedgers();
  for (let index = 0; index <= 20_000; index += 1) ledgers.synchronized({ ...key, id: `${index}` }, own);
  assert.equal(ledgers.base({ ...key, id: '0' }, undefined), undefined);
  assert.equal(ledgers.base({ ...key, id: '1' }, undefined), own);
});
