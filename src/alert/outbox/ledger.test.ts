import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bulletinOf, incidentOf, keyOf, openedAt } from '../../../test/fakes/incident.ts';
import { allActions } from '../../../test/fakes/receiver.ts';
import type { Incident, ThreadLine } from '../incident.ts';
import {
  dueAt,
  emptyLedger,
  idOf,
  type Ledger,
  meaningOf,
  type NextAction,
  nextActionOf,
  type Postable,
  revOf,
} from './ledger.ts';

const now = openedAt + 60_000;
const minute = 60_000;
const line: ThreadLine = { at: openedAt, what: 'joined', text: 'KeyError' };
const delivered: Ledger = { ...emptyLedger, ref: 'C1/1.1', rev: 1, deliveredAt: openedAt, phase: 'open' };
const about = (facts: Partial<Incident> = {}): Postable => ({ kind: 'incident', incident: incidentOf(facts) });
const bulletin = (facts = {}): Postable => ({ kind: 'bulletin', bulletin: bulletinOf(facts) });
const postsAndEdits: ReadonlySet<NextAction> = new Set(['post', 'edit'] as const);
const resolved = { name: 'resolved', at: now, by: undefined } as const;
const hidden = { reason: 'silenced', by: 's1', since: now } as const;

test('an incident and a bulletin have an id, a revision and a phase', () => {
  const of = (one: Postable) => [idOf(one), revOf(one), meaningOf(one)];
  assert.deepEqual(of(about({ rev: 3 })), ['7d3f9a1c2b', 3, 'open']);
  assert.deepEqual(of(bulletin({ rev: 2 })), ['storm-1', 2, 'bulletin']);
  const level = { total: undefined, state: 'holds' } as const;
  assert.equal(meaningOf(about({ keys: [keyOf(level)] })), 'open 0 1');
  assert.equal(meaningOf(about({ keys: [keyOf({ ...level, gravity: 2 })] })), 'open 2 1');
  assert.equal(meaningOf(about({ keys: [keyOf({ ...level, state: 'over' })] })), 'open');
});

describe('the next action', () => {
  const cases: readonly {
    name: string;
    about: Postable;
    ledger: Ledger;
    supported?: ReadonlySet<NextAction>;
    want: NextAction | undefined;
  }[] = [
    { name: 'root message first', about: about({ lines: [line], reminders: 1 }), ledger: emptyLedger, want: 'post' },
    {
      name: 'none while pending',
      about: about({ phase: { name: 'pending', until: now } }),
      ledger: emptyLedger,
      want: undefined,
    },
    { name: 'none for revision 0', about: about({ rev: 0 }), ledger: emptyLedger, want: undefined },
    { name: 'no root message of a hidden incident', about: about({ hidden }), ledger: emptyLedger, want: undefined },
    {
      name: 'edit of an incident that was hidden after its post',
      about: about({ rev: 2, hidden }),
      ledger: delivered,
      want: 'edit',
    },
    { name: 'line before edit', about: about({ rev: 2, lines: [line] }), ledger: delivered, want: 'line' },
    {
      name: 'no line that was delivered',
      about: about({ lines: [line] }),
      ledger: { ...delivered, lines: 1 },
      want: undefined,
    },
    { name: 'reminder', about: about({ reminders: 1 }), ledger: delivered, want: 'reminder' },
    { name: 'line before reminder', about: about({ reminders: 1, lines: [line] }), ledger: delivered, want: 'line' },
    {
      name: 'no suppressed reminder',
      about: about({ reminders: 0, remindersDue: 2 }),
      ledger: delivered,
      want: undefined,
    },
    {
      name: 'no reminder after the end',
      about: about({ reminders: 1, phase: resolved }),
      ledger: delivered,
      want: undefined,
    },
    { name: 'link', about: about({ also: ['#other'] }), ledger: delivered, want: 'link' },
    { name: 'edit for a new revision', about: about({ rev: 2 }), ledger: delivered, want: 'edit' },
    { name: 'none for the delivered revision', about: about(), ledger: delivered, want: undefined },
    { name: 'bulletin', about: bulletin(), ledger: emptyLedger, want: 'post' },
    { name: 'edit of a bulletin', about: bulletin({ rev: 2 }), ledger: delivered, want: 'edit' },
    {
      name: 'only posts and edits where nothing else is supported',
      about: about({ rev: 2, lines: [line], reminders: 1, also: ['#other'] }),
      ledger: delivered,
      supported: postsAndEdits,
      want: 'edit',
    },
  ];
  for (const { name, about: one, ledger, supported = allActions, want } of cases)
    test(`${want ?? 'none'}: ${name}`, () => assert.equal(nextActionOf(one, ledger, supported), want));
});

describe('a delivery is due', () => {
  const cases: readonly { name: string; about: Postable; ledger: Ledger; want: number }[] = [
    { name: 'never without an action', about: about(), ledger: delivered, want: Number.POSITIVE_INFINITY },
    { name: 'at once for a root message', about: about(), ledger: emptyLedger, want: 0 },
    {
      name: 'when the claim expires',
      about: about(),
      ledger: { ...emptyLedger, claim: { by: 'a', until: 7 } },
      want: 7,
    },
    { name: 'after the back-off', about: about(), ledger: { ...emptyLedger, notBefore: 9 }, want: 9 },
    { name: '30 s after the last edit', about: about({ rev: 2 }), ledger: delivered, want: openedAt + 30_000 },
    {
      name: '30 s after the last edit of a bulletin',
      about: bulletin({ rev: 2 }),
      ledger: { ...delivered, phase: 'bulletin' },
      want: openedAt + 30_000,
    },
    {
      name: 'later for an incident that lasts an hour',
      about: about({ rev: 2, lastAt: openedAt + 60 * minute }),
      ledger: delivered,
      want: openedAt + 3 * minute,
    },
    {
      name: 'after ten minutes at most',
      about: about({ rev: 2, lastAt: openedAt + 6_000 * minute }),
      ledger: delivered,
      want: openedAt + 10 * minute,
    },
    { name: 'at once when the phase changes', about: about({ rev: 2, phase: resolved }), ledger: delivered, want: 0 },
    {
      name: 'at once when the meaning changes',
      about: about({ rev: 2, keys: [keyOf({ gravity: 1 })] }),
      ledger: delivered,
      want: 0,
    },
    { name: 'at once for a line', about: about({ rev: 2, lines: [line] }), ledger: delivered, want: 0 },
  ];
  for (const { name, about: one, ledger, want } of cases)
    test(name, () => assert.equal(dueAt(one, ledger, allActions), want));
});
