import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { charsOf, contentErrorOf, entitiesOf } from '../../test/fakes/slack-content.ts';
import type { Notification } from '../alert/notification.ts';
import type { Fingerprint } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import { renderSlack } from './slack-message.ts';

const links = [
  { label: 'Trace', url: 'https://jaeger.example/trace/{trace_id}' },
  { label: 'Sentry', url: 'https://sentry.example/issues/?query={fingerprint}' },
];

const notification: Notification = {
  id: 'incident-1:root',
  incident: 'incident-1',
  action: 'post',
  channel: '#alerts',
  root: undefined,
  mayBeThereSince: undefined,
  state: 'open',
  severity: 'normal',
  mentions: [],
  rule: 'default',
  reason: 'threshold-crossed',
  title: 'PaymentDeclined: card was declined' as Redacted,
  taskName: 'billing.tasks.charge' as Redacted,
  queue: 'payments',
  class: 'bug',
  cause: 'app-error',
  fingerprint: 'f00d' as Fingerprint,
  count: 7,
  firstAt: Date.UTC(2026, 10, 24, 10, 2),
  lastAt: Date.UTC(2026, 10, 24, 10, 9),
  resolvedAt: undefined,
  reopens: 0,
  hostnames: ['celery@worker-1', 'celery@worker-2'],
  example: { taskId: 'task-1', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' },
  evidence: '3 in 10 min, threshold 3',
};

test('tells who, how, how often, where to look and why', () => {
  const { text, blocks } = renderSlack(notification, { links });
  assert.equal(text, '🟡 Failing: billing.tasks.charge (7): PaymentDeclined: card was declined');
  assert.deepEqual(wordsOf(blocks), [
    '🟡 Failing: billing.tasks.charge',
    'PaymentDeclined: card was declined',
    '7 failures since 2026-11-24 10:02 UTC, last 2026-11-24 10:09 UTC',
    'Workers  celery@worker-1, celery@worker-2',
    'Queue  payments',
    'Cause  app-error (bug)',
    'Trace  ·  Sentry',
    'threshold-crossed · 3 in 10 min, threshold 3 · rule default · incident incident-1',
  ]);
});

test('tells how long it lasted once it is over, and mentions nobody any more', () => {
  const resolvedAt = notification.lastAt + 600_000;
  const over: Notification = { ...notification, state: 'resolved', resolvedAt, reason: 'resolved', mentions: ['U123'] };
  const message = renderSlack(over, { links: [] });
  assert.equal(wordsOf(message.blocks)[0], '🟢 Resolved: billing.tasks.charge');
  assert.equal(wordsOf(message.blocks)[2], '7 failures over 7 min, from 2026-11-24 10:02 UTC to 2026-11-24 10:09 UTC');
  assert.deepEqual(entitiesOf(message).mentions, []);
});

test('says in one line that it goes on', () => {
  const { blocks } = renderSlack({ ...notification, action: 'reply', reason: 'repeat-interval-elapsed' }, { links });
  assert.equal(wordsOf(blocks)[0], 'Still failing: 7 failures since 2026-11-24 10:02 UTC, last 2026-11-24 10:09 UTC');
});

test('carries what it takes to find the message again, and no more', () => {
  const { metadata } = renderSlack(notification, { links, namespace: 'shop' });
  assert.deepEqual(metadata, {
    event_type: 'taskvigil',
    event_payload: { id: 'incident-1:root', incident: 'incident-1', namespace: 'shop' },
  });
});

test('mentions whom the rule names, by id only', () => {
  const mentions = ['U123', 'W9', 'S0PAY', 'C0ALERTS', 'here', '@jo', 'U12 3', '<!channel>'];
  const message = renderSlack({ ...notification, mentions }, { links: [] });
  assert.deepEqual(entitiesOf(message).mentions, ['user:U123', 'user:W9', 'usergroup:S0PAY', 'channel:C0ALERTS']);
});

const foreignLinks = [
  { name: 'a host from the task', url: 'https://{task_id}/', taskId: 'evil.example' },
  { name: 'a user part that moves the host', url: 'https://jaeger.example{task_id}', taskId: '@evil.example' },
  { name: 'a longer host name', url: 'https://jaeger.example{task_id}', taskId: '.evil.example' },
  { name: 'a scheme that runs', url: 'javascript:{task_id}', taskId: 'alert(1)' },
  { name: 'no URL at all', url: '{task_id}', taskId: 'https://evil.example' },
];
for (const { name, url, taskId } of foreignLinks) {
  test(`drops a link that would lead to ${name}`, () => {
    const example = { ...notification.example, taskId };
    const message = renderSlack({ ...notification, example }, { links: [{ label: 'Go', url }] });
    assert.deepEqual(entitiesOf(message).links, []);
  });
}

test('escapes what it puts into a link', () => {
  const example = { ...notification.example, taskId: '../a b?c=<d>&e' };
  const message = renderSlack(
    { ...notification, example },
    { links: [{ label: 'Go', url: 'https://x.example/t/{task_id}' }] },
  );
  assert.deepEqual(entitiesOf(message).links, ['https://x.example/t/..%2Fa%20b%3Fc%3D%3Cd%3E%26e']);
});

const hostile = [
  '<!channel>',
  '<!here|x>',
  '<@U123>',
  '<https://evil.example|ok>',
  '```',
  '&lt;!everyone&gt;',
  '<!subteam^S1>',
];
for (const attack of hostile) {
  test(`shows ${attack} from a task as text`, () => {
    const attacked: Notification = {
      ...notification,
      title: attack as Redacted,
      taskName: attack as Redacted,
      queue: attack,
      hostnames: [attack],
      rule: attack,
    };
    for (const action of ['post', 'edit', 'reply'] as const) {
      const message = renderSlack({ ...attacked, action }, { links: [] });
      assert.deepEqual(entitiesOf({ ...message, parse: 'none' }), { mentions: [], links: [] });
      assert.equal(contentErrorOf(message), undefined);
    }
  });
}

test('cuts between characters and never inside an escaped character', () => {
  const { text } = renderSlack({ ...notification, title: '<'.repeat(5_000) as Redacted }, { links: [] });
  assert.ok(text.endsWith(`${'&lt;'.repeat(299)}…`), text.slice(-20));
  const emoji = renderSlack({ ...notification, title: '😀'.repeat(5_000) as Redacted }, { links: [] });
  assert.equal(contentErrorOf(emoji), undefined);
});

// Text from the whole of Unicode, with markup, long runs and lone surrogates more often than chance would have them.
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.constantFrom(...hostile, '\ud83d', '\udc00', '\u202e', '\u200b', '\n', '<', '>', 'https://e.vil'), {
      maxLength: 40,
    })
    .map((parts) => parts.join('')),
  fc.constantFrom('<', '&', '😀', 'a', '```', '<!channel>').map((part) => part.repeat(1_500)),
  fc.constant(''),
);

const anyNotification = fc.record({
  title: anyText,
  taskName: fc.option(anyText, { nil: undefined }),
  queue: fc.option(anyText, { nil: undefined }),
  rule: anyText,
  fingerprint: anyText,
  evidence: anyText,
  hostnames: fc.array(anyText, { maxLength: 20 }),
  taskId: anyText,
  traceId: anyText,
  count: fc.nat(),
  lastsMs: fc.nat(1_000_000_000),
  action: fc.constantFrom('post' as const, 'edit' as const, 'reply' as const),
  state: fc.constantFrom('open' as const, 'resolved' as const),
});

test('whatever tasks say, a message has exactly the configured mentions and links, and a size that Slack takes', () => {
  fc.assert(
    fc.property(anyNotification, ({ taskId, traceId, lastsMs, ...texts }) => {
      const mentions = ['U123', 'S456'];
      const given = {
        ...notification,
        ...texts,
        lastAt: notification.firstAt + lastsMs,
        resolvedAt: texts.state === 'resolved' ? notification.firstAt + lastsMs + 1 : undefined,
        example: { taskId, traceId },
        mentions,
      } as unknown as Notification;
      const message = renderSlack(given, { links });
      const { mentions: mentioned, links: linked } = entitiesOf({ ...message, parse: 'none' });

      const isRoot = texts.action !== 'reply';
      assert.deepEqual(mentioned, isRoot && texts.state === 'open' ? ['user:U123', 'usergroup:S456'] : []);
      assert.ok(linked.length <= (isRoot ? links.length : 0));
      for (const url of linked) assert.match(url, /^https:\/\/(jaeger|sentry)\.example\//);
      assert.equal(contentErrorOf(message), undefined);
      assert.ok(message.blocks.length <= 20 && charsOf(message.blocks) <= 8_000 && message.text.length <= 3_000);
      assert.doesNotMatch(JSON.stringify(message), /[\u0000-\u0008\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/);
    }),
    { numRuns: 500 },
  );
});

/** What a reader sees, a line each. */
function wordsOf(blocks: readonly unknown[]): string[] {
  return blocks.flatMap((block) => linesOf(block)).filter((line) => line !== '');
}

function linesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { type, text, elements, fallback } = value as Record<string, unknown>;
  if (type === 'date') return [String(fallback)];
  if (typeof text === 'string') return [text];
  if (typeof text === 'object') return linesOf(text);
  if (!Array.isArray(elements)) return [];
  const parts = elements.map(linesOf);
  return type === 'rich_text_section' ? parts.flat().join('').split('\n') : parts.flat();
}
