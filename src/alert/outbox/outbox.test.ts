import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bulletinOf, incidentOf, openedAt } from '../../../test/fakes/incident.ts';
import type { Incident, ThreadLine } from '../incident.ts';
import { dueAt, emptyLedger, type Ledger, nextActionOf, type Postable } from './ledger.ts';
import { type ClaimedDelivery, claimDelivery, type DeliveryResult, leaseMs, settleDelivery } from './outbox.ts';

const now = openedAt + 60_000;
const ref = { channel: 'C1', ts: '1.1' };
const other = { channel: 'C1', ts: '2.2' };
const line: ThreadLine = { at: openedAt, what: 'joined', text: 'KeyError' };
const told: Ledger = { ...emptyLedger, root: ref, shown: 1, shownAt: openedAt, shownPhase: 'open' };
const about = (facts: Partial<Incident> = {}): Postable => ({ kind: 'incident', incident: incidentOf(facts) });

const wanted: readonly { name: string; about: Postable; ledger: Ledger; want: string | undefined }[] = [
  { name: 'the root first', about: about({ lines: [line], reminders: 1 }), ledger: emptyLedger, want: 'post' },
  {
    name: 'nothing while it waits',
    about: about({ phase: { name: 'pending', until: now } }),
    ledger: emptyLedger,
    want: undefined,
  },
  { name: 'nothing without anything to tell', about: about({ rev: 0 }), ledger: emptyLedger, want: undefined },
  {
    name: 'no root of what is held back',
    about: about({ hidden: { reason: 'muted', by: 'nights', since: now } }),
    ledger: emptyLedger,
    want: undefined,
  },
  {
    name: 'the end of what is held back but was shown before',
    about: about({ rev: 2, hidden: { reason: 'silenced', by: 's1', since: now } }),
    ledger: told,
    want: 'edit',
  },
  { name: 'a line before an edit', about: about({ rev: 2, lines: [line] }), ledger: told, want: 'line' },
  { name: 'a reminder', about: about({ reminders: 1 }), ledger: told, want: 'reminder' },
  {
    name: 'no reminder that found somebody at it',
    about: about({ reminders: 0, remindersDue: 2 }),
    ledger: told,
    want: undefined,
  },
  {
    name: 'no reminder of what is over',
    about: about({ reminders: 1, phase: { name: 'resolved', at: now, by: undefined } }),
    ledger: told,
    want: undefined,
  },
  { name: 'a link elsewhere', about: about({ also: ['#other'] }), ledger: told, want: 'link' },
  { name: 'an edit when there is news', about: about({ rev: 2 }), ledger: told, want: 'edit' },
  { name: 'nothing more', about: about(), ledger: told, want: undefined },
  { name: 'a bulletin', about: { kind: 'bulletin', bulletin: bulletinOf() }, ledger: emptyLedger, want: 'post' },
];
for (const { name, about, ledger, want } of wanted) {
  test(`wants ${name}`, () => assert.equal(nextActionOf(about, ledger), want));
}

describe('when it is due', () => {
  const cases: readonly { name: string; about: Postable; ledger: Ledger; want: number }[] = [
    { name: 'never, when nothing is wanted', about: about(), ledger: told, want: Number.POSITIVE_INFINITY },
    { name: 'at once, for a first message', about: about(), ledger: emptyLedger, want: 0 },
    {
      name: 'after a claim has run out',
      about: about(),
      ledger: { ...emptyLedger, claim: { by: 'a', until: 7 } },
      want: 7,
    },
    { name: 'after the back-off', about: about(), ledger: { ...emptyLedger, notBefore: 9 }, want: 9 },
    { name: 'half a minute after the last edit', about: about({ rev: 2 }), ledger: told, want: openedAt + 30_000 },
    {
      name: 'later the longer it lasts',
      about: about({ rev: 2, lastAt: openedAt + 60 * 60_000 }),
      ledger: told,
      want: openedAt + 3 * 60_000,
    },
    {
      name: 'at once when the phase is another one',
      about: about({ rev: 2, phase: { name: 'resolved', at: now, by: undefined } }),
      ledger: told,
      want: 0,
    },
  ];
  for (const { name, about, ledger, want } of cases) test(name, () => assert.equal(dueAt(about, ledger), want));
});

function claimed(
  ledger: Ledger = emptyLedger,
  shown: Postable = about(),
  at = now,
): { next: Ledger; sending: ClaimedDelivery } {
  const claim = claimDelivery(shown, ledger, 'me/1', at);
  assert.ok(claim !== undefined);
  return claim;
}

function settled(ledger: Ledger | undefined, sending: ClaimedDelivery, delivery: DeliveryResult) {
  return settleDelivery(ledger, sending, delivery, { now: now + 1_000, retryInMs: 5_000 });
}

test('a claim keeps others away for its lease, and remembers since when a message may be there', () => {
  const { next, sending } = claimed();
  assert.deepEqual(next.claim, { by: 'me/1', until: now + leaseMs });
  assert.equal(next.firstTryAt, now);
  assert.equal(sending.notification.mayBeThereSince, undefined);
  assert.equal(claimDelivery(about(), next, 'other/1', now + leaseMs - 1), undefined);
  const heir = claimed(next, about(), now + leaseMs);
  assert.equal(heir.sending.notification.mayBeThereSince, now, 'whoever died may have posted');
  assert.equal(heir.next.firstTryAt, now);
});

test('an edit leaves nothing to be looked for', () => {
  const { next, sending } = claimed(told, about({ rev: 2 }));
  assert.deepEqual([sending.notification.action, next.firstTryAt], ['edit', undefined]);
});

test('each message has a name of its own, the same at every try', () => {
  const names = (ledger: Ledger, facts: Partial<Incident>) =>
    claimed(ledger, about(facts)).sending.notification.id.split(':').slice(1).join(':');
  assert.equal(names(emptyLedger, {}), 'root');
  assert.equal(names(told, { lines: [line] }), 'line:0');
  assert.equal(names({ ...told, lines: 1 }, { lines: [line, line] }), 'line:1');
  assert.equal(names(told, { reminders: 2, remindersDue: 3 }), 'reminder:2');
  assert.equal(names(told, { also: ['#other'] }), 'link:0');
});

describe('what became of a delivery', () => {
  test('delivered: it is there and tells what it said', () => {
    const { next, sending } = claimed();
    const { next: booked, verdict } = settled(next, sending, { outcome: 'delivered', ref });
    assert.equal(verdict, 'recorded');
    assert.deepEqual(booked, { ...emptyLedger, root: ref, shown: 1, shownAt: now + 1_000, shownPhase: 'open' });
  });

  test('delivered late, without its claim: better known than posted again', () => {
    const { next, sending } = claimed();
    const { next: booked, verdict } = settled({ ...next, claim: { by: 'heir', until: 0 } }, sending, {
      outcome: 'delivered',
      ref,
    });
    assert.deepEqual([verdict, booked?.root], ['recorded', ref]);
  });

  test('delivered when another one is the root: a duplicate', () => {
    const { sending } = claimed();
    const { next, verdict } = settled(told, sending, { outcome: 'delivered', ref: other });
    assert.deepEqual([verdict, next?.root], ['duplicate', ref]);
  });

  test('found: what it tells is old, so an edit follows at once', () => {
    const { next, sending } = claimed();
    const { next: booked } = settled(next, sending, { outcome: 'found', ref });
    assert.deepEqual([booked?.root, booked?.shown], [ref, 0]);
    assert.equal(nextActionOf(about(), booked!), 'edit');
    assert.equal(dueAt(about(), booked!), 0);
  });

  test('the root tells the lines that came before it', () => {
    const { next, sending } = claimed(emptyLedger, about({ lines: [line, line] }));
    assert.equal(settled(next, sending, { outcome: 'delivered', ref }).next?.lines, 2);
  });

  test('not delivered at the first try: nothing is there', () => {
    const { next, sending } = claimed();
    const { next: booked } = settled(next, sending, { outcome: 'not-delivered', reason: 'x', retryInMs: undefined });
    assert.deepEqual(
      [booked?.firstTryAt, booked?.claim, booked?.failures, booked?.notBefore],
      [undefined, undefined, 1, now + 6_000],
    );
  });

  test('not delivered after an unknown outcome: as unknown as before', () => {
    const first = claimed();
    const unknown = settled(first.next, first.sending, { outcome: 'unknown', reason: 'x', retryInMs: undefined }).next!;
    assert.equal(unknown.firstTryAt, now);
    const second = claimed(unknown, about(), now + 60_000);
    const failed = settled(second.next, second.sending, { outcome: 'not-delivered', reason: 'x', retryInMs: undefined })
      .next!;
    assert.deepEqual([failed.firstTryAt, failed.failures], [now, 2]);
  });

  test('gone: whoever removed it does not want it back', () => {
    const { next, sending } = claimed(told, about({ rev: 2, lines: [line] }));
    const booked = settled(next, sending, { outcome: 'gone', reason: 'x' }).next!;
    assert.equal(nextActionOf(about({ rev: 2, lines: [line] }), booked), undefined);
  });

  test('of a lost claim, or without a ledger, nothing is booked', () => {
    const { next, sending } = claimed(told, about({ rev: 2 }));
    const lost = { ...next, claim: { by: 'heir', until: 0 } };
    assert.deepEqual(settled(lost, sending, { outcome: 'delivered', ref }), { next: lost, verdict: 'stale' });
    assert.deepEqual(settled(undefined, sending, { outcome: 'delivered', ref }), { next: undefined, verdict: 'stale' });
  });
});
