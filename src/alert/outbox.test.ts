import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceFor } from '../../test/fakes/evidence.ts';
import type { AlertState } from './alert-state.ts';
import { advance, observe } from './decide.ts';
import { claimDelivery, type Delivery, leaseMs, type Sending, settleDelivery } from './outbox.ts';
import { defaultRules, type GroupKey, type Rule } from './rule.ts';

const minuteMs = 60_000;
const key = 'test:group' as GroupKey;
const rule: Rule = {
  ...defaultRules({ channel: '#alerts' })[0]!,
  threshold: 1,
  waitMs: 0,
  repeatIntervalMs: 5 * minuteMs,
};
const ref = { channel: 'C1', ts: '1.1' };
const delivered: Delivery = { outcome: 'delivered', ref };
const unknown: Delivery = { outcome: 'unknown', reason: 'timeout', retryInMs: undefined };
const refused: Delivery = { outcome: 'not-delivered', reason: 'away', retryInMs: undefined };

const opened = fail(undefined, 'first', 0);

test('posts first, then edits what changed', () => {
  const post = claim(opened, 'a', 0);
  assert.equal(post.sending.notification.action, 'post');
  const posted = settle(post, delivered, 100);
  assert.equal(claimDelivery(posted, 'a', 200), undefined, 'nothing changed');

  const changed = fail(posted, 'second', 300);
  assert.equal(claimDelivery(changed, 'a', 30_099), undefined, 'a message that counts up may wait');
  const edit = claim(changed, 'a', 30_100);
  assert.deepEqual([edit.sending.notification.action, edit.sending.notification.count], ['edit', 2]);
  assert.deepEqual(edit.sending.notification.root, ref);
});

test('edits at once when the incident ends', () => {
  const posted = settle(claim(opened, 'a', 0), delivered, 10 * minuteMs - 1);
  const over = advance(posted, 10 * minuteMs).next!;
  assert.equal(claim(over, 'a', 10 * minuteMs).sending.notification.state, 'resolved');
});

test('shows next what changed while it was sending', () => {
  const post = claim(opened, 'a', 0);
  const changed = fail(post.next, 'second', 50);
  const posted = settleDelivery(changed, post.sending, delivered, { now: 100, retryInMs: 0 }).next!;
  assert.equal(claim(posted, 'a', 30_100).sending.notification.count, 2);
});

test('lets one claim at a time, until its lease is over', () => {
  const first = claim(opened, 'a', 0);
  assert.equal(claimDelivery(first.next, 'b', leaseMs - 1), undefined);
  assert.equal(first.next.dueAt, leaseMs);
  assert.equal(claim(first.next, 'b', leaseMs).sending.by, 'b');
});

const lookCases: readonly { name: string; outcomes: readonly (Delivery | 'none')[]; since: number | undefined }[] = [
  { name: 'the first try', outcomes: [], since: undefined },
  { name: 'a try that certainly failed', outcomes: [refused], since: undefined },
  { name: 'a try of unknown outcome', outcomes: [unknown], since: 0 },
  { name: 'a try that nobody heard of again', outcomes: ['none'], since: 0 },
  { name: 'a certain failure after an unknown one', outcomes: [unknown, refused], since: 0 },
  { name: 'an unknown outcome after a certain failure', outcomes: [refused, unknown], since: 100_000 },
];
for (const { name, outcomes, since } of lookCases) {
  test(`knows since when the message may be there after ${name}`, () => {
    let state = opened;
    for (const [index, outcome] of outcomes.entries()) {
      const now = index * 100_000;
      const claimed = claim(state, `try-${index}`, now);
      state = outcome === 'none' ? claimed.next : settle(claimed, outcome, now + 1);
    }
    const { sending } = claim(state, 'last', outcomes.length * 100_000);
    assert.equal(sending.notification.mayBeThereSince, since);
    assert.equal(sending.failures, outcomes.filter((outcome) => outcome !== 'none').length);
  });
}

test('edits a message that was found, because nobody knows what it tells', () => {
  const lost = settle(claim(opened, 'a', 0), unknown, 1);
  const found = settle(claim(lost, 'b', 2_000), { outcome: 'found', ref }, 2_001);
  assert.equal(claim(found, 'b', 2_002).sending.notification.action, 'edit');
});

test('waits as long as it is told after a failure', () => {
  const claimed = claim(opened, 'a', 0);
  const { next } = settleDelivery(claimed.next, claimed.sending, refused, { now: 10, retryInMs: 5_000 });
  assert.equal(claimDelivery(next!, 'a', 5_009), undefined);
  assert.notEqual(claimDelivery(next!, 'a', 5_010), undefined);
});

test('adopts the message of a claim that was over, when nobody posted meanwhile', () => {
  const late = claim(opened, 'late', 0);
  const other = claim(late.next, 'other', leaseMs);
  const adopted = settleDelivery(other.next, late.sending, delivered, { now: leaseMs + 1, retryInMs: 0 });
  assert.equal(adopted.verdict, 'recorded');
  assert.deepEqual(adopted.next!.incident!.showing.root, ref);
  const second = settleDelivery(
    adopted.next,
    other.sending,
    { outcome: 'delivered', ref: { channel: 'C1', ts: '2.2' } },
    { now: leaseMs + 2, retryInMs: 0 },
  );
  assert.equal(second.verdict, 'duplicate');
});

test('ignores the failure of a claim that is over', () => {
  const late = claim(opened, 'late', 0);
  const other = claim(late.next, 'other', leaseMs);
  const settled = settleDelivery(other.next, late.sending, refused, { now: leaseMs + 1, retryInMs: 0 });
  assert.deepEqual(settled, { next: other.next, verdict: 'stale' });
});

test('ignores what was sent for an incident that is gone', () => {
  const { sending } = claim(opened, 'a', 0);
  assert.deepEqual(settleDelivery(undefined, sending, delivered, { now: 1, retryInMs: 0 }), {
    next: undefined,
    verdict: 'stale',
  });
});

test('books an outcome twice without harm', () => {
  const claimed = claim(opened, 'a', 0);
  const once = settle(claimed, delivered, 100);
  const twice = settleDelivery(once, claimed.sending, delivered, { now: 100, retryInMs: 0 });
  assert.deepEqual(twice.next, once);
});

test('tells nothing more of an incident whose message somebody removed', () => {
  const posted = settle(claim(opened, 'a', 0), delivered, 1);
  const changed = fail(posted, 'second', 2);
  const gone = settle(claim(changed, 'a', minuteMs), { outcome: 'gone', reason: 'message_not_found' }, minuteMs);
  assert.equal(claimDelivery(gone, 'a', 3 * minuteMs), undefined);
});

test('gives each reminder an id of its own, also when one was called off', () => {
  const posted = settle(claim(opened, 'a', 0), delivered, 0);
  const first = advance(posted, 5 * minuteMs).next!;
  assert.match(claim(first, 'a', 5 * minuteMs).sending.notification.id, /:repeat:1$/);
  const over = advance(first, 10 * minuteMs).next!;
  assert.equal(claim(over, 'a', 10 * minuteMs).sending.notification.action, 'edit');
  const reopened = fail(settle(claim(over, 'a', 10 * minuteMs), delivered, 10 * minuteMs), 'second', 12 * minuteMs);
  const again = advance(reopened, 12 * minuteMs).next!;
  assert.match(claim(again, 'a', 12 * minuteMs).sending.notification.id, /:repeat:2$/);
});

test('waits with a reminder until the message it belongs to is there', () => {
  const { next } = advance(fail(opened, 'second', 6 * minuteMs), 6 * minuteMs);
  assert.equal(claim(next!, 'a', 6 * minuteMs).sending.notification.action, 'post');
});

function fail(state: AlertState | undefined, id: string, at: number): AlertState {
  return observe(rule, key, state, [evidenceFor(id, at)]).next!;
}

function claim(state: AlertState, by: string, now: number): { next: AlertState; sending: Sending } {
  const claimed = claimDelivery(state, by, now);
  assert.ok(claimed !== undefined, 'there is something to send');
  return claimed;
}

function settle(claimed: { next: AlertState; sending: Sending }, delivery: Delivery, now: number): AlertState {
  const settled = settleDelivery(claimed.next, claimed.sending, delivery, { now, retryInMs: 0 });
  assert.equal(settled.verdict, 'recorded');
  return settled.next!;
}
