import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf, subjectOf } from '../../../test/fakes/incident.ts';
import type { SuppressReason } from '../../alert/decision.ts';
import type { Incident } from '../../alert/incident.ts';
import { type KeyText, keyText } from '../../alert/key.ts';
import { onlyIn, peakText } from './compare.ts';
import { createHistory, type History, type Peak, type PostedMessage } from './history.ts';

const hour = 3_600_000;
const causeKey = (name: string): KeyText => keyText({ kind: 'cause', fingerprint: name });

function incidentWith(id: string, name: string, facts: Partial<Incident> = {}): Incident {
  return incidentOf({ id, keys: [keyOf({ key: causeKey(name) })], ...facts });
}

interface Content {
  readonly messages?: readonly Partial<PostedMessage>[];
  readonly incidents?: readonly Incident[];
  readonly suppressed?: Readonly<Record<string, SuppressReason>>;
  readonly peaks?: readonly Peak[];
}

/** A history with exactly this content. */
function historyOf({ messages = [], incidents = [], suppressed = {}, peaks = [] }: Content): History {
  return {
    ...createHistory(),
    messages: messages.map((message) => ({ at: 0, what: 'root', channel: '#a', incident: undefined, ...message })),
    incidents: new Map(incidents.map((incident) => [incident.id, incident])),
    suppressed: new Map(Object.entries(suppressed).map(([name, reason]) => [causeKey(name), reason])),
    peaks: new Map(peaks.map((peak) => [peak.key, peak])),
  };
}

const peakWith = (name: string, count: number, limit: number): Peak => ({
  key: causeKey(name),
  signal: 'failures.new',
  task: undefined,
  exception: undefined,
  at: 0,
  figures: { count, limit, withinMs: 600_000, baseline: undefined, of: undefined },
});

const posted = (at: number, incident: Incident, facts: Partial<PostedMessage> = {}) =>
  ({ messages: [{ at, incident: incident.id, ...facts }], incidents: [incident] }) as const;

for (const { distance, isSame } of [
  { distance: 6 * hour, isSame: true },
  { distance: 6 * hour + 1, isSame: false },
]) {
  test(`messages about one cause ${distance} ms apart are ${isSame ? 'the same' : 'different ones'}`, () => {
    const ours = historyOf(posted(0, incidentWith('i1', 'a')));
    const theirs = historyOf(posted(distance, incidentWith('i2', 'a')));
    assert.equal(onlyIn(ours, theirs).length, isSame ? 0 : 1);
  });
}

test('messages of one incident id are the same, even with different causes', () => {
  const ours = historyOf(posted(0, incidentWith('i1', 'a')));
  assert.deepEqual(onlyIn(ours, historyOf(posted(0, incidentWith('i1', 'b')))), []);
});

test('a reminder is no counterpart of a root', () => {
  const incident = incidentWith('i1', 'a');
  const theirs = historyOf(posted(0, incident, { what: 'reminder' }));
  assert.equal(onlyIn(historyOf(posted(0, incident)), theirs).length, 1);
});

test('a message is the counterpart of one message only, the nearest in time', () => {
  const incident = incidentWith('i1', 'a');
  const ours = historyOf({ messages: [0, 5 * hour].map((at) => ({ at, incident: 'i1' })), incidents: [incident] });
  const [difference, ...others] = onlyIn(ours, historyOf(posted(hour, incident)));
  assert.deepEqual([difference?.at, others], [5 * hour, []]);
});

test('a difference describes its incident', () => {
  const incident = incidentWith('i1', 'a', { count: 12, subject: subjectOf({ tasks: ['shop.pay'] }) });
  const [difference] = onlyIn(historyOf(posted(7, incident)), historyOf({}));
  assert.deepEqual(difference, {
    at: 7,
    what: 'root',
    channel: '#a',
    incident: 'i1',
    signal: 'failures.new',
    task: 'shop.pay',
    exception: 'PaymentDeclined',
    title: 'PaymentDeclined: card was declined',
    count: 12,
    instead: 'not detected',
  });
});

const incident = incidentWith('i1', 'a');
const reasons: readonly {
  readonly title: string;
  readonly ours?: Content;
  readonly theirs: Content;
  readonly want: string;
}[] = [
  { title: 'without a trace of the key', theirs: {}, want: 'not detected' },
  {
    title: 'with a suppressed key',
    theirs: { suppressed: { a: 'below-threshold' }, peaks: [peakWith('a', 4.4, 10)] },
    want: 'below-threshold, at most 4 against 10 in 10 min',
  },
  { title: 'with a suppression but no peak', theirs: { suppressed: { a: 'learning' } }, want: 'learning' },
  {
    title: 'with a posted incident about the key',
    theirs: { incidents: [incidentWith('i2', 'a', { rev: 2 })] },
    want: 'part of another message',
  },
  {
    title: 'for a reminder of an incident that was posted',
    ours: posted(0, incident, { what: 'reminder' }),
    theirs: { incidents: [incidentWith('i2', 'a')] },
    want: 'no such message',
  },
  { title: 'for a bulletin', ours: { messages: [{ what: 'digest' }] }, theirs: {}, want: 'nothing to post' },
];

for (const { title, ours = posted(0, incident), theirs, want } of reasons) {
  test(`the reason of the other policy ${title} is "${want}"`, () => {
    assert.equal(onlyIn(historyOf(ours), historyOf(theirs))[0]?.instead, want);
  });
}

test('the text of a peak omits a window of 0 and is empty without a peak', () => {
  const peak = peakWith('a', 2, 1);
  assert.equal(peakText({ ...peak, figures: { ...peak.figures, withinMs: 0 } }), '2 against 1');
  assert.equal(peakText(undefined), '');
});
