import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, keyOf, subjectOf } from '../../../test/fakes/incident.ts';
import { key, signalOf } from '../../../test/fakes/signal.ts';
import { incidentSubject, lineOf, minutes, ordinal, signalSubject } from './decision-text.ts';

test('an incident is described by its first condition', () => {
  const incident = incidentOf({ keys: [keyOf(), keyOf({ key: key('t|b'), signal: 'stuck' })] });
  const { signal, incident: id, task, exception } = incidentSubject(incident);
  assert.deepEqual(
    [signal, id, task, exception],
    ['failures.new', '7d3f9a1c2b', 'billing.tasks.charge', 'PaymentDeclined'],
  );
});

test('a signal is described by its own subject', () => {
  const { signal, task, exception, incident } = signalSubject(
    signalOf({ subject: { tasks: [], exceptions: [] } }),
    'a',
  );
  assert.deepEqual([signal, task, exception, incident], ['failures.new', undefined, undefined, 'a']);
});

describe('a line contains', () => {
  const cases: readonly { name: string; facts: Parameters<typeof subjectOf>[0]; count: number; want: string }[] = [
    {
      name: 'task, title and count',
      facts: {},
      count: 7,
      want: 'billing.tasks.charge: PaymentDeclined: card was declined: 7 times',
    },
    { name: 'no count of a level', facts: { title: 'Stuck' }, count: 0, want: 'billing.tasks.charge: Stuck' },
    { name: 'the pool without a task', facts: { tasks: [], title: 'Short' }, count: 0, want: 'celery@pay: Short' },
    {
      name: 'the queue without a pool',
      facts: { tasks: [], pools: [], title: 'Slow' },
      count: 0,
      want: 'payments: Slow',
    },
    { name: 'the title alone', facts: { tasks: [], pools: [], queues: [], title: 'Blind' }, count: 0, want: 'Blind' },
  ];
  for (const { name, facts, count, want } of cases)
    test(name, () => assert.equal(lineOf(incidentOf({ subject: subjectOf(facts), count })), want));
});

for (const [ms, want] of [
  [0, '0 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [89_999, '1 min'],
  [90_000, '2 min'],
] as const) {
  test(`${ms} ms are ${want}`, () => assert.equal(minutes(ms), want));
}

for (const want of [
  '1st',
  '2nd',
  '3rd',
  '4th',
  '10th',
  '11th',
  '12th',
  '13th',
  '14th',
  '21st',
  '22nd',
  '23rd',
  '101st',
  '111th',
  '112th',
  '113th',
  '121st',
]) {
  test(want, () => assert.equal(ordinal(Number.parseInt(want, 10)), want));
}
