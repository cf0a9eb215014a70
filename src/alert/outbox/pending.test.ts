import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bulletinOf, incidentOf, openedAt } from '../../../test/fakes/incident.ts';
import { allActions } from '../../../test/fakes/receiver.ts';
import { emptyBook, type Incident } from '../incident.ts';
import { emptyLedger, idOf, type NextAction, type Postable } from './ledger.ts';
import { doubtful, isDelivered, ledgerOf, postables, stateOf, undeliveredOf } from './pending.ts';

const ref = 'C1/1.1';
const about = (facts: Partial<Incident> = {}): Postable => ({ kind: 'incident', incident: incidentOf(facts) });
const has = (rev: number) => ({ slack: { rev, ref } });
const postsAndEdits: ReadonlySet<NextAction> = new Set(['post', 'edit'] as const);

describe('order of pending messages', () => {
  test('the most severe come first, then the oldest, then bulletins; pending and empty incidents are left out', () => {
    const incidents = [
      incidentOf({ id: 'normal', firstAt: 1 }),
      incidentOf({ id: 'critical', severity: 'critical', firstAt: 3 }),
      incidentOf({ id: 'older critical', severity: 'critical', firstAt: 2 }),
      incidentOf({ id: 'pending', phase: { name: 'pending', until: 1 } }),
      incidentOf({ id: 'revision 0', rev: 0 }),
      incidentOf({ id: 'high', severity: 'high', firstAt: 9 }),
    ];
    const book = { ...emptyBook, incidents, bulletins: [bulletinOf()] };
    assert.deepEqual(postables(book, 'slack').map(idOf), ['older critical', 'critical', 'high', 'normal', 'storm-1']);
  });

  test('first messages go before edits, also before edits of more severe incidents', () => {
    const incidents = [
      incidentOf({ id: 'delivered', severity: 'critical', receipts: has(1) }),
      incidentOf({ id: 'new', severity: 'normal' }),
    ];
    const book = { ...emptyBook, incidents, bulletins: [bulletinOf()] };
    assert.deepEqual(postables(book, 'slack').map(idOf), ['new', 'storm-1', 'delivered']);
    assert.deepEqual(postables(book, 'webhook').map(idOf), ['delivered', 'new', 'storm-1'], 'for each receiver apart');
  });
});

describe('delivered according to the book', () => {
  const cases: readonly { name: string; facts: Partial<Incident>; supported?: typeof allActions; want: boolean }[] = [
    { name: 'the receipt has the latest revision', facts: {}, want: true },
    { name: 'a revision is missing', facts: { rev: 2 }, want: false },
    { name: 'no receipt', facts: { receipts: {} }, want: false },
    { name: 'a receipt of another receiver', facts: { receipts: { webhook: { rev: 1, ref } } }, want: false },
    { name: 'a receipt without a reference', facts: { receipts: { slack: { rev: 1, ref: undefined } } }, want: false },
    { name: 'reminders may remain', facts: { reminders: 1 }, want: false },
    { name: 'links may remain', facts: { also: ['#other'] }, want: false },
    { name: 'reminders are not supported', facts: { reminders: 1 }, supported: postsAndEdits, want: true },
    { name: 'links are not supported', facts: { also: ['#other'] }, supported: postsAndEdits, want: true },
  ];
  for (const { name, facts, supported = allActions, want } of cases) {
    test(`${want ? 'yes' : 'no'}: ${name}`, () => {
      assert.equal(isDelivered(about({ receipts: has(1), ...facts }), 'slack', supported), want);
    });
  }

  test('a bulletin needs its latest revision only', () => {
    const bulletin = (rev: number): Postable => ({ kind: 'bulletin', bulletin: bulletinOf({ rev, receipts: has(2) }) });
    assert.equal(isDelivered(bulletin(2), 'slack', allActions), true);
    assert.equal(isDelivered(bulletin(3), 'slack', allActions), false);
  });
});

test('undelivered revisions are counted by the book and by what this instance delivered, and hidden ones never', () => {
  const changed = about({ rev: 3, receipts: has(1) });
  assert.equal(undeliveredOf(changed, 'slack', new Map()), 2);
  assert.equal(undeliveredOf(changed, 'slack', new Map([['7d3f9a1c2b', 2]])), 1);
  assert.equal(undeliveredOf(changed, 'slack', new Map([['7d3f9a1c2b', 4]])), 0);
  assert.equal(undeliveredOf(changed, 'webhook', new Map()), 3);
  const hidden = { reason: 'silenced', by: 's1', since: 0 } as const;
  assert.equal(undeliveredOf(about({ rev: 3, hidden }), 'slack', new Map()), 0);
});

test('the state of a message changes with everything that a delivery depends on', () => {
  const line = { at: openedAt, what: 'joined', text: 'x' } as const;
  const states = [
    about(),
    about({ rev: 2 }),
    about({ lines: [line] }),
    about({ reminders: 1 }),
    about({ also: ['#other'] }),
    about({ hidden: { reason: 'muted', by: 'night', since: 0 } }),
    about({ phase: { name: 'resolved', at: 1, by: undefined } }),
  ].map(stateOf);
  assert.equal(new Set(states).size, states.length);
  assert.equal(stateOf(about({ count: 99 })), stateOf(about()), 'a count without a revision is no change');
});

describe('the ledger to assume', () => {
  const old = { begunAt: openedAt - 3_600_000, lostAt: undefined };
  const assumed = (
    facts: Partial<Incident>,
    stored: Parameters<typeof ledgerOf>[1],
    book: typeof emptyBook | typeof old,
  ) => ledgerOf(about(facts), stored, { book, receiver: 'slack' });

  test('the stored one, if it has a reference', () => {
    const stored = { ...emptyLedger, ref, rev: 1 };
    assert.equal(assumed({ receipts: { slack: { rev: 1, ref: 'C1/9.9' } } }, stored, old), stored);
  });

  test('an empty one for a new message', () => assert.equal(assumed({}, undefined, old), emptyLedger));

  test('rebuilt from the receipt, with all additions delivered', () => {
    const line = { at: openedAt, what: 'joined', text: 'x' } as const;
    const facts = { receipts: has(2), rev: 3, lines: [line, line], reminders: 2, remindersDue: 3, also: ['#b'] };
    const want = { ...emptyLedger, ref, rev: 2, lines: 2, reminders: 2, links: 1 };
    assert.deepEqual(assumed(facts, undefined, old), want);
    assert.deepEqual(ledgerOf(about(facts), undefined, { book: old, receiver: 'webhook' }), emptyLedger);
  });

  test('doubtful for messages due before the store lost its data, unless a ledger is stored', () => {
    const lost = { begunAt: old.begunAt, lostAt: openedAt };
    const book = { ...emptyBook, ...lost };
    assert.equal(assumed({}, undefined, book).firstTryAt, openedAt);
    assert.equal(assumed({ openedAt: openedAt + 1 }, undefined, book).firstTryAt, undefined);
    assert.equal(assumed({}, { ...emptyLedger, failures: 1 }, book).firstTryAt, undefined);
  });

  test('doubtful within a minute of the start of a book, which may succeed a lost one', () => {
    const young = (begunAt: number) => ({ ...emptyBook, begunAt });
    assert.equal(assumed({}, undefined, young(openedAt - 60_000)).firstTryAt, openedAt);
    assert.equal(assumed({}, undefined, young(openedAt - 60_001)).firstTryAt, undefined);
  });

  test('a doubtful ledger keeps the time of its first attempt', () => {
    assert.equal(doubtful(emptyLedger, about()).firstTryAt, openedAt);
    assert.equal(doubtful({ ...emptyLedger, firstTryAt: 7 }, about()).firstTryAt, 7);
    const bulletin: Postable = { kind: 'bulletin', bulletin: bulletinOf({ at: 5 }) };
    assert.equal(doubtful(emptyLedger, bulletin).firstTryAt, 5);
  });
});
