import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceFor } from '../../test/fakes/evidence.ts';
import type { AlertState } from './alert-state.ts';
import { decodeState, encodeState } from './alert-state-record.ts';
import { advance, observe, sightingsMax } from './decide.ts';
import { claimDelivery, settleDelivery } from './outbox.ts';
import { defaultRules, type GroupKey, type Rule } from './rule.ts';

const key = 'test:group' as GroupKey;
const rule: Rule = { ...defaultRules({ channel: '#alerts' })[0]!, threshold: 2 };

const counting = observe(rule, key, undefined, [evidenceFor('a', 0)]).next!;
const pending = observe(rule, key, counting, [evidenceFor('b', 1_000)]).next!;
const open = advance(pending, 21_000).next!;
const claimed = claimDelivery(open, 'me', 21_000)!;
const ref = { channel: 'C1', ts: '1.1' };
const shown = settleDelivery(
  claimed.next,
  claimed.sending,
  { outcome: 'delivered', ref },
  { now: 21_100, retryInMs: 0 },
).next!;
const resolved = advance(shown, 700_000).next!;

const states: readonly { name: string; state: AlertState }[] = [
  { name: 'counting', state: counting },
  { name: 'pending', state: pending },
  { name: 'open', state: open },
  { name: 'claimed', state: claimed.next },
  { name: 'shown', state: shown },
  { name: 'resolved', state: resolved },
];
for (const { name, state } of states) {
  test(`reads a state back as it was written: ${name}`, () => {
    assert.deepEqual(decodeState(encodeState(state)), { ok: true, state });
  });
}

const record = JSON.parse(encodeState(shown));
const broken: readonly { name: string; text: string; reason: string }[] = [
  { name: 'nothing', text: '', reason: 'unreadable' },
  { name: 'half a record', text: encodeState(shown).slice(0, 200), reason: 'unreadable' },
  { name: 'a list', text: '[]', reason: 'unreadable' },
  { name: 'another format', text: JSON.stringify({ ...record, format: 2 }), reason: 'unknown-format' },
  { name: 'no format', text: JSON.stringify({ ...record, format: undefined }), reason: 'unknown-format' },
  { name: 'a text for a number', text: JSON.stringify({ ...record, dueAt: '7' }), reason: 'unreadable' },
  { name: 'null for nothing', text: JSON.stringify({ ...record, dueAt: null }), reason: 'unreadable' },
  { name: 'a missing list', text: JSON.stringify({ ...record, sightings: undefined }), reason: 'unreadable' },
  { name: 'a sighting without a time', text: JSON.stringify({ ...record, sightings: [['a']] }), reason: 'unreadable' },
  {
    name: 'an unknown cause',
    text: JSON.stringify({ ...record, subject: { ...record.subject, cause: 'fate' } }),
    reason: 'unreadable',
  },
  {
    name: 'an unknown phase',
    text: JSON.stringify({ ...record, incident: { ...record.incident, phase: { name: 'lost' } } }),
    reason: 'unreadable',
  },
];
for (const { name, text, reason } of broken) {
  test(`reads no state from ${name}`, () => {
    assert.deepEqual(decodeState(text), { ok: false, reason });
  });
}

test('keeps a full record small enough to be written every second', () => {
  const many = Array.from({ length: sightingsMax }, (_, index) =>
    evidenceFor(`failure-${index}`, 1_700_000_000_000 + index),
  );
  const { next } = observe(rule, key, undefined, many);
  assert.ok(encodeState(next!).length < 20_000, `${encodeState(next!).length}`);
});
