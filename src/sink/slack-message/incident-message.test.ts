import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf, notificationOf, openedAt, subjectOf } from '../../../test/fakes/incident.ts';
import { entitiesOf, visibleLines } from '../../../test/fakes/slack-content.ts';
import type { Incident } from '../../alert/incident.ts';
import { renderSlack } from './message.ts';

const links = [
  { label: 'Trace', url: 'https://jaeger.example/trace/{trace_id}' },
  { label: 'Sentry', url: 'https://sentry.example/issues/?query={fingerprint}' },
];
const minute = 60_000;

function shown(incident: Incident): string[] {
  return visibleLines(renderSlack(notificationOf(incident), { links: [] }).blocks);
}

test('a root message has headline, exception, figures, places, links, buttons and reason, in this order', () => {
  const incident = incidentOf({ trend: 'rising', deploy: { version: 'v231', at: openedAt - 40_000, pools: [] } });
  const { text, blocks } = renderSlack(notificationOf(incident), { links, buttonKey: 'key' });
  assert.equal(text, '🟡 New failure · billing.tasks.charge (7): PaymentDeclined: card was declined');
  assert.deepEqual(visibleLines(blocks), [
    '🟡 New failure · billing.tasks.charge',
    'PaymentDeclined: card was declined',
    '7 failures since 2026-11-24 10:02 UTC · 7 of 212 attempts in 10 min (3%)',
    '📈 getting worse  ·  🚀 40 s after deploy v231',
    'Where  queue payments · workers celery@pay-1, celery@pay-2',
    'Example  3c1f6d1e-8a52-4f0e-9d55-0c7a2b9e4f10',
    'Trace  ·  Sentry',
    'Ack',
    'Snooze …',
    'Resolve',
    'Silence this task for 24 h',
    'Archive until it gets worse',
    'Why do I see this?',
    'new failure: began with 7 in 10 min, of 212 attempts (3%), threshold 3 · incident 7d3f9a1c2b',
  ]);
});

test('a resolved message has the duration, no mentions and no buttons', () => {
  const over = incidentOf({
    phase: { name: 'resolved', at: openedAt + 17 * minute, by: undefined },
    mentions: ['U123'],
  });
  const message = renderSlack(notificationOf(over), { links: [], buttonKey: 'key' });
  const lines = visibleLines(message.blocks);
  assert.equal(lines[0], '🟢 Resolved: New failure · billing.tasks.charge');
  assert.equal(lines[2], '⏱️ Resolved before it could be posted here');
  assert.equal(lines[3], '7 failures within 7 min, 2026-11-24 10:02 UTC to 10:09 UTC, then quiet for 10 min');
  assert.deepEqual(entitiesOf(message).mentions, []);
  assert.ok(!message.blocks.some(({ type }) => type === 'actions'));
  const edited = renderSlack(notificationOf(over, { action: 'edit' }), { links: [] });
  assert.match(visibleLines(edited.blocks)[2] ?? '', /^7 failures within 7 min/);
});

test('an acknowledged message mentions no owners', () => {
  const incident = incidentOf({ mentions: ['S0PAY'], ack: { by: 'U0JO', at: openedAt } });
  assert.deepEqual(entitiesOf(renderSlack(notificationOf(incident), { links: [] })).mentions, ['user:U0JO']);
});

test('infinite figures are not shown', () => {
  const figures = {
    count: 7,
    limit: Number.POSITIVE_INFINITY,
    withinMs: 600_000,
    baseline: Number.POSITIVE_INFINITY,
    of: undefined,
  };
  const lines = shown(incidentOf({ keys: [keyOf({ figures })] }));
  assert.equal(lines.at(-1), 'new failure: began with 7 in 10 min · incident 7d3f9a1c2b');
  assert.doesNotMatch(lines.join(' '), /∞|Infinity|NaN|undefined/);
});

const footers: readonly (readonly [name: string, options: object, footer: RegExp])[] = [
  ['the default fleet', { namespace: 'default' }, /threshold 3 · incident 7d3f9a1c2b$/],
  ['another fleet', { namespace: 'shop' }, /threshold 3 · shop · incident 7d3f9a1c2b$/],
  ['a possible repeat', { mayRepeat: true }, /incident 7d3f9a1c2b · \(may be a repeat\)$/],
];
for (const [name, options, footer] of footers) {
  test(`the footer for ${name}`, () => {
    const { blocks } = renderSlack(notificationOf(incidentOf()), { links: [], ...options });
    assert.match(visibleLines(blocks).at(-1) ?? '', footer);
  });
}

test('the meaning of the signal precedes the reason, until the incident is resolved', () => {
  const keys = [keyOf({ signal: 'failures.surge' })];
  const meaning = 'This failure is known, but its rate is far above its baseline.';
  assert.ok(shown(incidentOf({ keys })).at(-1)?.startsWith(`${meaning}\nsurge: `));
  const phase = { name: 'resolved', at: openedAt, by: undefined } as const;
  assert.ok(shown(incidentOf({ keys, phase })).at(-1)?.startsWith('surge: '));
});

test('at most ten mentions and five links are shown', () => {
  const mentions = Array.from({ length: 11 }, (_, index) => `U${index}`);
  const many = Array.from({ length: 6 }, (_, index) => ({ label: `L${index}`, url: `https://l${index}.example/` }));
  const message = renderSlack(notificationOf(incidentOf({ mentions })), { links: many });
  const entities = entitiesOf(message);
  assert.deepEqual([entities.mentions.length, entities.links.length], [10, 5]);
});

test('a title of blanks and a signal without an exception have no preformatted text', () => {
  const hasTitle = (facts: Partial<Incident>) =>
    JSON.stringify(renderSlack(notificationOf(incidentOf(facts)), { links: [] }).blocks).includes('preformatted');
  assert.equal(hasTitle({}), true);
  assert.equal(hasTitle({ subject: subjectOf({ title: ' \n' }) }), false);
  assert.equal(hasTitle({ keys: [keyOf({ signal: 'stuck' })] }), false);
});
