import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, openedAt } from '../../../test/fakes/incident.ts';
import { type DraftFacts, decisionsOf, draftOf, minute } from '../../../test/fakes/signal.ts';
import type { Incident } from '../incident.ts';
import { matchesEverything } from '../matcher.ts';
import { remind } from './reminders.ts';

const receipts = { slack: { rev: 1, ref: 'C1/1' } };
const policy = { remindersMs: [10 * minute, 30 * minute] };

function reminded(facts: Partial<Incident>, afterMs: number, more: DraftFacts = {}) {
  const incident = incidentOf({ receipts, ...facts });
  const draft = draftOf([incident], { at: openedAt + afterMs, policy, ...more });
  remind(draft, incident);
  return { incident: draft.incident(incident.id)!, decisions: decisionsOf(draft) };
}

describe('the next reminder', () => {
  const cases: readonly { name: string; due: number; afterMs: number }[] = [
    { name: 'first step', due: 0, afterMs: 10 * minute },
    { name: 'second step', due: 1, afterMs: 30 * minute },
    { name: 'the last step repeats', due: 2, afterMs: 60 * minute },
    { name: 'and repeats', due: 3, afterMs: 90 * minute },
  ];
  for (const { name, due, afterMs } of cases) {
    test(`${name}: after ${afterMs / minute} min`, () => {
      assert.deepEqual(reminded({ remindersDue: due }, afterMs - 1).decisions, []);
      const { incident, decisions } = reminded({ remindersDue: due, reminders: due }, afterMs);
      assert.deepEqual(decisions, ['notify reminder reminder']);
      assert.deepEqual([incident.reminders, incident.remindersDue], [due + 1, due + 1]);
    });
  }

  test('is one after an interruption of hours', () => {
    const { incident, decisions } = reminded({}, 180 * minute);
    assert.deepEqual(decisions, ['notify reminder reminder']);
    assert.deepEqual([incident.reminders, incident.remindersDue], [1, 7]);
  });

  test('does not exist without a post, or without steps in the policy', () => {
    assert.deepEqual(reminded({ receipts: {} }, 180 * minute).decisions, []);
    assert.deepEqual(reminded({}, 180 * minute, { policy: { remindersMs: [] } }).decisions, []);
  });
});

describe('a reminder is suppressed, and counts as due,', () => {
  const silence = { id: 's1', match: matchesEverything, until: undefined, by: 'U1', reason: 'x', at: 0 };
  const until = openedAt + 60 * minute;
  const cases: readonly { name: string; facts: Partial<Incident>; more?: DraftFacts; want: string }[] = [
    { name: 'after an acknowledgement', facts: { ack: { by: 'U2', at: openedAt } }, want: 'suppress acked U2' },
    { name: 'during a snooze', facts: { snoozedUntil: until }, want: 'suppress snoozed 2026-11-24T11:02:00.000Z' },
    { name: 'during a silence', facts: {}, more: { book: { silences: [silence] } }, want: 'suppress silenced s1' },
  ];
  for (const { name, facts, more, want } of cases) {
    test(name, () => {
      const { incident, decisions } = reminded(facts, 10 * minute, more);
      assert.deepEqual(decisions, [want]);
      assert.deepEqual([incident.reminders, incident.remindersDue], [0, 1]);
    });
  }
});

describe('the end of a snooze', () => {
  const snoozedUntil = openedAt + 5 * minute;

  test('adds a line', () => {
    const { incident, decisions } = reminded({ snoozedUntil }, 5 * minute);
    assert.deepEqual(decisions, ['notify reminder line']);
    assert.deepEqual([incident.snoozedUntil, incident.rev, incident.lines[0]!.what], [undefined, 2, 'woke']);
  });

  test('is not before its time', () => assert.deepEqual(reminded({ snoozedUntil }, 5 * minute - 1).decisions, []));
});
