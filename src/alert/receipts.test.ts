import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isAnnounced, mergeReceipts, type Receipts, receiptOf, withReceipt } from './receipts.ts';

const item = (receipts: Receipts = {}) => ({ rev: 5, receipts });

test('without a delivery a receiver has revision 0', () => {
  assert.deepEqual(receiptOf(item(), 'slack'), { rev: 0, ref: undefined });
});

describe('a recorded delivery', () => {
  const slack = (rev: number, ref: string | undefined) => ({ receiver: 'slack', id: 'a', rev, ref }) as const;
  const known = item({ slack: { rev: 2, ref: 'x' } });

  test('belongs to its receiver only', () => {
    const next = withReceipt(item(), slack(1, 'x'));
    assert.deepEqual(next.receipts, { slack: { rev: 1, ref: 'x' } });
    assert.equal(receiptOf(next, 'webhook').rev, 0);
  });

  test('raises the revision and never lowers it', () => {
    assert.equal(receiptOf(withReceipt(known, slack(3, 'x')), 'slack').rev, 3);
    assert.equal(receiptOf(withReceipt(known, slack(1, 'y')), 'slack').rev, 2);
  });

  test('keeps the reference if it brings none, and replaces it otherwise', () => {
    assert.equal(receiptOf(withReceipt(known, slack(3, undefined)), 'slack').ref, 'x');
    assert.equal(receiptOf(withReceipt(known, slack(2, 'y')), 'slack').ref, 'y');
  });

  test('changes nothing if the receipt has it already', () => {
    assert.equal(withReceipt(known, slack(2, 'x')), known);
    assert.equal(withReceipt(known, slack(1, undefined)), known);
  });
});

test('an incident is announced when any receiver has a message of it', () => {
  assert.equal(isAnnounced(item()), false);
  assert.equal(isAnnounced(item({ slack: { rev: 1, ref: undefined } })), false);
  assert.equal(isAnnounced(item({ slack: { rev: 0, ref: undefined }, webhook: { rev: 1, ref: 'x' } })), true);
});

test('merged receipts have the greater revision, at most the incident has, and the first reference', () => {
  const first: Receipts = { slack: { rev: 2, ref: 'a' }, webhook: { rev: 1, ref: undefined } };
  const second: Receipts = { slack: { rev: 9, ref: 'b' }, webhook: { rev: 1, ref: 'c' }, page: { rev: 3, ref: 'd' } };
  assert.deepEqual(mergeReceipts(first, second, 4), {
    slack: { rev: 4, ref: 'a' },
    webhook: { rev: 1, ref: 'c' },
    page: { rev: 3, ref: 'd' },
  });
  assert.deepEqual(mergeReceipts({}, {}, 4), {});
});
