import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bulletinOf, incidentOf, openedAt } from '../../../test/fakes/incident.ts';
import { allActions } from '../../../test/fakes/receiver.ts';
import type { Incident, ThreadLine } from '../incident.ts';
import { type ClaimedDelivery, claimDelivery, type DeliveryResult, leaseMs, settleDelivery } from './claims.ts';
import { dueAt, emptyLedger, type Ledger, nextActionOf, type Postable } from './ledger.ts';

const now = openedAt + 60_000;
const ref = 'C1/1.1';
const line: ThreadLine = { at: openedAt, what: 'joined', text: 'KeyError' };
const delivered: Ledger = { ...emptyLedger, ref, rev: 1, deliveredAt: openedAt, phase: 'open' };
const about = (facts: Partial<Incident> = {}): Postable => ({ kind: 'incident', incident: incidentOf(facts) });
const failure = { reason: 'x', retryInMs: undefined };

interface Made {
  readonly next: Ledger;
  readonly claimed: ClaimedDelivery;
}

function claim(ledger: Ledger = emptyLedger, message: Postable = about(), at = now): Made {
  const made = claimDelivery(message, ledger, { by: 'me/1', now: at, supported: allActions });
  assert.ok(made !== undefined);
  return made;
}

function settled(ledger: Ledger | undefined, claimed: ClaimedDelivery, result: DeliveryResult) {
  return settleDelivery(ledger, claimed, { result, now: now + 1_000, retryInMs: 5_000 });
}

describe('a claim', () => {
  test('keeps others away for its lease', () => {
    const { next } = claim();
    assert.deepEqual(next.claim, { by: 'me/1', until: now + leaseMs });
    const other = (at: number) => claimDelivery(about(), next, { by: 'other/1', now: at, supported: allActions });
    assert.equal(other(now + leaseMs - 1), undefined);
    assert.equal(other(now + leaseMs)?.claimed.by, 'other/1');
  });

  test('that expired makes the next one reconcile since its first attempt', () => {
    const first = claim();
    assert.equal(first.claimed.notification.mayBeThereSince, undefined);
    const second = claim(first.next, about(), now + leaseMs);
    assert.equal(second.claimed.notification.mayBeThereSince, now);
    assert.equal(second.next.firstTryAt, now);
    assert.deepEqual([first.claimed.isFirstTry, second.claimed.isFirstTry], [true, false]);
  });

  test('of an edit needs no reconciliation', () => {
    const { claimed, next } = claim(delivered, about({ rev: 2 }));
    assert.deepEqual([claimed.notification.action, next.firstTryAt], ['edit', undefined]);
  });

  test('carries the present incident, and the time of the claim', () => {
    const { notification, rev, phase } = claim(delivered, about({ rev: 3, count: 99 })).claimed;
    assert.deepEqual([rev, phase, notification.at, notification.ref], [3, 'open', now, ref]);
    assert.equal(notification.about.kind === 'incident' && notification.about.incident.count, 99);
  });

  test('is not made without an action or before it is due', () => {
    const request = { by: 'me/1', now, supported: allActions };
    assert.equal(claimDelivery(about(), delivered, request), undefined);
    assert.equal(claimDelivery(about(), { ...emptyLedger, notBefore: now + 1 }, request), undefined);
  });
});

describe('each message has an id of its own, equal for every attempt', () => {
  const cases: readonly { ledger: Ledger; facts: Partial<Incident>; want: string }[] = [
    { ledger: emptyLedger, facts: {}, want: 'root' },
    { ledger: delivered, facts: { rev: 2 }, want: 'root' },
    { ledger: delivered, facts: { lines: [line] }, want: 'line:0' },
    { ledger: { ...delivered, lines: 1 }, facts: { lines: [line, line] }, want: 'line:1' },
    { ledger: delivered, facts: { reminders: 2, remindersDue: 3 }, want: 'reminder:2' },
    { ledger: delivered, facts: { also: ['#other'] }, want: 'link:0' },
  ];
  for (const { ledger, facts, want } of cases)
    test(want, () => assert.equal(claim(ledger, about(facts)).claimed.notification.id, `7d3f9a1c2b:${want}`));

  test('a bulletin', () => {
    const { notification } = claim(emptyLedger, {
      kind: 'bulletin',
      bulletin: bulletinOf({ channel: '#ops' }),
    }).claimed;
    assert.deepEqual([notification.id, notification.channel], ['storm-1:root', '#ops']);
  });
});

test('a link goes to the other channel, a line has its text', () => {
  assert.equal(claim(delivered, about({ also: ['#other'] })).claimed.notification.channel, '#other');
  const { notification } = claim(delivered, about({ lines: [line] })).claimed;
  assert.equal(notification.channel, '#alerts');
  assert.deepEqual(notification.about.kind === 'incident' && notification.about.line, line);
});

describe('the outcome of a root message', () => {
  test('delivered: it shows the claimed revision', () => {
    const { next, claimed } = claim();
    const { next: ledger, verdict } = settled(next, claimed, { outcome: 'delivered', ref });
    assert.equal(verdict, 'recorded');
    assert.deepEqual(ledger, { ...emptyLedger, ref, rev: 1, deliveredAt: now + 1_000, phase: 'open' });
  });

  test('delivered after its claim expired: it is recorded rather than delivered again', () => {
    const { next, claimed } = claim();
    const { next: ledger, verdict } = settled({ ...next, claim: { by: 'other', until: 0 } }, claimed, {
      outcome: 'delivered',
      ref,
    });
    assert.deepEqual([verdict, ledger?.ref], ['recorded', ref]);
  });

  test('delivered beside another root message: a duplicate', () => {
    const { claimed } = claim();
    const { next, verdict } = settled(delivered, claimed, { outcome: 'delivered', ref: 'C1/2.2' });
    assert.deepEqual([verdict, next], ['duplicate', delivered]);
  });

  test('found: its state is unknown, so an edit follows at once', () => {
    const { next, claimed } = claim();
    const { next: ledger } = settled(next, claimed, { outcome: 'found', ref });
    assert.deepEqual([ledger?.ref, ledger?.rev], [ref, 0]);
    assert.equal(nextActionOf(about(), ledger!, allActions), 'edit');
    assert.equal(dueAt(about(), ledger!, allActions), 0);
  });

  test('it includes the lines and reminders before it', () => {
    const { next, claimed } = claim(emptyLedger, about({ lines: [line, line], reminders: 1 }));
    const ledger = settled(next, claimed, { outcome: 'delivered', ref }).next;
    assert.deepEqual([ledger?.lines, ledger?.reminders], [2, 1]);
  });

  test('refused: later revisions are edits of the given reference', () => {
    const { next, claimed } = claim();
    const ledger = settled(next, claimed, { outcome: 'refused', reason: 'http-400', ref: 'id' }).next!;
    assert.deepEqual([ledger.ref, ledger.rev, nextActionOf(about(), ledger, allActions)], ['id', 1, undefined]);
    assert.equal(nextActionOf(about({ rev: 2 }), ledger, allActions), 'edit');
  });
});

describe('the outcome of any attempt', () => {
  test('not delivered at the first attempt: nothing to reconcile, and a back-off', () => {
    const { next, claimed } = claim();
    const ledger = settled(next, claimed, { outcome: 'not-delivered', ...failure }).next!;
    assert.deepEqual(
      [ledger.firstTryAt, ledger.claim, ledger.failures, ledger.notBefore],
      [undefined, undefined, 1, now + 6_000],
    );
  });

  test('not delivered after an unknown outcome: it stays unknown', () => {
    const first = claim();
    const unknown = settled(first.next, first.claimed, { outcome: 'unknown', ...failure }).next!;
    assert.deepEqual([unknown.firstTryAt, unknown.failures], [now, 1]);
    const second = claim(unknown, about(), now + 60_000);
    const ledger = settled(second.next, second.claimed, { outcome: 'not-delivered', ...failure }).next!;
    assert.deepEqual([ledger.firstTryAt, ledger.failures], [now, 2]);
  });

  test('a success ends the back-off', () => {
    const ledger = { ...delivered, failures: 3 };
    const { next, claimed } = claim(ledger, about({ rev: 2 }));
    assert.equal(claimed.failures, 3);
    const after = settled(next, claimed, { outcome: 'delivered', ref }).next!;
    assert.deepEqual([after.failures, after.notBefore, after.rev], [0, 0, 2]);
  });

  test('gone: a person removed the message, so nothing more is delivered', () => {
    const message = about({ rev: 2, lines: [line], reminders: 1, also: ['#b'] });
    const { next, claimed } = claim(delivered, message);
    const ledger = settled(next, claimed, { outcome: 'gone', reason: 'x' }).next!;
    assert.equal(nextActionOf(message, ledger, allActions), undefined);
  });

  for (const [name, facts, want] of [
    ['line', { lines: [line] }, { lines: 1 }],
    ['reminder', { reminders: 3 }, { reminders: 3 }],
    ['link', { also: ['#b'] }, { links: 1 }],
  ] as const) {
    test(`a delivered ${name} counts as delivered`, () => {
      const { next, claimed } = claim(delivered, about(facts));
      assert.equal(claimed.notification.action, name);
      const ledger = settled(next, claimed, { outcome: 'delivered', ref: 'C1/9' }).next!;
      assert.deepEqual(ledger, { ...delivered, ...want });
    });
  }

  test('without its claim or without a ledger it is stale', () => {
    const { next, claimed } = claim(delivered, about({ rev: 2 }));
    const lost = { ...next, claim: { by: 'other', until: 0 } };
    assert.deepEqual(settled(lost, claimed, { outcome: 'delivered', ref }), { next: lost, verdict: 'stale' });
    assert.deepEqual(settled(undefined, claimed, { outcome: 'delivered', ref }), { next: undefined, verdict: 'stale' });
  });
});
