import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyLedger, type Ledger } from './ledger.ts';
import { mergeLedgers } from './merge-ledgers.ts';

const delivered: Ledger = { ...emptyLedger, ref: 'C1/1.1', rev: 3, deliveredAt: 30, phase: 'open', lines: 2 };

test('if only one of them exists, it is the result', () => {
  assert.equal(mergeLedgers(undefined, delivered), delivered);
  assert.equal(mergeLedgers(delivered, undefined), delivered);
  assert.equal(mergeLedgers(undefined, undefined), undefined);
});

test('for one root message the greater numbers and the later phase count', () => {
  const stored = { ...delivered, rev: 2, deliveredAt: 20, phase: 'resolved', lines: 1, reminders: 1, links: 4 };
  const { rev, phase, deliveredAt, lines, reminders, links } = mergeLedgers(stored, delivered)!;
  assert.deepEqual(
    { rev, phase, deliveredAt, lines, reminders, links },
    {
      rev: 3,
      phase: 'open',
      deliveredAt: 30,
      lines: 2,
      reminders: 1,
      links: 4,
    },
  );
});

test('a claim and the time of an unknown attempt are kept, the shared ones first', () => {
  const tried: Ledger = { ...emptyLedger, firstTryAt: 7, claim: { by: 'me/1', until: 9 } };
  const both = mergeLedgers(emptyLedger, tried)!;
  assert.deepEqual([both.firstTryAt, both.claim], [7, tried.claim]);
  const other: Ledger = { ...emptyLedger, firstTryAt: 5, claim: { by: 'other/1', until: 8 } };
  assert.deepEqual(mergeLedgers(other, tried), other);
});

test('a root message that only one instance knows is kept', () => {
  assert.equal(mergeLedgers(emptyLedger, delivered)!.ref, 'C1/1.1');
  assert.equal(mergeLedgers(delivered, emptyLedger)!.ref, 'C1/1.1');
});

test('of two root messages the shared one counts, and nothing of the other', () => {
  const shared = { ...emptyLedger, ref: 'C1/2.2', rev: 1 };
  assert.equal(mergeLedgers(shared, delivered), shared);
});
