import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bulletinOf, incidentOf, openedAt } from '../../../test/fakes/incident.ts';
import { emptyBook, type Incident } from '../incident.ts';
import { emptyLedger, type Postable } from './ledger.ts';
import { isDelivered, ledgerOf, owedOf, postables, unsure } from './postable.ts';

const ref = { channel: 'C1', ts: '1.1' };
const about = (facts: Partial<Incident> = {}): Postable => ({ kind: 'incident', incident: incidentOf(facts) });
const old = { begunAt: openedAt - 3_600_000, lostAt: undefined };

test('the worst comes first, then the longest waiting, bulletins last; what is not to be shown not at all', () => {
  const incidents = [
    incidentOf({ id: 'normal', firstAt: 1 }),
    incidentOf({ id: 'critical', severity: 'critical', firstAt: 3 }),
    incidentOf({ id: 'older critical', severity: 'critical', firstAt: 2 }),
    incidentOf({ id: 'pending', phase: { name: 'pending', until: 1 } }),
    incidentOf({ id: 'nothing to tell', rev: 0 }),
    incidentOf({ id: 'high', severity: 'high', firstAt: 9 }),
  ];
  const shown = postables({ ...emptyBook, incidents, bulletins: [bulletinOf()] });
  assert.deepEqual(
    shown.map((one) => (one.kind === 'incident' ? one.incident.id : one.bulletin.id)),
    ['older critical', 'critical', 'high', 'normal', 'storm-1'],
  );
});

test('what the channel has not heard of goes before edits of what it has, also of what is worse', () => {
  const incidents = [
    incidentOf({ id: 'told', severity: 'critical', root: ref }),
    incidentOf({ id: 'new', severity: 'normal' }),
  ];
  const shown = postables({ ...emptyBook, incidents, bulletins: [bulletinOf()] });
  assert.deepEqual(
    shown.map((one) => (one.kind === 'incident' ? one.incident.id : one.bulletin.id)),
    ['new', 'storm-1', 'told'],
  );
});

test('is told when the book says so and nothing can hang on it', () => {
  const told = { root: ref, shownRev: 1 };
  assert.equal(isDelivered(about(told)), true);
  for (const facts of [{ shownRev: 0 }, { rev: 2 }, { root: undefined }, { reminders: 1 }, { also: ['#other'] }])
    assert.equal(isDelivered(about({ ...told, ...facts })), false, JSON.stringify(facts));
});

test('owes what neither the book nor we have shown', () => {
  assert.equal(owedOf(about({ rev: 3, shownRev: 1 }), new Map()), 2);
  assert.equal(owedOf(about({ rev: 3, shownRev: 1 }), new Map([['7d3f9a1c2b', 3]])), 0);
  assert.equal(owedOf(about({ hidden: { reason: 'muted', by: 'nights', since: 0 } }), new Map()), 0);
});

test('takes the ledger that there is, and none for a first message', () => {
  const stored = { ...emptyLedger, root: ref, lines: 1 };
  assert.equal(ledgerOf(about({ root: ref }), stored, old), stored);
  assert.equal(ledgerOf(about(), undefined, old), emptyLedger);
});

test('a ledger lost with the store: what hangs on a known message counts as told', () => {
  const line = { at: openedAt, what: 'joined', text: 'x' } as const;
  const known = about({
    root: ref,
    shownRev: 2,
    rev: 3,
    lines: [line, line],
    reminders: 2,
    remindersDue: 3,
    also: ['#b'],
  });
  const want = { ...emptyLedger, root: ref, shown: 2, lines: 2, reminders: 2, links: 1 };
  assert.deepEqual(ledgerOf(known, undefined, old), want);
});

test('without a known message, what was wanted before the loss is looked for', () => {
  const lost = { ...old, lostAt: openedAt };
  assert.equal(ledgerOf(about(), undefined, lost).firstTryAt, openedAt);
  assert.equal(ledgerOf(about({ openedAt: openedAt + 1 }), undefined, lost).firstTryAt, undefined);
  assert.equal(ledgerOf(about(), { ...emptyLedger, failures: 1 }, lost).firstTryAt, undefined, 'a ledger knows better');
  const young = { begunAt: openedAt - 1_000, lostAt: undefined };
  assert.equal(ledgerOf(about(), undefined, young).firstTryAt, openedAt, 'and what a book that has just begun says');
});

test('whoever is not sure looks, from the first try on', () => {
  assert.equal(unsure(emptyLedger, about()).firstTryAt, openedAt);
  assert.equal(unsure({ ...emptyLedger, firstTryAt: 7 }, about()).firstTryAt, 7);
});
