import assert from 'node:assert/strict';
import test from 'node:test';
import { incidentOf, keyOf, openedAt, subjectOf } from '../../../test/fakes/incident.ts';
import { incidentKey, key, minute, now, signalOf } from '../../../test/fakes/signal.ts';
import { policyDefaults } from '../default-policy.ts';
import type { Incident } from '../incident.ts';
import { relate } from './correlate.ts';

const relation = (signal: ReturnType<typeof signalOf>, incidents: readonly Incident[], at = now): string =>
  relate(signal, incidents, policyDefaults.inhibit, at).is;

/** Opened by `signal`, seven minutes ago. */
const openedBy = (signal: string, facts: Partial<Incident> = {}): Incident =>
  incidentOf({ keys: [keyOf({ signal })], ...facts });

test('the same key is the same incident, also after it is resolved', () => {
  const resolved = incidentOf({ phase: { name: 'resolved', at: now, by: undefined } });
  assert.equal(relation(signalOf({ key: incidentKey }), [resolved]), 'same');
  const open = incidentOf({ id: 'newer' });
  const found = relate(signalOf({ key: incidentKey }), [open, resolved], [], now);
  assert.equal(found.is === 'same' && found.incident.id, 'newer', 'the open one is preferred');
});

const other = { key: key('g|other'), subject: { tasks: ['web.render'], exceptions: ['Other'], pools: [], queues: [] } };
const task = { tasks: ['billing.tasks.charge'], exceptions: ['Other'], pools: [], queues: [] };
const failures = [
  { name: 'a cause of another task', signal: other, want: 'alone' },
  { name: 'another cause of the task after five minutes', signal: { key: key('g|2'), subject: task }, want: 'alone' },
  {
    name: 'another cause of the task within five minutes',
    signal: { key: key('g|2'), subject: task },
    at: openedAt + 5 * minute - 1,
    want: 'joins',
  },
  {
    name: 'another cause of the task at five minutes',
    signal: { key: key('g|2'), subject: task },
    at: openedAt + 5 * minute,
    want: 'alone',
  },
  {
    name: 'the same exception of the task, at any time',
    signal: { key: key('g|2'), subject: { ...task, exceptions: ['PaymentDeclined'] } },
    want: 'joins',
  },
  {
    name: 'the same, but critical',
    signal: {
      key: key('g|2'),
      severity: 'critical' as const,
      subject: { ...task, exceptions: ['PaymentDeclined'] },
    },
    want: 'alone',
  },
  {
    name: 'the same, but a regression',
    signal: { key: key('g|2'), name: 'failures.regressed', subject: { ...task, exceptions: ['PaymentDeclined'] } },
    want: 'alone',
  },
  {
    name: 'the failure rate of the task',
    signal: { key: key('t|x'), name: 'failures.ratio', severity: 'critical' as const, subject: task },
    want: 'joins',
  },
];
for (const { name, signal, at, want } of failures) {
  test(`beside a new failure, ${name} ${want}`, () => {
    assert.equal(relation(signalOf(signal), [openedBy('failures.new')], at), want);
  });
}

const words = [
  { name: 'just within ten minutes of the last failure', at: openedAt + 17 * minute - 1, want: 'joins' },
  { name: 'ten minutes after the last failure', at: openedAt + 17 * minute, want: 'alone' },
];
for (const { name, at, want } of words) {
  test(`the same exception text on another task, ${name}: ${want}`, () => {
    const incident = openedBy('failures.new', { causeText: 'Timeout: no answer of db', lastAt: openedAt + 7 * minute });
    assert.equal(relation(signalOf({ ...other, causeText: 'Timeout: no answer of db' }), [incident], at), want);
    assert.equal(relation(signalOf({ ...other, causeText: undefined }), [incident], at), 'alone');
  });
}

test('one exception of an unreachable dependency joins whatever the texts, within five minutes', () => {
  const subject = { ...other.subject, exceptions: ['Timeout'], class: 'transient' as const };
  const incident = openedBy('failures.new', { subject: subjectOf({ exceptions: ['Timeout'], class: 'resource' }) });
  const signal = signalOf({ ...other, subject });
  assert.equal(relation(signal, [incident], openedAt + 5 * minute - 1), 'joins');
  assert.equal(relation(signal, [incident], openedAt + 5 * minute), 'alone');
  const bug = openedBy('failures.new', { subject: subjectOf({ exceptions: ['Timeout'], class: 'bug' }) });
  assert.equal(relation(signal, [bug], openedAt), 'alone');
});

test('a cause joins the failure rate of its task at any time, unless the incident has other conditions', () => {
  const signal = signalOf({ key: key('g|2'), subject: task });
  assert.equal(relation(signal, [openedBy('failures.ratio')]), 'joins');
  const mixed = incidentOf({ keys: [keyOf({ signal: 'failures.ratio' }), keyOf({ signal: 'failures.new' })] });
  assert.equal(relation(signal, [mixed]), 'alone');
});

const pool = { tasks: [], pools: ['celery@pay'], queues: ['payments'] };
const others = [
  { signal: 'retries.storm', subject: task, opened: 'failures.new', at: openedAt + 10 * minute - 1, want: 'joins' },
  { signal: 'retries.storm', subject: task, opened: 'failures.new', at: openedAt + 10 * minute, want: 'alone' },
  { signal: 'lost', subject: pool, opened: 'worker.short', want: 'joins' },
  { signal: 'lost', subject: pool, opened: 'redelivery', want: 'joins' },
  { signal: 'lost', subject: pool, opened: 'failures.new', want: 'alone' },
  { signal: 'lost', subject: { ...pool, pools: ['celery@web'] }, opened: 'worker.short', want: 'alone' },
  { signal: 'worker.crash-loop', subject: pool, opened: 'lost', want: 'joins' },
  { signal: 'redelivery', subject: task, opened: 'lost', want: 'joins' },
  { signal: 'run-twice', subject: task, opened: 'lost', want: 'alone' },
  { signal: 'stuck', subject: pool, opened: 'latency', want: 'joins' },
  { signal: 'stuck', subject: { ...pool, queues: ['mail'] }, opened: 'latency', want: 'alone' },
  { signal: 'stuck', subject: { ...pool, queues: [] }, opened: 'worker.short', want: 'inhibited' },
  { signal: 'stuck', subject: { ...pool, pools: ['x'], queues: [] }, opened: 'worker.short', want: 'alone' },
  { signal: 'schedule.missed', subject: other.subject, opened: 'schedule.missed', want: 'joins' },
  { signal: 'schedule.missed', subject: pool, opened: 'latency', want: 'inhibited' },
  { signal: 'worker.short', subject: other.subject, opened: 'self.blind', want: 'inhibited' },
  { signal: 'failures.new', subject: other.subject, opened: 'self.blind', want: 'alone' },
  { signal: 'unknown.signal', subject: task, opened: 'failures.new', want: 'alone' },
];
for (const { signal: name, subject, opened, at, want } of others) {
  test(`${name} beside ${opened} of ${[...subject.pools, ...subject.queues].join(' ') || 'the task'}${at === undefined ? '' : ` after ${at - openedAt} ms`}: ${want}`, () => {
    assert.equal(relation(signalOf({ name, key: key('x'), subject }), [openedBy(opened)], at), want);
  });
}

test('schedules join within half an hour of the last missed run', () => {
  const signal = signalOf({ ...other, name: 'schedule.missed' });
  const incident = openedBy('schedule.missed', { lastAt: openedAt });
  assert.equal(relation(signal, [incident], openedAt + 30 * minute - 1), 'joins');
  assert.equal(relation(signal, [incident], openedAt + 30 * minute), 'alone');
});

test('a resolved incident explains nothing and is joined by nothing', () => {
  const phase = { name: 'resolved', at: now, by: undefined } as const;
  const signal = signalOf({ key: key('x'), name: 'worker.short', subject: pool });
  assert.equal(relation(signal, [openedBy('lost', { phase })]), 'alone');
  assert.equal(relation(signal, [openedBy('self.blind', { phase })]), 'alone');
});
