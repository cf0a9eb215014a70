import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, keyOf, openedAt } from '../../../test/fakes/incident.ts';
import { decisionsOf, draftOf, key, minute, now, signalOf } from '../../../test/fakes/signal.ts';
import type { Incident } from '../incident.ts';
import { continueIncident, joinIncident } from './grow.ts';

const delivered = { slack: { rev: 1, ref: 'C1/1' } };
const linesOf = ({ lines }: Incident) => lines.map(({ what, text }) => `${what}: ${text}`);
const hidden = { reason: 'silenced', by: 's1', since: openedAt } as const;

/** Continues `incident` with `signal` and returns the changed incident. */
function continued(incident: Incident, signal = signalOf(), facts: Parameters<typeof draftOf>[1] = {}) {
  const draft = draftOf([incident], facts);
  continueIncident(draft, incident, signal);
  return { draft, incident: draft.incident(incident.id)!, incidents: draft.incidents(), decisions: decisionsOf(draft) };
}

describe('a further signal of an open incident', () => {
  const open = incidentOf({ countedAt: now - 31_000, receipts: delivered });

  test('updates count and times, and the message', () => {
    const { incident, decisions } = continued(open, signalOf({ total: 8, lastAt: now }));
    assert.deepEqual([incident.count, incident.lastAt, incident.rev, incident.countedAt], [8, now, 2, now]);
    assert.deepEqual(decisions, []);
  });

  test('changes no message if the figures are equal', () => {
    assert.equal(continued(open, signalOf()).incident.rev, 1);
  });

  test('is written in the next slot of 30 seconds only', () => {
    const at = Math.ceil(now / 30_000) * 30_000;
    const counted = { ...open, countedAt: at };
    assert.equal(continued(counted, signalOf({ total: 9 }), { at: at + 29_999 }).incident.count, 7);
    assert.equal(continued(counted, signalOf({ total: 9 }), { at: at + 30_000 }).incident.count, 9);
  });

  test('is written at once if the time in the book is older than half the clear time', () => {
    const lastAt = now - 5 * minute;
    const stale = { ...open, countedAt: now + 1, keys: [keyOf({ lastAt })] };
    const at = now + 2;
    assert.equal(continued(stale, signalOf({ lastAt: now - 1 }), { at }).incident.keys[0]!.lastAt, lastAt);
    assert.equal(continued(stale, signalOf({ lastAt: now }), { at }).incident.keys[0]!.lastAt, now);
  });

  for (const [total, line] of [
    [69, undefined],
    [70, 'grew: 70 so far'],
  ] as const) {
    test(`${total} failures after 7 ${line === undefined ? 'add no line' : 'add a line'}`, () => {
      const { incident, decisions } = continued(open, signalOf({ total }));
      assert.deepEqual(linesOf(incident), line === undefined ? [] : [line]);
      assert.deepEqual(decisions, line === undefined ? [] : ['notify grew line']);
      assert.equal(incident.toldCount, line === undefined ? 7 : 70);
    });
  }

  test('of a higher severity is written at once, with a line', () => {
    const { incident, decisions } = continued({ ...open, countedAt: now - 1 }, signalOf({ severity: 'high' }));
    assert.equal(incident.severity, 'high');
    assert.deepEqual(linesOf(incident), ['worse: now high']);
    assert.deepEqual(decisions, ['notify worse line']);
  });

  test('of a lower severity changes no severity', () => {
    assert.equal(
      continued({ ...open, severity: 'critical' }, signalOf({ severity: 'high' })).incident.severity,
      'critical',
    );
  });

  for (const facts of [{ hidden }, { phase: { name: 'pending', until: now + 1 } as const }]) {
    test(`is counted without a line while the incident is ${'hidden' in facts ? 'hidden' : 'pending'}`, () => {
      const { incident, decisions } = continued({ ...open, ...facts, rev: 0 }, signalOf({ total: 700 }));
      assert.deepEqual([incident.count, incident.rev, incident.lines.length], [700, 0, 0]);
      assert.deepEqual(decisions, []);
    });
  }
});

describe('a step of meaning', () => {
  const level = { total: undefined, figures: { count: 0, limit: 2, withinMs: 0, baseline: undefined, of: undefined } };
  const short = keyOf({ ...level, key: key('p|celery@pay'), signal: 'worker.short', state: 'holds' });
  const open = incidentOf({ countedAt: now - 1, receipts: delivered, keys: [keyOf(), short] });
  const outage = (gravity: 0 | 1 | 2) =>
    signalOf({
      ...level,
      key: short.key,
      name: 'worker.short',
      gravity,
      subject: { title: 'no worker left: 2 of 2 workers missing' },
    });

  test('is shown in the channel at once, and once', () => {
    const first = continued(open, outage(1));
    assert.deepEqual(linesOf(first.incident), ['worse: no worker left: 2 of 2 workers missing']);
    assert.equal(first.incident.lines[0]!.isLoud, true);
    assert.deepEqual(first.decisions, ['notify worse line']);
    assert.equal(first.incident.rev, 2);
    const over = continued(first.incident, outage(0)).incident;
    assert.deepEqual([over.lines.length, over.rev, over.keys[1]!.gravity, over.keys[1]!.peak], [1, 3, 0, 1]);
    assert.deepEqual(continued(over, outage(1)).decisions, []);
    assert.deepEqual(continued(over, outage(2)).decisions, ['notify worse line']);
  });

  test('names its signal in the decision', () => {
    const draft = draftOf([open]);
    continueIncident(draft, open, outage(1));
    assert.equal(draft.done().decisions[0]!.signal, 'worker.short');
  });

  test('that joins is shown in the channel, without a further line', () => {
    const alone = { ...open, keys: [keyOf()] };
    const draft = draftOf([alone]);
    joinIncident(draft, alone, outage(1));
    assert.deepEqual(decisionsOf(draft), ['notify worse line']);
    assert.deepEqual(
      draft.incident(alone.id)!.lines.map(({ isLoud }) => isLoud),
      [true],
    );
  });

  test('of an incident that is not shown has no line', () => {
    const { incident, decisions } = continued({ ...open, hidden, rev: 0 }, outage(1));
    assert.deepEqual([incident.lines, decisions, incident.keys[1]!.gravity], [[], [], 1]);
  });
});

test('all conditions of an incident are counted in one step', () => {
  const [first, second] = [signalOf({ total: 9 }), signalOf({ key: key('g|2'), total: 5 })];
  const incident = incidentOf({ countedAt: now - 31_000, keys: [keyOf(), keyOf({ key: key('g|2'), total: 1 })] });
  const draft = draftOf([incident], { findings: { signals: [first, second], cleared: [] } });
  continueIncident(draft, incident, first);
  assert.equal(draft.incident(incident.id)!.count, 14);
});

describe('a signal of a resolved incident', () => {
  const resolvedAt = now - 6 * minute;
  const phase = { name: 'resolved', at: resolvedAt, by: undefined } as const;
  const resolved = incidentOf({ phase, receipts: delivered, countedAt: resolvedAt });

  test('reopens it in its message', () => {
    const { incident, decisions } = continued(resolved);
    assert.deepEqual([incident.phase.name, incident.reopens, incident.openedAt], ['open', 1, now]);
    assert.deepEqual(linesOf(incident), ['reopened: again']);
    assert.deepEqual(decisions, ['notify reopened edit']);
  });

  for (const [reopens, text] of [
    [1, 'again, for the 3rd time'],
    [2, 'again, for the 4th time'],
    [9, 'again, for the 11th time'],
    [20, 'again, for the 22nd time'],
  ] as const) {
    test(`after ${reopens} reopenings the line reads "${text}"`, () => {
      assert.deepEqual(linesOf(continued({ ...resolved, reopens }).incident), [`reopened: ${text}`]);
    });
  }

  test('that only lingers, or is older than the end, changes nothing', () => {
    assert.equal(continued(resolved, signalOf({ state: 'lingers' })).incident, resolved);
    assert.equal(continued(resolved, signalOf({ lastAt: resolvedAt })).incident, resolved);
  });

  test('begins a new incident when the time to reopen quietly has passed', () => {
    const policy = { resolve: { afterMs: 10 * minute, reopenQuietlyWithinMs: 6 * minute, show: 'thread' } as const };
    const { incidents, incident } = continued(resolved, signalOf(), { policy });
    assert.equal(incident.phase.name, 'resolved');
    assert.equal(incidents.length, 2);
    assert.equal(
      continued(resolved, signalOf(), {
        policy: { resolve: { ...policy.resolve, reopenQuietlyWithinMs: 6 * minute + 1 } },
      }).incidents.length,
      1,
    );
  });

  test('reopens it late if no receiver has its end, and not if one has', () => {
    const policy = { resolve: { afterMs: 10 * minute, reopenQuietlyWithinMs: 0, show: 'thread' } as const };
    const late = { ...resolved, rev: 2 };
    const receivers = ['slack', 'webhook'] as const;
    assert.equal(continued(late, signalOf(), { policy, receivers }).incidents.length, 1);
    const receipts = { ...delivered, webhook: { rev: 2, ref: 'x' } };
    assert.equal(continued({ ...late, receipts }, signalOf(), { policy, receivers }).incidents.length, 2);
  });

  for (const [sinceMs, isSuppressed] of [
    [5 * minute - 1, true],
    [5 * minute, false],
  ] as const) {
    test(`${sinceMs} ms after a person resolved it ${isSuppressed ? 'is suppressed' : 'reopens it'}`, () => {
      const byPerson = { ...resolved, phase: { name: 'resolved', at: now - sinceMs, by: 'U1' } as const };
      const { decisions } = continued(byPerson);
      assert.deepEqual(decisions, [isSuppressed ? 'suppress resolved-by-human U1' : 'notify reopened edit']);
    });
  }

  test('of a regression begins a new incident at once', () => {
    assert.equal(continued(resolved, signalOf({ name: 'failures.regressed' })).incidents.length, 2);
  });

  test('opens an incident that was never posted as if it were new', () => {
    const { incident, decisions } = continued({ ...resolved, rev: 0, receipts: {}, hidden });
    assert.deepEqual([incident.phase.name, incident.rev, incident.hidden], ['open', 1, undefined]);
    assert.deepEqual(decisions, ['notify opened post']);
    const inhibited = { ...hidden, reason: 'inhibited' } as const;
    assert.deepEqual(continued({ ...resolved, rev: 0, hidden: inhibited }).decisions, ['suppress inhibited s1']);
  });
});

describe('a joining signal', () => {
  const joining = signalOf({
    key: key('g|mail.send'),
    subject: { tasks: ['mail.send'], title: 'KeyError: x' },
    total: 2,
  });
  function joined(incident: Incident, signal = joining) {
    const draft = draftOf([incident]);
    joinIncident(draft, incident, signal);
    return { incident: draft.incident(incident.id)!, decisions: decisionsOf(draft) };
  }

  test('adds a key, names, a count and a line', () => {
    const { incident, decisions } = joined(incidentOf());
    assert.deepEqual(
      incident.keys.map((one) => one.key),
      ['g|f00dfeedcafe', 'g|mail.send'],
    );
    assert.deepEqual(incident.subject.tasks, ['billing.tasks.charge', 'mail.send']);
    assert.equal(incident.count, 9);
    assert.deepEqual(linesOf(incident), ['joined: KeyError: x in mail.send']);
    assert.deepEqual(decisions, ['notify joined line']);
  });

  test('of a known task does not repeat the task', () => {
    const { incident } = joined(incidentOf(), signalOf({ key: key('g|2'), subject: { title: 'KeyError: x' } }));
    assert.deepEqual(linesOf(incident), ['joined: KeyError: x']);
  });

  test('whose text the incident has already adds no line', () => {
    const { incident, decisions } = joined(incidentOf(), signalOf({ key: key('t|billing.tasks.charge') }));
    assert.deepEqual([incident.keys.length, incident.lines.length, incident.rev], [2, 0, 2]);
    assert.deepEqual(decisions, ['suppress already-told']);
  });

  test('raises the severity', () => {
    assert.equal(joined(incidentOf(), { ...joining, severity: 'critical' }).incident.severity, 'critical');
  });

  test('adds no line to an incident that was not posted', () => {
    const pending = { name: 'pending', until: now + 1 } as const;
    assert.deepEqual(joined(incidentOf({ phase: pending, rev: 0 })).decisions, ['suppress collecting']);
    const { incident, decisions } = joined(incidentOf({ rev: 0, hidden }));
    assert.deepEqual(decisions, ['suppress silenced s1']);
    assert.equal(incident.keys.length, 2);
    assert.equal(incident.lines.length, 0);
  });

  test('is suppressed at 50 keys', () => {
    const keys = Array.from({ length: 50 }, (_, index) => keyOf({ key: key(`t|${index}`) }));
    assert.deepEqual(joined(incidentOf({ keys })).decisions, ['suppress already-told']);
    assert.equal(joined(incidentOf({ keys: keys.slice(1) })).incident.keys.length, 50);
  });
});
