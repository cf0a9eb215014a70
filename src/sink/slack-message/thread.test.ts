import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, notificationOf, openedAt } from '../../../test/fakes/incident.ts';
import { entitiesOf, visibleLines } from '../../../test/fakes/slack-content.ts';
import type { Incident, ThreadLine } from '../../alert/incident.ts';
import { renderSlack } from './message.ts';

const minute = 60_000;
const options = { links: [] };

const lines: readonly { readonly line: ThreadLine; readonly facts?: Partial<Incident>; readonly want: string }[] = [
  { line: { at: 0, what: 'joined', text: 'KeyError on 2 more tasks' }, want: '➕ Joined: KeyError on 2 more tasks' },
  { line: { at: 0, what: 'grew', text: '70 failures' }, want: '📈 Grew: 70 failures' },
  { line: { at: 0, what: 'worse', text: 'now critical' }, want: '🔺 Got worse: now critical' },
  { line: { at: 0, what: 'resolved', text: '' }, want: '🟢 Resolved after 7 min · 7 failures' },
  { line: { at: 0, what: 'resolved', text: 'after 7 min' }, want: '🟢 Resolved after 7 min · 7 failures' },
  { line: { at: 0, what: 'resolved', text: 'U0JO' }, want: '🟢 Resolved after 7 min · 7 failures, by U0JO' },
  { line: { at: 0, what: 'acked', text: 'U0JO' }, want: '👀 Acknowledged by U0JO' },
  { line: { at: 0, what: 'acked', text: 'cli' }, want: '👀 Acknowledged by cli' },
  {
    line: { at: 0, what: 'snoozed', text: 'U0JO' },
    facts: { snoozedUntil: openedAt },
    want: '💤 Snoozed by U0JO, until 2026-11-24 10:02 UTC',
  },
  { line: { at: 0, what: 'woke', text: '' }, want: '⏰ Snooze ended' },
  { line: { at: 0, what: 'reopened', text: '' }, facts: { reopens: 1 }, want: '↩️ Reopened' },
  {
    line: { at: 0, what: 'reopened', text: 'again, for the 4th time' },
    facts: { reopens: 3 },
    want: '↩️ Reopened, 3 times so far',
  },
];
for (const { line, facts, want } of lines) {
  test(`a line in the thread: ${want}`, () => {
    const notification = notificationOf(incidentOf(facts), { action: 'line', line });
    assert.deepEqual(visibleLines(renderSlack(notification, options).blocks), [want]);
  });
}

test('a reminder shows the open incident and mentions its owners', () => {
  const incident = incidentOf({ mentions: ['S0PAY'], trend: 'rising' });
  const message = renderSlack(notificationOf(incident, { action: 'reminder', at: openedAt + 240 * minute }), options);
  assert.deepEqual(visibleLines(message.blocks), [
    'S0PAY Still open after 4 h, not acknowledged',
    '🟡 New failure · billing.tasks.charge',
    '7 failures, last 2026-11-24 10:09 UTC, getting worse',
  ]);
  assert.deepEqual(entitiesOf(message).mentions, ['usergroup:S0PAY']);
});

test('a link leads to the permalink, or names the channel', () => {
  const link = notificationOf(incidentOf(), { action: 'link', ref: 'C0ALERTS/1.2' });
  const permalink = 'https://shop.slack.com/archives/C0ALERTS/p12';
  assert.deepEqual(entitiesOf(renderSlack(link, { ...options, permalink })).links, [permalink]);
  assert.deepEqual(entitiesOf(renderSlack(link, options)).mentions, ['channel:C0ALERTS']);
  assert.deepEqual(entitiesOf(renderSlack(link, { ...options, permalink: 'javascript:alert(1)' })).links, []);
});
