import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bulletinOf, incidentOf, openedAt } from '../../../test/fakes/incident.ts';
import { allActions } from '../../../test/fakes/receiver.ts';
import type { Incident, ThreadLine } from '../incident.ts';
import { type ClaimedDelivery, claimDelivery, type DeliveryResult, leaseMs, settleDelivery } from './claims.ts';
import { dueAt, emptyLedger, type Ledger, nextActionOf, type Postable } from './ledger.ts';

const now = openedAt + 60_000;
const ref = 'C1/1.1';
const other = 'C1/2.2';
const line: ThreadLine = { at: openedAt, what: 'joined', text: 'KeyError' };
const told: Ledger = { ...emptyLedger, ref, rev: 1, deliveredAt: openedAt, phase: 'open' };
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
  test(`wants ${name}`, () => assert.equal(nextActionOf(about, ledger, allActions), want));
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
  for (const { name, about, ledger, want } of cases)
    test(name, () => assert.equal(dueAt(about, ledger, allActions), want));
});

function claim(
  ledger: Ledger = emptyLedger,
  shown: Postable = about(),
  at = now,
): { next: Ledger; claimed: ClaimedDelivery } {
  const made = claimDelivery(shown, ledger, { by: 'me/1', now: at, supported: allActions });
  assert.ok(made !== undefined);
  return made;
}

function settled(ledger: Ledger | undefined, claimed: ClaimedDelivery, result: DeliveryResult) {
  return settleDelivery(ledger, claimed, { result, now: now + 1_000, retryInMs: 5_000 });
}

test('a claim keeps others away for its lease, and remembers since when a message may be there', () => {
  const { next, claimed } = claim();
  assert.deepEqual(next.claim, { by: 'me/1', until: now + leaseMs });
  assert.equal(next.firstTryAt, now);
  assert.equal(claimed.notification.mayBeThereSince, undefined);
  assert.equal(
    claimDelivery(about(), next, { by: 'other/1', now: now + leaseMs - 1, supported: allActions }),
    undefined,
  );
  const heir = claim(next, about(), now + leaseMs);
  assert.equal(heir.claimed.notification.mayBeThereSince, now, 'whoever died may have posted');
  assert.equal(heir.next.firstTryAt, now);
});

test('an edit leaves nothing to be looked for', () => {
  const { next, claimed } = claim(told, about({ rev: 2 }));
  assert.deepEqual([claimed.notification.action, next.firstTryAt], ['edit', undefined]);
});

test('each message has a name of its own, the same at every try', () => {
  const names = (ledger: Ledger, facts: Partial<Incident>) =>
    claim(ledger, about(facts)).claimed.notification.id.split(':').slice(1).join(':');
  assert.equal(names(emptyLedger, {}), 'root');
  assert.equal(names(told, { lines: [line] }), 'line:0');
  assert.equal(names({ ...told, lines: 1 }, { lines: [line, line] }), 'line:1');
  assert.equal(names(told, { reminders: 2, remindersDue: 3 }), 'reminder:2');
  assert.equal(names(told, { also: ['#other'] }), 'link:0');
});

describe('what became of a delivery', () => {
  test('delivered: it is there and tells what it said', () => {
    const { next, claimed } = claim();
    const { next: booked, verdict } = settled(next, claimed, { outcome: 'delivered', ref });
    assert.equal(verdict, 'recorded');
    assert.deepEqual(booked, { ...emptyLedger, ref, rev: 1, deliveredAt: now + 1_000, phase: 'open' });
  });

  test('delivered late, without its claim: better known than posted again', () => {
    const { next, claimed } = claim();
    const { next: booked, verdict } = settled({ ...next, claim: { by: 'heir', until: 0 } }, claimed, {
      outcome: 'delivered',
      ref,
    });
    assert.deepEqual([verdict, booked?.ref], ['recorded', ref]);
  });

  test('delivered when another one is the root: a duplicate', () => {
    const { claimed } = claim();
    const { next, verdict } = settled(told, claimed, { outcome: 'delivered', ref: other });
    assert.deepEqual([verdict, next?.ref], ['duplicate', ref]);
  });

  test('found: what it tells is old, so an edit follows at once', () => {
    const { next, claimed } = claim();
    const { next: booked } = settled(next, claimed, { outcome: 'found', ref });
    assert.deepEqual([booked?.ref, booked?.rev], [ref, 0]);
    assert.equal(nextActionOf(about(), booked!, allActions), 'edit');
    assert.equal(dueAt(about(), booked!, allActions), 0);
  });

  test('the root tells the lines that came before it', () => {
    const { next, claimed } = claim(emptyLedger, about({ lines: [line, line] }));
    assert.equal(settled(next, claimed, { outcome: 'delivered', ref }).next?.lines, 2);
  });

  test('not delivered at the first try: nothing is there', () => {
    const { next, claimed } = claim();
    const { next: booked } = settled(next, claimed, { outcome: 'not-delivered', reason: 'x', retryInMs: undefined });
    assert.deepEqual(
      [booked?.firstTryAt, booked?.claim, booked?.failures, booked?.notBefore],
      [undefined, undefined, 1, now + 6_000],
    );
  });

  test('not delivered after an unknown outcome: as unknown as before', () => {
    const first = claim();
    const unknown = settled(first.next, first.claimed, { outcome: 'unknown', reason: 'x', retryInMs: undefined }).next!;
    assert.equal(unknown.firstTryAt, now);
    const second = claim(unknown, about(), now + 60_000);
    const failed = settled(second.next, second.claimed, { outcome: 'not-delivered', reason: 'x', retryInMs: undefined })
      .next!;
    assert.deepEqual([failed.firstTryAt, failed.failures], [now, 2]);
  });

  test('gone: whoever removed it does not want it back', () => {
    const { next, claimed } = claim(told, about({ rev: 2, lines: [line] }));
    const booked = settled(next, claimed, { outcome: 'gone', reason: 'x' }).next!;
    assert.equal(nextActionOf(about({ rev: 2, lines: [line] }), booked, allActions), undefined);
  });

  test('of a lost claim, or without a ledger, nothing is booked', () => {
    const { next, claimed } = claim(told, about({ rev: 2 }));
    const lost = { ...next, claim: { by: 'heir', until: 0 } };
    assert.deepEqual(settled(lost, claimed, { outcome: 'delivered', ref }), { next: lost, verdict: 'stale' });
    assert.deepEqual(settled(undefined, claimed, { outcome: 'delivered', ref }), { next: undefined, verdict: 'stale' });
  });
});
