import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf } from '../../../test/fakes/incident.ts';
import { decisionsOf, draftOf, key, minute, now, signalOf } from '../../../test/fakes/signal.ts';
import { matchesEverything } from '../matcher.ts';
import { absorbIncident, announce, beginIncident, openIncident } from './open.ts';

const silence = { id: 's1', match: matchesEverything, until: undefined, by: 'U1', reason: 'x', at: 0 };
const emptyBudget = { budgets: { default: { burst: 0, perHour: 0 }, byChannel: {} } };
const pending = incidentOf({ phase: { name: 'pending', until: now }, rev: 0, openedAt: undefined });

describe('a new incident', () => {
  test('collects signals first', () => {
    const draft = draftOf();
    beginIncident(draft, signalOf());
    const [incident] = draft.incidents();
    assert.deepEqual(incident!.phase, { name: 'pending', until: now + 20_000 });
    assert.deepEqual([incident!.rev, incident!.channel, incident!.count], [0, '#alerts', 7]);
    assert.deepEqual(decisionsOf(draft), ['suppress collecting']);
  });

  test('opens at once without a collection time', () => {
    const draft = draftOf();
    beginIncident(draft, signalOf({ waitMs: 0 }));
    assert.equal(draft.incidents()[0]!.phase.name, 'open');
    assert.deepEqual(decisionsOf(draft), ['notify opened post']);
  });

  test('is hidden by the incident that explains it', () => {
    const draft = draftOf([incidentOf({ id: 'source' })]);
    beginIncident(draft, signalOf({ key: key('t|b') }), { inhibitedBy: incidentOf({ id: 'source' }) });
    assert.deepEqual(draft.incidents()[1]!.hidden, { reason: 'inhibited', by: 'source', since: now });
  });

  test('has the id of the same signal on another instance, and another id after a previous incident', () => {
    const [one, two, later] = [draftOf(), draftOf(), draftOf()];
    beginIncident(one, signalOf());
    beginIncident(two, signalOf({ lastAt: now + 1 }));
    beginIncident(later, signalOf(), { previous: incidentOf() });
    assert.equal(one.incidents()[0]!.id, two.incidents()[0]!.id);
    assert.notEqual(one.incidents()[0]!.id, later.incidents()[0]!.id);
  });

  test('begins once', () => {
    const draft = draftOf();
    beginIncident(draft, signalOf());
    beginIncident(draft, signalOf());
    assert.equal(draft.incidentsCount, 1);
  });

  test('names the resolved incident that it is a regression of', () => {
    const mark = { match: matchesEverything, at: 0, by: 'U1' };
    const marks = [
      { ...mark, state: 'resolved', incident: 'old' },
      { ...mark, state: 'archived', incident: 'archived' },
    ] as const;
    const draft = draftOf([], { book: { marks } });
    beginIncident(draft, signalOf({ name: 'failures.regressed' }));
    beginIncident(draft, signalOf({ name: 'failures.surge', key: key('g|2') }));
    assert.deepEqual(
      draft.incidents().map(({ regressionOf }) => regressionOf),
      ['old', undefined],
    );
  });

  test('is suppressed at 2,000 incidents', () => {
    const many = Array.from({ length: 2_000 }, (_, id) => incidentOf({ id: `${id}` }));
    const draft = draftOf(many);
    beginIncident(draft, signalOf({ key: key('t|b') }));
    assert.deepEqual(decisionsOf(draft), ['suppress budget incidents-max']);
    const withRoom = draftOf(many.slice(1));
    beginIncident(withRoom, signalOf({ key: key('t|b') }));
    assert.equal(withRoom.incidentsCount, 2_000);
  });
});

test('an incident that is absorbed is removed, with a line in the digest', () => {
  const draft = draftOf([pending]);
  absorbIncident(draft, pending);
  assert.deepEqual(decisionsOf(draft), ['suppress absorbed']);
  assert.deepEqual([draft.incidentsCount, draft.book.digest.lines.length], [0, 1]);
});

describe('an incident that opens', () => {
  test('is posted, and its reminders count from now', () => {
    const draft = draftOf();
    openIncident(draft, pending);
    const [incident] = draft.incidents();
    assert.deepEqual([incident!.phase.name, incident!.openedAt, incident!.rev], ['open', now, 1]);
  });

  test('is hidden by a silence, which the digest counts', () => {
    const draft = draftOf([], { book: { silences: [silence] } });
    openIncident(draft, pending);
    assert.deepEqual(draft.incidents()[0]!.hidden, { reason: 'silenced', by: 's1', since: now });
    assert.equal(draft.incidents()[0]!.rev, 0);
    assert.deepEqual(draft.book.digest.counts, { silenced: 1 });
    assert.deepEqual(decisionsOf(draft), ['suppress silenced s1']);
  });

  test('stays hidden by the incident that explains it', () => {
    const draft = draftOf();
    openIncident(draft, { ...pending, hidden: { reason: 'inhibited', by: 'x', since: now - minute } });
    assert.deepEqual(decisionsOf(draft), ['suppress inhibited x']);
  });
});

describe('the budget of a channel', () => {
  test('is used up by a post', () => {
    const draft = draftOf([], { policy: { budgets: { default: { burst: 1, perHour: 1 }, byChannel: {} } } });
    announce(draft, incidentOf({ id: 'a' }), 'opened');
    announce(draft, incidentOf({ id: 'b' }), 'opened');
    announce(draft, incidentOf({ id: 'c' }), 'opened');
    assert.deepEqual(
      decisionsOf(draft).map((decision) => decision.replace(/#.*/, '')),
      ['notify opened post', 'notify storm post', 'suppress budget storm:', 'suppress budget storm:'],
    );
    assert.equal(draft.book.bulletins.length, 1);
    assert.equal(draft.book.bulletins[0]!.lines.length, 2);
    assert.equal(draft.incident('b')!.hidden?.by, draft.book.bulletins[0]!.id);
  });

  test('does not hold back a critical incident', () => {
    const draft = draftOf([], { policy: emptyBudget });
    announce(draft, incidentOf({ severity: 'critical' }), 'opened');
    assert.deepEqual(decisionsOf(draft), ['notify opened post']);
  });
});
