import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf, subjectOf } from '../../../test/fakes/incident.ts';
import type { Incident } from '../../alert/incident.ts';
import { keyText } from '../../alert/key.ts';
import type { Figures, SignalName } from '../../alert/signal.ts';
import { amountOf, capital, limitOf, measureOf, nameOf, objectOf, proportionOf } from './signal-text.ts';

const minute = 60_000;

function figuresOf(facts: Partial<Figures> = {}): Figures {
  return { count: 7, limit: 3, withinMs: 10 * minute, baseline: undefined, of: undefined, ...facts };
}

const level = { withinMs: 0 };
const measures: readonly (readonly [signal: SignalName, figures: Partial<Figures>, text: string])[] = [
  ['failures.new', {}, '7 in 10 min'],
  ['failures.new', { of: 212 }, '7 in 10 min, of 212 attempts (3%)'],
  ['failures.new', { of: 0 }, '7 in 10 min'],
  ['failures.new', { withinMs: 0 }, '7'],
  ['retries.storm', { count: 41, withinMs: 90_000, of: 52 }, '41 in 90 s, of 52 attempts (79%)'],
  ['lost', { count: 4 }, '4 in 10 min'],
  ['worker.crash-loop', { count: 5, withinMs: 15 * minute }, '5 in 15 min'],
  ['stuck', { count: 1, ...level }, '1 attempt running too long'],
  ['stuck', { count: 2, ...level }, '2 attempts running too long'],
  ['latency', { count: 6 * minute, ...level }, 'oldest task has waited 6 min'],
  ['latency', { count: 6 * minute, of: 1_240, ...level }, 'oldest task has waited 6 min, 1,240 tasks waiting'],
  ['latency', { count: 6 * minute, of: 0, ...level }, 'oldest task has waited 6 min'],
  ['self.blind', { count: 48_000, ...level }, 'no events from any worker for 48 s'],
  ['worker.short', { count: 2, limit: 5, ...level }, '3 of 5 workers missing'],
  ['worker.short', { count: 6, limit: 5, ...level }, 'all 5 workers online'],
  ['schedule.missed', { count: 1 }, '1 run missed'],
  ['schedule.missed', { count: 3 }, '3 runs missed'],
];
for (const [signal, figures, text] of measures) {
  test(`${signal} measures "${text}"`, () => assert.equal(measureOf(signal, figuresOf(figures)), text));
}

const amounts: readonly (readonly [signal: SignalName, figures: Partial<Figures>, total: number, text: string])[] = [
  ['failures.new', {}, 38, '38 failures'],
  ['failures.new', {}, 1, '1 failure'],
  ['failures.new', {}, 0, '7 failures in 10 min'],
  ['failures.new', { count: 1 }, 0, '1 failure in 10 min'],
  ['retries.storm', {}, 83, '83 retries'],
  ['lost', {}, 1, '1 attempt lost'],
  ['redelivery', level, 1, '1 poison message'],
  ['run-twice', level, 2, '2 messages executed twice'],
  ['redelivery.timeout', level, 3, '3 messages executed again'],
  ['schedule.missed', { count: 1 }, 0, '1 run missed'],
  ['latency', { count: 6 * minute, ...level }, 0, 'Oldest task has waited 6 min'],
  ['stuck', { count: 2, ...level }, 9, '2 attempts running too long'],
];
for (const [signal, figures, total, text] of amounts) {
  test(`the first figure of ${signal} with a total of ${total} is "${text}"`, () => {
    assert.equal(amountOf(signal, figuresOf(figures), total), text);
  });
}

const proportions: readonly (readonly [signal: SignalName, figures: Partial<Figures>, text: string | undefined])[] = [
  ['failures.new', { count: 21, of: 212 }, '21 of 212 attempts in 10 min (10%)'],
  ['failures.ratio', { count: 31, of: 44, baseline: 0.5 }, '31 of 44 attempts in 10 min (70%), baseline 1%'],
  ['failures.surge', { count: 96, baseline: 2.4 }, '96 in 10 min, baseline 2.4'],
  ['failures.surge', { count: 96, baseline: Number.POSITIVE_INFINITY }, undefined],
  ['failures.new', {}, undefined],
  ['failures.new', { of: 0 }, undefined],
  ['failures.new', { of: 212, withinMs: 0 }, undefined],
  ['latency', { of: 3, baseline: 2 }, undefined],
];
for (const [signal, figures, text] of proportions) {
  test(`the proportion of ${signal} with ${JSON.stringify(figures)} is ${text ?? 'not shown'}`, () => {
    assert.equal(proportionOf(incidentOf({ keys: [keyOf({ signal, figures: figuresOf(figures) })] })), text);
  });
}

const limits: readonly (readonly [signal: SignalName, figures: Partial<Figures>, text: string | undefined])[] = [
  ['failures.new', {}, 'threshold 3'],
  ['failures.surge', { limit: 14, baseline: 2.4 }, 'threshold 14 · baseline 2.4'],
  ['latency', { limit: 2 * minute, baseline: 3_000 }, 'threshold 2 min · baseline 3 s'],
  ['stuck', { limit: 12 * minute }, 'threshold 12 min'],
  ['self.blind', { limit: 20_000 }, 'threshold 20 s'],
  ['worker.short', { limit: 4 }, undefined],
  ['failures.new', { limit: 0 }, undefined],
  ['failures.new', { limit: Number.POSITIVE_INFINITY }, undefined],
  ['failures.new', { limit: 0, baseline: 1 }, 'baseline 1'],
];
for (const [signal, figures, text] of limits) {
  test(`the threshold of ${signal} with ${JSON.stringify(figures)} is ${text ?? 'not shown'}`, () => {
    assert.equal(limitOf(signal, figuresOf(figures)), text);
  });
}

const pool = keyOf({ signal: 'worker.short', key: keyText({ kind: 'pool', pool: 'celery@mail' }) });
const objects: readonly (readonly [name: string, incident: Incident, object: string])[] = [
  ['one task', incidentOf(), 'billing.tasks.charge'],
  ['two tasks', incidentOf({ subject: subjectOf({ tasks: ['a', 'b'] }) }), 'a, b'],
  [
    'several tasks with one exception',
    incidentOf({ subject: subjectOf({ tasks: ['a', 'b', 'c'] }) }),
    'PaymentDeclined in 3 tasks',
  ],
  [
    'several tasks with several exceptions',
    incidentOf({ subject: subjectOf({ tasks: ['a', 'b', 'c'], exceptions: ['X', 'Y'] }) }),
    '3 tasks',
  ],
  [
    'two tasks whose names are too long',
    incidentOf({ subject: subjectOf({ tasks: ['a'.repeat(50), 'b'.repeat(50)] }) }),
    'PaymentDeclined in 2 tasks',
  ],
  ['no task', incidentOf({ subject: subjectOf({ tasks: [] }) }), 'a task of unknown name'],
  ['a pool', incidentOf({ keys: [pool] }), 'celery@pay'],
  ['a pool that only the key names', incidentOf({ keys: [pool], subject: subjectOf({ pools: [] }) }), 'celery@mail'],
  ['several pools', incidentOf({ keys: [pool], subject: subjectOf({ pools: ['a', 'b', 'c'] }) }), '3 pools'],
  [
    'a schedule',
    incidentOf({
      keys: [keyOf({ signal: 'schedule.missed', key: keyText({ kind: 'schedule', schedule: 'nightly' }) })],
    }),
    'nightly',
  ],
  ['a signal without an object', incidentOf({ keys: [keyOf({ signal: 'self.blind' })] }), ''],
];
for (const [name, incident, object] of objects) {
  test(`the object of ${name} is "${object}"`, () => assert.equal(objectOf(incident, 90), object));
}

test('the name of a condition is that of its task, pool, queue or schedule', () => {
  assert.equal(nameOf(pool), 'celery@mail');
  assert.equal(nameOf(keyOf({ key: keyText({ kind: 'retry', task: 'a|b', exception: 'E' }) })), 'a|b');
  assert.equal(nameOf(keyOf({ key: keyText({ kind: 'cause', fingerprint: 'f00d' }) })), undefined);
  assert.equal(nameOf(keyOf({ key: keyText({ kind: 'self' }) })), undefined);
});

test('a sentence starts with a capital letter', () => {
  assert.equal(capital('oldest task'), 'Oldest task');
  assert.equal(capital(''), '');
});

test('two names that fit the limit exactly are both shown', () => {
  const incident = incidentOf({ subject: subjectOf({ tasks: ['aaaa', 'bbbb'] }) });
  assert.equal(objectOf(incident, 'aaaa, bbbb'.length), 'aaaa, bbbb');
  assert.equal(objectOf(incident, 'aaaa, bbbb'.length - 1), 'PaymentDeclined in 2 tasks');
});

test('an incident of several schedules counts the schedules only', () => {
  const schedule = (name: string) =>
    keyOf({ signal: 'schedule.missed', key: keyText({ kind: 'schedule', schedule: name }) });
  const keys = [schedule('a'), schedule('b'), pool, schedule('c')] as const;
  assert.equal(objectOf(incidentOf({ keys: [...keys] }), 90), '3 schedules');
});
