import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf, notificationOf, openedAt } from '../../../test/fakes/incident.ts';
import { entitiesOf, visibleLines } from '../../../test/fakes/slack-content.ts';
import type { Incident, ThreadLine } from '../../alert/incident.ts';
import { renderSlack } from './message.ts';
import { lineText } from './thread.ts';

const minute = 60_000;
const options = { links: [] };

const lines: readonly { readonly line: ThreadLine; readonly facts?: Partial<Incident>; readonly want: string }[] = [
  { line: { at: 0, what: 'joined', text: 'KeyError on 2 more tasks' }, want: '➕ Joined: KeyError on 2 more tasks' },
  { line: { at: 0, what: 'grew', text: '70 failures' }, want: '📈 Grew: 70 failures' },
  { line: { at: 0, what: 'worse', text: 'now critical' }, want: '🔺 Got worse: now critical' },
  { line: { at: 0, what: 'resolved', text: '' }, want: '🟢 Resolved: 7 failures within 7 min' },
  { line: { at: 0, what: 'resolved', text: 'after 7 min' }, want: '🟢 Resolved: 7 failures within 7 min' },
  { line: { at: 0, what: 'resolved', text: 'U0JO' }, want: '🟢 Resolved: 7 failures within 7 min, by U0JO' },
  { line: { at: 0, what: 'acked', text: 'U0JO' }, want: '👀 Acknowledged by U0JO' },
  { line: { at: 0, what: 'acked', text: 'cli' }, want: '👀 Acknowledged by cli' },
  {
    line: { at: 0, what: 'snoozed', text: 'U0JO' },
    facts: { snoozedUntil: openedAt },
    want: '💤 Snoozed by U0JO, until 2026-11-24 10:02 UTC',
  },
  { line: { at: 0, what: 'snoozed', text: 'U0JO' }, want: '💤 Snoozed by U0JO' },
  { line: { at: 0, what: 'acked', text: 'U0JO' }, facts: { snoozedUntil: openedAt }, want: '👀 Acknowledged by U0JO' },
  { line: { at: 0, what: 'silenced', text: 'U0JO' }, want: '🔕 Silenced by U0JO' },
  { line: { at: 0, what: 'archived', text: 'cli' }, want: '🗄️ Archived until it gets worse by cli' },
  { line: { at: 0, what: 'woke', text: '' }, want: '⏰ Snooze ended' },
  { line: { at: 0, what: 'woke', text: 'still open' }, want: '⏰ Snooze ended: still open' },
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

test('a line without content shows the headline', () => {
  const message = renderSlack(notificationOf(incidentOf(), { action: 'line' }), options);
  assert.deepEqual(visibleLines(message.blocks), ['🟡 New failure · billing.tasks.charge']);
  assert.equal(lineText(incidentOf(), undefined), '');
});

test('the text of a line names the author of its action', () => {
  assert.equal(lineText(incidentOf(), { at: 0, what: 'acked', text: 'U0JO' }), '👀 Acknowledged by U0JO');
  assert.equal(lineText(incidentOf(), { at: 0, what: 'grew', text: '70 failures' }), '📈 Grew: 70 failures');
});

test('a reminder counts from the post, or from the start if there was none', () => {
  const facts = { firstAt: openedAt, lastAt: openedAt, openedAt: openedAt + 60 * minute };
  const firstLine = (incident: Incident) => {
    const notification = notificationOf(incident, { action: 'reminder', at: openedAt + 180 * minute });
    return visibleLines(renderSlack(notification, options).blocks)[0];
  };
  assert.equal(firstLine(incidentOf(facts)), 'Still open after 2 h, not acknowledged');
  assert.equal(firstLine(incidentOf({ ...facts, openedAt: undefined })), 'Still open after 3 h, not acknowledged');
});

test('a reminder of a level has no count, and of a steady incident no trend', () => {
  const level = { signal: 'latency', total: undefined } as const;
  const incident = incidentOf({ keys: [keyOf(level)], count: 0 });
  const { blocks } = renderSlack(notificationOf(incident, { action: 'reminder', at: openedAt }), options);
  assert.equal(visibleLines(blocks).at(-1), 'Last 2026-11-24 10:09 UTC');
  assert.ok(!JSON.stringify(blocks).includes('"text":""'), 'Slack refuses an empty text');
});

test('a link from a private channel names no channel', () => {
  const link = notificationOf(incidentOf(), { action: 'link', ref: 'G0PRIVATE/1.2' });
  assert.equal(visibleLines(renderSlack(link, options).blocks).at(-1), 'Reported in another channel');
  const unknown = notificationOf(incidentOf(), { action: 'link' });
  assert.equal(visibleLines(renderSlack(unknown, options).blocks).at(-1), 'Reported in another channel');
});

test('a step of meaning repeats the headline, because the channel shows it outside its thread', () => {
  const line = { at: 0, what: 'worse', text: 'no worker left: 2 of 2 workers missing', isLoud: true } as const;
  const keys = [keyOf({ signal: 'worker.short', gravity: 1, total: undefined })];
  const message = renderSlack(notificationOf(incidentOf({ keys }), { action: 'line', line }), options);
  assert.deepEqual(visibleLines(message.blocks), [
    '🟡 No workers left · celery@pay',
    '🔺 Got worse: no worker left: 2 of 2 workers missing',
  ]);
});

test('an incident whose evidence expired is no longer watched', () => {
  const phase = { name: 'resolved', at: openedAt + 60 * minute, by: undefined, isForgotten: true } as const;
  const line = { at: 0, what: 'resolved', text: '' } as const;
  const message = renderSlack(notificationOf(incidentOf({ phase }), { action: 'line', line }), options);
  assert.deepEqual(visibleLines(message.blocks), ['🟢 No longer watched: 7 failures within 7 min']);
});
