import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, keyOf, openedAt } from '../../../test/fakes/incident.ts';
import { decisionsOf, draftOf, incidentKey, key, minute, now } from '../../../test/fakes/signal.ts';
import type { Incident } from '../incident.ts';
import type { ReceiverName } from '../receipts.ts';
import { type Absence, closeIncident, isOver, isSettledForAny, resolveIncident } from './resolve.ts';

const ref = 'C1/1';
const hour = 60 * minute;
const lastAt = openedAt;
const incident = (facts: Partial<Incident> = {}) => incidentOf({ keys: [keyOf({ lastAt })], ...facts });
const absence = (facts: Partial<Absence> = {}): Absence => ({
  canJudge: true,
  firing: new Set(),
  cleared: new Set(),
  ...facts,
});
const cleared = absence({ cleared: new Set([incidentKey]) });

describe('over', () => {
  const long = keyOf({ lastAt, clearMs: 20 * minute });
  const short = keyOf({ lastAt, clearMs: minute });
  const cases: readonly { name: string; incident: Incident; absence: Absence; afterMs: number }[] = [
    {
      name: 'without evidence of the end, after the clear time',
      incident: incident({ keys: [long] }),
      absence: absence(),
      afterMs: 20 * minute,
    },
    {
      name: 'without evidence of the end, after ten minutes at least',
      incident: incident({ keys: [short] }),
      absence: absence(),
      afterMs: 10 * minute,
    },
    {
      name: 'known to be over, after the clear time minus the clock skew',
      incident: incident({ keys: [short] }),
      absence: cleared,
      afterMs: minute - 2_000,
    },
    {
      name: 'reopened twice, after four times the time',
      incident: incident({ keys: [short], reopens: 2 }),
      absence: absence(),
      afterMs: 40 * minute,
    },
    {
      name: 'reopened often, after two hours at most',
      incident: incident({ keys: [short], reopens: 9 }),
      absence: absence(),
      afterMs: 2 * hour,
    },
  ];
  for (const { name, incident: one, absence: known, afterMs } of cases) {
    test(name, () => {
      assert.equal(isOver(one, known, lastAt + afterMs - 1), false);
      assert.equal(isOver(one, known, lastAt + afterMs), true);
    });
  }

  test('never while a key fires', () => {
    const two = incident({ keys: [keyOf({ lastAt }), keyOf({ lastAt, key: key('t|b') })] });
    assert.equal(isOver(two, absence({ firing: new Set([key('t|b')]) }), lastAt + 9 * hour), false);
    assert.equal(isOver(two, absence(), lastAt + 9 * hour), true);
  });

  test('never while events may be missing, except for the incident about missing events', () => {
    const blind = incident({ keys: [keyOf({ signal: 'self.blind', lastAt })] });
    assert.equal(isOver(incident(), absence({ canJudge: false }), lastAt + 9 * hour), false);
    assert.equal(isOver(blind, absence({ canJudge: false }), lastAt + 9 * hour), true);
  });
});

describe('a resolved incident', () => {
  function resolved(facts: Partial<Incident>, show: 'thread' | 'channel' | 'edit' = 'thread') {
    const draft = draftOf([incident(facts)], {
      policy: { resolve: { afterMs: 10 * minute, reopenQuietlyWithinMs: hour, show } },
    });
    resolveIncident(draft, incident(facts));
    return { draft, incident: draft.incidents()[0]!, decisions: decisionsOf(draft) };
  }
  const posted = { receipts: { slack: { rev: 1, ref } } };

  test('shows its end in the message and its thread', () => {
    const { incident: one, decisions } = resolved({ ...posted, snoozedUntil: now + 1 });
    assert.deepEqual(one.phase, { name: 'resolved', at: now, by: undefined });
    assert.deepEqual([one.rev, one.snoozedUntil], [2, undefined]);
    assert.deepEqual(one.lines, [{ at: now, what: 'resolved', text: 'after 7 min' }]);
    assert.deepEqual(decisions, ['notify resolved edit']);
  });

  const level = { total: undefined } as const;
  for (const { title, keys, isForgotten } of [
    { title: 'a count without further occurrences is over', keys: [keyOf()], isForgotten: undefined },
    { title: 'a level that cleared is over', keys: [keyOf({ ...level, state: 'over' })], isForgotten: undefined },
    {
      title: 'a level that no instance saw clear is forgotten',
      keys: [keyOf({ ...level, state: 'holds' })],
      isForgotten: true,
    },
    {
      title: 'a level whose evidence was dropped is forgotten',
      keys: [keyOf(), keyOf({ ...level, state: 'forgotten' })],
      isForgotten: true,
    },
  ] as const) {
    test(title, () => {
      const { phase } = resolved({ ...posted, keys }).incident;
      assert.ok(phase.name === 'resolved');
      assert.equal(phase.isForgotten, isForgotten);
    });
  }

  test('shows its end in the channel or in the message only, as the policy asks', () => {
    assert.equal(resolved(posted, 'channel').incident.lines[0]!.isLoud, true);
    assert.deepEqual(resolved(posted, 'edit').incident.lines, []);
    assert.equal(resolved(posted, 'edit').incident.rev, 2);
  });

  test('that was hidden and never posted goes to the digest', () => {
    const hidden = { reason: 'silenced', by: 's1', since: openedAt } as const;
    const { draft, incident: one, decisions } = resolved({ hidden, rev: 0 });
    assert.equal(one.rev, 0);
    assert.deepEqual(decisions, ['suppress silenced s1']);
    assert.deepEqual(draft.book.digest.lines, [
      'billing.tasks.charge: PaymentDeclined: card was declined: 7 times, over after 7 min (silenced)',
    ]);
  });

  test('that was hidden after its post shows its end', () => {
    const hidden = { reason: 'silenced', by: 's1', since: openedAt } as const;
    assert.deepEqual(resolved({ ...posted, hidden }).decisions, ['notify resolved edit']);
  });
});

describe('removal of a resolved incident', () => {
  const receivers: readonly ReceiverName[] = ['slack', 'webhook'];
  const complete = { slack: { rev: 2, ref }, webhook: { rev: 2, ref } };
  const cases: readonly {
    name: string;
    facts: Partial<Incident>;
    quietlyMs: number;
    afterMs: number;
    decisions: string[];
  }[] = [
    {
      name: 'delivered: when it can no longer reopen quietly',
      facts: { receipts: complete },
      quietlyMs: hour,
      afterMs: hour,
      decisions: [],
    },
    {
      name: 'delivered: not before 40 minutes, while its id is reserved',
      facts: { receipts: complete },
      quietlyMs: 0,
      afterMs: 40 * minute,
      decisions: [],
    },
    {
      name: 'missing at one receiver: after a day, as undeliverable',
      facts: { receipts: { slack: { rev: 2, ref } } },
      quietlyMs: hour,
      afterMs: 24 * hour,
      decisions: ['suppress undeliverable'],
    },
    { name: 'never posted', facts: { rev: 0 }, quietlyMs: hour, afterMs: hour, decisions: [] },
    {
      name: 'hidden before its post',
      facts: { hidden: { reason: 'muted', by: 'x', since: 0 } },
      quietlyMs: hour,
      afterMs: hour,
      decisions: [],
    },
  ];
  for (const { name, facts, quietlyMs, afterMs, decisions } of cases) {
    test(name, () => {
      const one = incident({ rev: 2, ...facts, phase: { name: 'resolved', at: openedAt, by: undefined } });
      const resolve = { afterMs: 10 * minute, reopenQuietlyWithinMs: quietlyMs, show: 'thread' } as const;
      const draftAt = (at: number) => draftOf([one], { at, receivers, policy: { resolve } });
      const early = draftAt(openedAt + afterMs - 1);
      closeIncident(early, one, openedAt);
      assert.equal(early.incidentsCount, 1);
      const due = draftAt(openedAt + afterMs);
      closeIncident(due, one, openedAt);
      assert.equal(due.incidentsCount, 0);
      assert.deepEqual(decisionsOf(due), decisions);
    });
  }
});

test('one receiver with the latest revision is enough to treat the end as shown', () => {
  const one = incident({ rev: 2, receipts: { slack: { rev: 2, ref } } });
  assert.equal(isSettledForAny(one, ['slack', 'webhook']), true);
  assert.equal(isSettledForAny(one, ['webhook']), false);
  assert.equal(isSettledForAny({ ...one, rev: 3 }, ['slack']), false);
  assert.equal(isSettledForAny(incident({ rev: 0 }), ['slack']), true);
});
