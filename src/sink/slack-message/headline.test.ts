import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf, notificationOf, openedAt, subjectOf } from '../../../test/fakes/incident.ts';
import { entitiesOf } from '../../../test/fakes/slack-content.ts';
import type { Incident } from '../../alert/incident.ts';
import { keyText } from '../../alert/key.ts';
import type { SignalName } from '../../alert/signal.ts';
import { headlineOf } from './headline.ts';
import { renderSlack } from './message.ts';

const lead: Readonly<Record<SignalName, string>> = {
  'failures.new': '🟡 New failure · billing.tasks.charge',
  'failures.critical': '🟡 Critical task failed · billing.tasks.charge',
  'failures.surge': '🟡 Surge of a known failure · billing.tasks.charge',
  'failures.ratio': '🟡 Failure rate too high · billing.tasks.charge',
  'failures.regressed': '🟡 Regression · billing.tasks.charge',
  'failures.escalated': '🟡 Archived failure got worse · billing.tasks.charge',
  'retries.storm': '🟡 Retry storm · billing.tasks.charge',
  lost: '🟡 Attempts lost · celery@pay',
  redelivery: '🟡 Poison message · billing.tasks.charge',
  'run-twice': '🟡 Executed twice · billing.tasks.charge',
  'worker.short': '🟡 Workers missing · celery@pay',
  'worker.crash-loop': '🟡 Crash loop · celery@pay',
  stuck: '🟡 Stuck · billing.tasks.charge',
  latency: '🟡 Queue wait too long · payments',
  'schedule.missed': '🟡 Scheduled run missed · nightly',
  'self.blind': '🟡 No events received',
};
for (const signal of Object.keys(lead) as SignalName[]) {
  test(`the headline of ${signal}`, () => {
    const key = keyText(
      signal === 'schedule.missed' ? { kind: 'schedule', schedule: 'nightly' } : { kind: 'cause', fingerprint: 'f' },
    );
    assert.equal(headlineOf(incidentOf({ keys: [keyOf({ signal, key })] })), lead[signal]);
  });
}

test('a long name is cut at its start', () => {
  const task = `${'department.'.repeat(20)}tasks.charge`;
  const first = headlineOf(incidentOf({ subject: subjectOf({ tasks: [task] }) }));
  assert.match(first, /^🟡 New failure · ….*tasks\.charge$/);
  assert.ok(first.length <= 140);
});

const markers: readonly (readonly [name: string, facts: Partial<Incident>, marker: string])[] = [
  ['normal', {}, '🟡 New failure'],
  ['high', { severity: 'high' }, '🟠 New failure'],
  ['critical', { severity: 'critical' }, '🔴 New failure'],
  ['acknowledged', { severity: 'critical', ack: { by: 'U0JO', at: 0 } }, '👀 New failure'],
  ['snoozed after an acknowledgement', { ack: { by: 'U0JO', at: 0 }, snoozedUntil: openedAt }, '💤 New failure'],
  [
    'resolved',
    { severity: 'critical', snoozedUntil: openedAt, phase: { name: 'resolved', at: 0, by: undefined } },
    '🟢 Resolved: New failure',
  ],
];
for (const [name, facts, marker] of markers) {
  test(`the headline of a ${name} incident starts with "${marker}"`, () => {
    assert.ok(headlineOf(incidentOf(facts)).startsWith(`${marker} ·`));
  });
}

test('mentions are ids of users, groups and channels', () => {
  const mentions = ['U123', 'W9', 'S0PAY', 'C0ALERTS', 'here', '@jo', 'U12 3', '<!channel>'];
  const message = renderSlack(notificationOf(incidentOf({ mentions })), { links: [] });
  assert.deepEqual(entitiesOf(message).mentions, ['user:U123', 'user:W9', 'usergroup:S0PAY', 'channel:C0ALERTS']);
});
