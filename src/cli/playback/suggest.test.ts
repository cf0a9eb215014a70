import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf, subjectOf } from '../../../test/fakes/incident.ts';
import type { IncidentCondition } from '../../alert/incident.ts';
import { type KeyText, keyText } from '../../alert/key.ts';
import type { SignalName } from '../../alert/signal.ts';
import { createHistory, type History, type Peak } from './history.ts';
import { nearOnes, suggest } from './suggest.ts';

const week = 7 * 86_400_000;
const key = (name: string): KeyText => keyText({ kind: 'cause', fingerprint: name });

function peakOf(name: string, count: number, facts: Partial<Peak> = {}): Peak {
  const figures = { count, limit: 10, withinMs: 600_000, baseline: undefined, of: undefined };
  return { key: key(name), signal: 'failures.new', task: undefined, exception: undefined, at: 0, figures, ...facts };
}

/** A history with one posted incident per count, all of one task. */
function historyOf(counts: readonly number[], facts: Partial<IncidentCondition> = {}): History {
  const incidents = counts.map((count, index) =>
    incidentOf({
      id: `i${index}`,
      subject: subjectOf({ tasks: ['shop.pay'] }),
      keys: [keyOf({ key: key(String(index)), figures: { ...keyOf().figures, count }, ...facts })],
    }),
  );
  return {
    ...createHistory(),
    incidents: new Map(incidents.map((incident) => [incident.id, incident])),
    messages: incidents.map(({ id }) => ({ at: 0, what: 'root', channel: '#a', incident: id })),
  };
}

test('a task within its number of messages needs no suggestion', () => {
  assert.deepEqual(suggest(historyOf([5]), week, 1), []);
  assert.deepEqual(suggest(historyOf([5, 3]), week, 2), []);
});

test('the suggestion is one above the first peak that is too many', () => {
  assert.deepEqual(suggest(historyOf([3, 20, 7]), week, 1), [
    { task: 'shop.pay', told: 3, min: 8, kept: 1, peaks: [20, 7, 3] },
  ]);
});

test('equal peaks are suppressed together', () => {
  assert.deepEqual(
    suggest(historyOf([7, 7, 7]), week, 1).map(({ min, kept }) => [min, kept]),
    [[8, 0]],
  );
});

test('the number of messages grows with the length of the recording, and is at least one', () => {
  assert.equal(suggest(historyOf([9, 8, 7]), 2 * week, 1)[0]?.min, 8);
  assert.equal(suggest(historyOf([9, 8, 7]), week / 100, 1)[0]?.min, 9);
});

test('the peak of the incident counts more than its last figures', () => {
  const history = historyOf([5, 5]);
  const peaksOf = new Map([[`i0 ${key('0')}`, peakOf('0', 40)]]);
  assert.deepEqual(suggest({ ...history, peaksOf }, week, 1)[0]?.peaks, [40, 5]);
});

for (const signal of ['failures.ratio', 'task.lost'] as readonly string[]) {
  test(`an incident of ${signal} gives no suggestion, because no count opened it`, () => {
    assert.deepEqual(suggest(historyOf([5, 5, 5], { signal: signal as SignalName }), week, 1), []);
  });
}

test('reminders and bulletins give no suggestion', () => {
  const history = historyOf([5, 5, 5]);
  const messages = history.messages.map((message) => ({ ...message, what: 'reminder' as const }));
  assert.deepEqual(suggest({ ...history, messages }, week, 1), []);
});

const nearby = (peaks: readonly Peak[], history: History = createHistory()) =>
  nearOnes({ ...history, peaks: new Map(peaks.map((peak) => [peak.key, peak])) }).map(({ peak, share }) => [
    peak.key,
    share,
  ]);

test('keys from 60 % of their threshold are listed, the nearest first', () => {
  assert.deepEqual(nearby([peakOf('a', 6), peakOf('b', 5.9), peakOf('c', 9)]), [
    [key('c'), 0.9],
    [key('a'), 0.6],
  ]);
});

test('posted keys and other signals are not listed', () => {
  assert.deepEqual(nearby([peakOf('0', 9)], historyOf([9])), []);
  assert.deepEqual(nearby([peakOf('a', 9, { signal: 'failures.ratio' })]), []);
});

test('at most twenty keys are listed', () => {
  assert.equal(nearby(Array.from({ length: 25 }, (_, index) => peakOf(String(index), 9))).length, 20);
});
