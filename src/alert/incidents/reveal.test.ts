import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, openedAt } from '../../../test/fakes/incident.ts';
import { type DraftFacts, decisionsOf, draftOf, minute, now } from '../../../test/fakes/signal.ts';
import type { Hidden, Incident } from '../incident.ts';
import { matchesEverything } from '../matcher.ts';
import type { MuteHours } from '../policy.ts';
import { revealHidden } from './reveal.ts';

const hiddenBy = (reason: Hidden['reason'], by: string): Hidden => ({ reason, by, since: openedAt });
const silence = { id: 's2', match: matchesEverything, until: undefined, by: 'U1', reason: 'x', at: 0 };
/** Mute hours that are over at `now`, 10:09 UTC. */
const night: MuteHours = {
  name: 'nights',
  days: [0, 1, 2, 3, 4, 5, 6],
  from: 22 * 60,
  to: 8 * 60,
  timezone: 'UTC',
  letThrough: [],
  atEnd: 'summary',
};

function revealed(hidden: Hidden, facts: DraftFacts = {}, others: readonly Incident[] = []) {
  const incident = incidentOf({ hidden, rev: 0 });
  const draft = draftOf([incident, ...others], facts);
  revealHidden(draft, incident, hidden);
  return { draft, incident: draft.incident(incident.id)!, decisions: decisionsOf(draft) };
}

test('an incident whose silence has ended is posted', () => {
  const { incident, decisions } = revealed(hiddenBy('silenced', 's1'));
  assert.deepEqual([incident.hidden, incident.rev], [undefined, 1]);
  assert.deepEqual(decisions, ['notify shown-after post']);
});

test('an incident that another reason hides stays hidden, by that reason', () => {
  const { incident, decisions } = revealed(hiddenBy('muted', 'nights'), { book: { silences: [silence] } });
  assert.deepEqual(incident.hidden, { reason: 'silenced', by: 's2', since: now });
  assert.deepEqual(decisions, []);
});

test('an incident that a further silence hides keeps the time since when it is hidden', () => {
  const { draft, incident } = revealed(hiddenBy('silenced', 's1'), { book: { silences: [silence] } });
  assert.equal(incident.hidden?.since, openedAt);
  assert.equal(draft.done().book, draft.book);
});

test('an incident in a storm message is not posted by itself', () => {
  assert.deepEqual(revealed(hiddenBy('budget', 'storm')).decisions, []);
});

describe('an incident that another one explains', () => {
  const hidden = hiddenBy('inhibited', 'source');
  const source = (facts: Partial<Incident>) => [incidentOf({ id: 'source', ...facts })];
  const resolvedAt = (at: number) => source({ phase: { name: 'resolved', at, by: undefined } });

  test('stays hidden while the other one is open', () => {
    assert.deepEqual(revealed(hidden, { at: now + 600 * minute }, source({})).decisions, []);
  });

  for (const [sinceMs, isShown] of [
    [5 * minute - 1, false],
    [5 * minute, true],
  ] as const) {
    test(`${isShown ? 'is posted' : 'stays hidden'} ${sinceMs} ms after the end of the other one`, () => {
      const { decisions } = revealed(hidden, {}, resolvedAt(now - sinceMs));
      assert.deepEqual(decisions, isShown ? ['notify shown-after post'] : []);
    });
  }

  test('is posted if the other one is gone, five minutes after it was hidden', () => {
    assert.deepEqual(revealed(hidden, { at: openedAt + 5 * minute - 1 }).decisions, []);
    assert.deepEqual(revealed(hidden, { at: openedAt + 5 * minute }).decisions, ['notify shown-after post']);
  });
});

describe('after mute hours', () => {
  const hidden = hiddenBy('muted', 'nights');

  test('open incidents are listed in one summary', () => {
    const { draft, incident, decisions } = revealed(hidden, { policy: { mutes: [night] } });
    assert.deepEqual(decisions, ['notify summary post']);
    assert.equal(draft.book.bulletins[0]!.kind, 'summary');
    assert.deepEqual(incident.hidden, { reason: 'budget', by: draft.book.bulletins[0]!.id, since: now });
  });

  test('open incidents go to the digest if the policy asks for it', () => {
    const { draft, incident, decisions } = revealed(hidden, { policy: { mutes: [{ ...night, atEnd: 'digest' }] } });
    assert.deepEqual(decisions, ['suppress muted nights']);
    assert.match(draft.book.digest.lines[0]!, /, still open after nights$/);
    assert.equal(incident.hidden?.by, 'digest');
  });

  test('an incident is posted if its mute hours are no longer in the policy', () => {
    assert.deepEqual(revealed(hidden).decisions, ['notify shown-after post']);
  });
});
