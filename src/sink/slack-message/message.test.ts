import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  bulletinNotificationOf,
  bulletinOf,
  incidentOf,
  keyOf,
  notificationOf,
  openedAt,
  subjectOf,
} from '../../../test/fakes/incident.ts';
import { charsOf, contentErrorOf, entitiesOf } from '../../../test/fakes/slack-content.ts';
import { hostile, pictures } from '../../../test/gallery/notifications.ts';
import type { Bulletin, Incident, ThreadLine } from '../../alert/incident.ts';
import { type KeyText, keyText, type SignalKey } from '../../alert/key.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import type { SignalName, Trend } from '../../alert/signal.ts';
import { renderSlack } from './message.ts';

const links = [
  { label: 'Trace', url: 'https://jaeger.example/trace/{trace_id}' },
  { label: 'Sentry', url: 'https://sentry.example/issues/?query={fingerprint}' },
];
const minute = 60_000;

function shown(incident: Incident, options: Partial<Parameters<typeof renderSlack>[1]> = {}) {
  return wordsOf(renderSlack(notificationOf(incident), { links: [], ...options }).blocks);
}

test('tells what, how, how many since when and where, where to look, and why', () => {
  const incident = incidentOf({ trend: 'rising', deploy: { version: 'v231', at: openedAt - 40_000, pools: [] } });
  const { text, blocks } = renderSlack(notificationOf(incident), { links, buttonKey: 'key' });
  assert.equal(text, '🟡 New failure · billing.tasks.charge (7): PaymentDeclined: card was declined');
  assert.deepEqual(wordsOf(blocks), [
    '🟡 New failure · billing.tasks.charge',
    'PaymentDeclined: card was declined',
    '7 failures since 2026-11-24 10:02 UTC · 3% of 212 attempts',
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
    'new failure: 7 in 10 min, of 212 attempts (3%), threshold 3 · incident 7d3f9a1c2b',
  ]);
});

test('tells how long it lasted once it is over, mentions nobody any more, and has no buttons', () => {
  const over = incidentOf({
    phase: { name: 'resolved', at: openedAt + 17 * minute, by: undefined },
    mentions: ['U123'],
  });
  const message = renderSlack(notificationOf(over), { links: [], buttonKey: 'key' });
  const words = wordsOf(message.blocks);
  assert.equal(words[0], '🟢 Resolved: New failure · billing.tasks.charge');
  assert.equal(words[2], '⏱️ Resolved before it could be posted here');
  assert.equal(words[3], 'Lasted 7 min · 7 failures, 2026-11-24 10:02 UTC to 10:09 UTC, then quiet for 10 min');
  assert.deepEqual(entitiesOf(message).mentions, []);
  assert.ok(!message.blocks.some(({ type }) => type === 'actions'));
  const edited = renderSlack(notificationOf(over, { action: 'edit' }), { links: [] });
  assert.match(wordsOf(edited.blocks)[2] ?? '', /^Lasted 7 min/);
});

const states: readonly { readonly name: string; readonly facts: Partial<Incident>; readonly want: RegExp }[] = [
  { name: 'who is looking', facts: { ack: { by: 'U0JO', at: openedAt } }, want: /^👀 Acknowledged by U0JO, 2026/ },
  { name: 'until when it is put off', facts: { snoozedUntil: openedAt }, want: /^💤 Snoozed until 2026-11-24 10:02/ },
  { name: 'that it came back', facts: { reopens: 1 }, want: /^↩️ Reopened once$/ },
  { name: 'how often it came back', facts: { reopens: 4 }, want: /^↩️ Reopened 4 times$/ },
  { name: 'what it was before', facts: { regressionOf: 'abc' }, want: /^↩️ Previously resolved as incident abc$/ },
  {
    name: 'that it is silenced',
    facts: { hidden: { reason: 'silenced', by: 's1', since: openedAt } },
    want: /^🔕 Silenced since/,
  },
  {
    name: 'who resolved it',
    facts: { phase: { name: 'resolved', at: openedAt, by: 'U0JO' } },
    want: /^Resolved by U0JO, 2026/,
  },
];
for (const { name, facts, want } of states) {
  test(`tells ${name}`, () => {
    const words = shown(incidentOf(facts));
    assert.ok(
      words.some((line) => want.test(line)),
      words.join('\n'),
    );
  });
}

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
const signals = Object.keys(lead) as SignalName[];
for (const signal of signals) {
  test(`has words for ${signal}`, () => {
    const key = keyText(
      signal === 'schedule.missed' ? { kind: 'schedule', schedule: 'nightly' } : { kind: 'cause', fingerprint: 'f' },
    );
    assert.equal(shown(incidentOf({ keys: [keyOf({ signal, key })] }))[0], lead[signal]);
  });
}

test('shows several tasks and what came together with them in few lines', () => {
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
  const words = shown(incidentOf({ keys, subject: subjectOf({ tasks }) }));
  assert.equal(words[0], '🟡 New failure · PaymentDeclined in 9 tasks');
  assert.deepEqual(words.slice(2, 9), [...tasks.slice(0, 6), 'and 3 more tasks']);
  assert.ok(words.includes('Queue wait · mail: oldest task has waited 6 min'), words.join('\n'));
  assert.ok(words.includes('2 related failures'));
});

test('counts what is alike, and not failures with retries', () => {
  const storm = keyOf({
    key: keyText({ kind: 'retry', task: 'billing.tasks.charge', exception: 'Timeout' }),
    signal: 'retries.storm',
    total: 83,
  });
  const words = shown(
    incidentOf({
      keys: [keyOf({ total: 7 }), keyOf({ key: keyText({ kind: 'cause', fingerprint: '2' }), total: 5 }), storm],
      count: 95,
    }),
  );
  assert.match(words[2] ?? '', /^12 failures since/);
});

test('keeps the end of a long name, which says most', () => {
  const task = `${'department.'.repeat(20)}tasks.charge`;
  const [first = ''] = shown(incidentOf({ subject: subjectOf({ tasks: [task] }) }));
  assert.match(first, /^🟡 New failure · ….*tasks\.charge$/);
  assert.ok(first.length <= 140);
});

const linesSaid: readonly { readonly line: ThreadLine; readonly facts?: Partial<Incident>; readonly want: string }[] = [
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
for (const { line, facts, want } of linesSaid) {
  test(`says in the thread: ${want}`, () => {
    const notification = notificationOf(incidentOf(facts), { action: 'line', line });
    assert.deepEqual(wordsOf(renderSlack(notification, { links }).blocks), [want]);
  });
}

test('reminds of what is still open, and tells whom it concerns', () => {
  const incident = incidentOf({ mentions: ['S0PAY'], trend: 'rising' });
  const message = renderSlack(notificationOf(incident, { action: 'reminder', at: openedAt + 240 * minute }), { links });
  assert.deepEqual(wordsOf(message.blocks), [
    'S0PAY Still open after 4 h, not acknowledged',
    '🟡 New failure · billing.tasks.charge',
    '7 failures, last 2026-11-24 10:09 UTC, getting worse',
  ]);
  assert.deepEqual(entitiesOf(message).mentions, ['usergroup:S0PAY']);
});

test('points to the message from another channel, by the link that Slack gave or by the channel', () => {
  const link = notificationOf(incidentOf(), { action: 'link', ref: 'C0ALERTS/1.2' });
  const permalink = 'https://shop.slack.com/archives/C0ALERTS/p12';
  assert.deepEqual(entitiesOf(renderSlack(link, { links, permalink })).links, [permalink]);
  assert.deepEqual(entitiesOf(renderSlack(link, { links })).mentions, ['channel:C0ALERTS']);
  assert.deepEqual(entitiesOf(renderSlack(link, { links, permalink: 'javascript:alert(1)' })).links, []);
});

test('lists what a bulletin is about, and counts what has no room', () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  const words = wordsOf(renderSlack(bulletinNotificationOf(bulletinOf({ lines, more: 2 })), { links }).blocks);
  assert.equal(words[0], '🌊 Storm: 42 more incidents');
  assert.equal(words[1], 'line 0');
  assert.equal(words[26], 'and 17 more');
});

test('carries what it takes to find the message again, and no more', () => {
  const { metadata } = renderSlack(notificationOf(), { links, namespace: 'shop' });
  assert.deepEqual(metadata, {
    event_type: 'taskvigil',
    event_payload: { id: '7d3f9a1c2b:root', incident: '7d3f9a1c2b', namespace: 'shop' },
  });
});

test('mentions whom the policy names, by id only', () => {
  const mentions = ['U123', 'W9', 'S0PAY', 'C0ALERTS', 'here', '@jo', 'U12 3', '<!channel>'];
  const message = renderSlack(notificationOf(incidentOf({ mentions })), { links: [] });
  assert.deepEqual(entitiesOf(message).mentions, ['user:U123', 'user:W9', 'usergroup:S0PAY', 'channel:C0ALERTS']);
});

test('does not call again for who is looking already', () => {
  const incident = incidentOf({ mentions: ['S0PAY'], ack: { by: 'U0JO', at: openedAt } });
  assert.deepEqual(entitiesOf(renderSlack(notificationOf(incident), { links: [] })).mentions, ['user:U0JO']);
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
    const subject = subjectOf({ example: { taskId, traceId: '' } });
    const message = renderSlack(notificationOf(incidentOf({ subject })), { links: [{ label: 'Go', url }] });
    assert.deepEqual(entitiesOf(message).links, []);
  });
}

test('drops a link that needs what the incident has not', () => {
  const subject = subjectOf({ example: undefined });
  const page = { label: 'Incident', url: 'https://page.example/{incident}' };
  const message = renderSlack(notificationOf(incidentOf({ subject })), { links: [...links, page] });
  assert.deepEqual(entitiesOf(message).links, [
    'https://sentry.example/issues/?query=f00dfeedcafe',
    'https://page.example/7d3f9a1c2b',
  ]);
});

test('escapes what it puts into a link', () => {
  const subject = subjectOf({ example: { taskId: '../a b?c=<d>&e', traceId: '' } });
  const template = { label: 'Go', url: 'https://x.example/t/{task_id}' };
  const message = renderSlack(notificationOf(incidentOf({ subject })), { links: [template] });
  assert.deepEqual(entitiesOf(message).links, ['https://x.example/t/..%2Fa%20b%3Fc%3D%3Cd%3E%26e']);
});

test('cuts between characters and never inside an escaped character', () => {
  const titled = (title: string) =>
    renderSlack(notificationOf(incidentOf({ subject: subjectOf({ title }) })), { links: [] });
  const { text } = titled('<'.repeat(5_000));
  assert.ok(text.endsWith(`${'&lt;'.repeat(299)}…`), text.slice(-20));
  assert.equal(contentErrorOf(titled('😀'.repeat(5_000))), undefined);
});

test('hides no text in tag characters', () => {
  const hidden = 'pay\u{e0069}\u{e0067}ment';
  const { blocks } = renderSlack(notificationOf(incidentOf({ subject: subjectOf({ title: hidden }) })), { links: [] });
  assert.equal(wordsOf(blocks)[1], 'payment');
});

test('every message of the gallery is one that Slack takes', () => {
  const options = { links, buttonKey: 'key' };
  for (const { name, notification, thread } of pictures) {
    for (const one of [notification, ...thread]) {
      const message = renderSlack(one, options);
      assert.equal(contentErrorOf(message), undefined, name);
    }
  }
});

// Text from the whole of Unicode, with markup, long runs and lone surrogates more often than chance would have them.
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(...hostile, '\ud83d', '\udc00', '\u202e', '\u200b', '\n', '<', '>', 'https://e.vil', 'U0ABC'),
      {
        maxLength: 40,
      },
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('<', '&', '😀', 'a', '```', '<!channel>').map((part) => part.repeat(1_500)),
  fc.constant(''),
);
const anyTexts = fc.array(anyText, { maxLength: 20 });
const anyFigures = fc.record({
  count: fc.nat(),
  limit: fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
  withinMs: fc.nat(1e9),
  baseline: fc.option(fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)), {
    nil: undefined,
  }),
  of: fc.option(fc.nat(), { nil: undefined }),
});
const anyKey = fc.record({
  signal: fc.constantFrom(...signals),
  // Also texts that no key has: a record of the store may be damaged.
  key: fc.oneof(
    anyText.map((text) => text as KeyText),
    fc
      .oneof(
        anyText.map((fingerprint): SignalKey => ({ kind: 'cause', fingerprint })),
        anyText.map((task): SignalKey => ({ kind: 'task', task })),
        fc.tuple(anyText, anyText).map(([task, exception]): SignalKey => ({ kind: 'retry', task, exception })),
        anyText.map((pool): SignalKey => ({ kind: 'pool', pool })),
        anyText.map((queue): SignalKey => ({ kind: 'queue', queue })),
        anyText.map((schedule): SignalKey => ({ kind: 'schedule', schedule })),
        anyText.map((taskId): SignalKey => ({ kind: 'message', taskId })),
      )
      .map(keyText),
  ),
  figures: anyFigures,
});

const anyIncident = fc
  .record({
    id: anyText,
    keys: fc.array(anyKey.map(keyOf), { minLength: 1, maxLength: 20 }),
    subject: fc
      .record({
        title: anyText,
        tasks: anyTexts,
        exceptions: fc.array(anyText, { maxLength: 2 }),
        hosts: anyTexts,
        pools: anyTexts,
        queues: anyTexts,
        fingerprint: anyText,
        example: fc.option(fc.record({ taskId: anyText, traceId: anyText }), { nil: undefined }),
      })
      .map((facts) => subjectOf(facts as Parameters<typeof subjectOf>[0])),
    severity: fc.constantFrom('critical' as const, 'high' as const, 'normal' as const),
    trend: fc.constantFrom<Trend>('rising', 'steady', 'falling'),
    phase: fc.constantFrom<Incident['phase']>(
      { name: 'open' },
      { name: 'resolved', at: openedAt + minute, by: undefined },
    ),
    deploy: fc.option(
      anyText.map((version) => ({ version, at: openedAt, pools: [] })),
      { nil: undefined },
    ),
    regressionOf: fc.option(anyText, { nil: undefined }),
    count: fc.nat(),
    reopens: fc.nat(100),
    lastsMs: fc.nat(1e9),
  })
  .map(({ lastsMs, ...facts }) => incidentOf({ ...facts, lastAt: openedAt + lastsMs, mentions: ['U123', 'S456'] }));

const taskLines = ['joined', 'grew', 'worse', 'reopened', 'woke'] as const;
const anyBulletin = fc
  .record({
    id: anyText,
    kind: fc.constantFrom<Bulletin['kind']>('storm', 'digest', 'summary', 'self'),
    title: anyText,
    lines: fc.array(anyText, { maxLength: 60 }),
    more: fc.nat(),
  })
  .map(bulletinOf);

const anyNotification: fc.Arbitrary<Notification> = fc.oneof(
  { weight: 1, arbitrary: anyBulletin.map((bulletin) => bulletinNotificationOf(bulletin)) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        incident: anyIncident,
        action: fc.constantFrom<Notification['action']>('post', 'edit', 'line', 'reminder', 'link'),
        line: fc.record({ at: fc.nat(), what: fc.constantFrom(...taskLines), text: anyText }),
      })
      .map(({ incident, action, line }) => notificationOf(incident, { action, line, ref: 'G0PRIVATE/1.0' })),
  },
);

test('figures that say nothing are not said', () => {
  const figures = {
    count: 7,
    limit: Number.POSITIVE_INFINITY,
    withinMs: 600_000,
    baseline: Number.POSITIVE_INFINITY,
    of: undefined,
  };
  const words = shown(incidentOf({ keys: [keyOf({ figures })] }));
  assert.equal(words.at(-1), 'new failure: 7 in 10 min · incident 7d3f9a1c2b');
  assert.doesNotMatch(words.join(' '), /∞|Infinity|NaN|undefined/);
});

test('whatever tasks say, a message has exactly the configured mentions and links, and a size that Slack takes', () => {
  fc.assert(
    fc.property(anyNotification, anyText, (notification, namespace) => {
      const { about, action } = notification;
      const permalink = 'https://shop.slack.com/archives/C1/p1';
      const message = renderSlack(notification, { links, buttonKey: 'key', permalink, namespace });
      const { mentions, links: linked } = entitiesOf({ ...message, parse: 'none' });

      const isRoot = about.kind === 'incident' && (action === 'post' || action === 'edit');
      const isCalling = isRoot && about.incident.phase.name !== 'resolved';
      const isReminder = about.kind === 'incident' && action === 'reminder';
      assert.deepEqual(mentions, isCalling || isReminder ? ['user:U123', 'usergroup:S456'] : []);
      const linksMax = isRoot ? links.length : about.kind === 'incident' && action === 'link' ? 1 : 0;
      assert.ok(linked.length <= linksMax);
      for (const url of linked) assert.match(url, /^https:\/\/(jaeger\.example|sentry\.example|shop\.slack\.com)\//);
      assert.equal(contentErrorOf(message), undefined);
      assert.ok(message.blocks.length <= 20 && charsOf(message.blocks) <= 8_000 && message.text.length <= 3_000);
      const { text, blocks } = message;
      assert.doesNotMatch(
        JSON.stringify([text, blocks]),
        /[\u0000-\u0008\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/,
      );
    }),
    { numRuns: 1_000 },
  );
});

test('who acted is the only one that a line of the thread can name', () => {
  fc.assert(
    fc.property(fc.constantFrom('acked', 'snoozed', 'resolved', 'silenced', 'archived'), anyText, (what, text) => {
      const line = { at: 0, what, text } as ThreadLine;
      const { mentions } = entitiesOf(renderSlack(notificationOf(incidentOf(), { action: 'line', line }), { links }));
      assert.ok(mentions.length <= (/^[UW][A-Z0-9]+$/.test(text.trim()) ? 1 : 0), mentions.join());
    }),
  );
});

/** What a reader sees, a line each. */
function wordsOf(blocks: readonly unknown[]): string[] {
  return blocks.flatMap((block) => linesOf(block)).filter((line) => line !== '');
}

function linesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { type, text, elements, options, placeholder, fallback, ...rest } = value as Record<string, unknown>;
  if (type === 'date') return [String(fallback)];
  const id = rest['user_id'] ?? rest['usergroup_id'];
  if (typeof id === 'string') return [id];
  if (typeof text === 'string') return [text];
  if (type === 'static_select') return linesOf(placeholder);
  if (Array.isArray(options)) return options.flatMap(linesOf);
  if (typeof text === 'object') return linesOf(text);
  if (!Array.isArray(elements)) return [];
  const parts = elements.map(linesOf);
  return type === 'rich_text_section' ? parts.flat().join('').split('\n') : parts.flat();
}
