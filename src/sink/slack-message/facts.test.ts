import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf, notificationOf, openedAt, subjectOf } from '../../../test/fakes/incident.ts';
import { visibleLines } from '../../../test/fakes/slack-content.ts';
import type { Incident } from '../../alert/incident.ts';
import { keyText } from '../../alert/key.ts';
import { renderSlack } from './message.ts';

const minute = 60_000;

function shown(incident: Incident): string[] {
  return visibleLines(renderSlack(notificationOf(incident), { links: [] }).blocks);
}

const states: readonly { readonly name: string; readonly facts: Partial<Incident>; readonly want: RegExp }[] = [
  {
    name: 'the author of the acknowledgement',
    facts: { ack: { by: 'U0JO', at: openedAt } },
    want: /^👀 Acknowledged by U0JO, 2026/,
  },
  { name: 'the end of the snooze', facts: { snoozedUntil: openedAt }, want: /^💤 Snoozed until 2026-11-24 10:02/ },
  { name: 'one reopening', facts: { reopens: 1 }, want: /^↩️ Reopened once$/ },
  { name: 'several reopenings', facts: { reopens: 4 }, want: /^↩️ Reopened 4 times$/ },
  { name: 'the previous incident', facts: { regressionOf: 'abc' }, want: /^↩️ Previously resolved as incident abc$/ },
  {
    name: 'the silence',
    facts: { hidden: { reason: 'silenced', by: 's1', since: openedAt } },
    want: /^🔕 Silenced since/,
  },
  {
    name: 'the author of the resolution',
    facts: { phase: { name: 'resolved', at: openedAt, by: 'U0JO' } },
    want: /^Resolved by U0JO, 2026/,
  },
];
for (const { name, facts, want } of states) {
  test(`the state shows ${name}`, () => {
    const lines = shown(incidentOf(facts));
    assert.ok(
      lines.some((line) => want.test(line)),
      lines.join('\n'),
    );
  });
}

test('several tasks and related conditions are short lists', () => {
  const tasks = Array.from({ length: 9 }, (_, index) => `shop.tasks.t${index}`);
  const keys = [
    keyOf(),
    keyOf({ key: keyText({ kind: 'cause', fingerprint: '2' }) }),
    keyOf({ key: keyText({ kind: 'cause', fingerprint: '3' }) }),
    keyOf({
      key: keyText({ kind: 'queue', queue: 'mail' }),
      signal: 'latency',
      figures: { count: 6 * minute, limit: 2 * minute, withinMs: 0, baseline: 3_000, of: undefined },
    }),
  ];
  const lines = shown(incidentOf({ keys, subject: subjectOf({ tasks }) }));
  assert.equal(lines[0], '🟡 New failure · PaymentDeclined in 9 tasks');
  assert.deepEqual(lines.slice(2, 9), [...tasks.slice(0, 6), 'and 3 more tasks']);
  assert.ok(lines.includes('Queue wait · mail: oldest task has waited 6 min'), lines.join('\n'));
  assert.ok(lines.includes('2 related failures'));
});

test('the count adds up conditions of one unit, not failures and retries', () => {
  const storm = keyOf({
    key: keyText({ kind: 'retry', task: 'billing.tasks.charge', exception: 'Timeout' }),
    signal: 'retries.storm',
    total: 83,
  });
  const lines = shown(
    incidentOf({
      keys: [keyOf({ total: 7 }), keyOf({ key: keyText({ kind: 'cause', fingerprint: '2' }), total: 5 }), storm],
      count: 95,
    }),
  );
  assert.match(lines[2] ?? '', /^12 failures since/);
});
