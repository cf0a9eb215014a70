import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bulletinNotificationOf, bulletinOf, incidentOf, notificationOf } from '../../../test/fakes/incident.ts';
import type { Decision } from '../../alert/decision.ts';
import { keyText } from '../../alert/key.ts';
import { createHistory, nearness } from './history.ts';

const key = keyText({ kind: 'cause', fingerprint: 'a' });

function decisionOf(count: number, facts: Partial<Decision> = {}): Decision {
  return {
    at: 1_000,
    signal: 'failures.new',
    key,
    incident: undefined,
    task: 'shop.pay',
    exception: 'Declined',
    figures: { count, limit: 10, withinMs: 600_000, baseline: undefined, of: undefined },
    failures: 1,
    verdict: { notify: false, reason: 'below-threshold', by: undefined },
    ...facts,
  };
}

test('the peak of a key is its highest share of the threshold', () => {
  const history = createHistory();
  for (const count of [2, 7, 4]) history.onDecision(decisionOf(count, { at: count }));
  const peak = history.peaks.get(key);
  assert.deepEqual([peak?.figures.count, peak?.at], [7, 7]);
  history.onDecision(decisionOf(5, { figures: { ...decisionOf(5).figures!, count: 5, limit: 5 } }));
  assert.equal(history.peaks.get(key)?.figures.limit, 5);
});

test('each incident has a peak of its own for a key', () => {
  const history = createHistory();
  history.onDecision(decisionOf(9, { incident: 'i1' }));
  history.onDecision(decisionOf(3, { incident: 'i2' }));
  assert.equal(history.peaksOf.get(`i1 ${key}`)?.figures.count, 9);
  assert.equal(history.peaksOf.get(`i2 ${key}`)?.figures.count, 3);
});

const verdicts: readonly { readonly verdict: Decision['verdict']; readonly want: string | undefined }[] = [
  { verdict: { notify: false, reason: 'below-threshold', by: undefined }, want: 'below-threshold' },
  { verdict: { notify: false, reason: 'silenced', by: 's1' }, want: 'silenced' },
  { verdict: { notify: false, reason: 'already-told', by: undefined }, want: undefined },
  { verdict: { notify: false, reason: 'collecting', by: undefined }, want: undefined },
  { verdict: { notify: true, reason: 'opened', action: 'post' }, want: undefined },
];

for (const { verdict, want } of verdicts) {
  test(`the verdict ${verdict.reason} ${want === undefined ? 'is no suppression' : 'suppresses the key'}`, () => {
    const history = createHistory();
    history.onDecision(decisionOf(1, { verdict }));
    assert.equal(history.suppressed.get(key), want);
  });
}

test('a decision without a key or figures leaves no peak', () => {
  const history = createHistory();
  history.onDecision(decisionOf(1, { key: undefined }));
  history.onDecision(decisionOf(1, { figures: undefined }));
  assert.equal(history.peaks.size, 0);
});

test('roots, reminders and bulletins are messages; an edit only updates the incident', () => {
  const history = createHistory();
  const incident = incidentOf();
  history.onNotification(notificationOf(incident), 1);
  history.onNotification(notificationOf(incidentOf({ count: 9 }), { action: 'edit' }), 2);
  history.onNotification(notificationOf(incident, { action: 'reminder' }), 3);
  history.onNotification(bulletinNotificationOf(bulletinOf({ kind: 'digest' })), 4);
  assert.deepEqual(
    history.messages.map(({ at, what, incident: id }) => [at, what, id]),
    [
      [1, 'root', incident.id],
      [3, 'reminder', incident.id],
      [4, 'digest', undefined],
    ],
  );
  assert.equal(history.incidents.size, 1);
});

test('nearness is the share of the threshold, and 0 without one', () => {
  const peak = { key, signal: 'failures.new' as const, task: undefined, exception: undefined, at: 0 };
  const figures = { count: 3, limit: 4, withinMs: 0, baseline: undefined, of: undefined };
  assert.equal(nearness({ ...peak, figures }), 0.75);
  assert.equal(nearness({ ...peak, figures: { ...figures, limit: 0 } }), 0);
});
