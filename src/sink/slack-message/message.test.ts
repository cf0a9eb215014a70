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
import { charsOf, contentErrorOf, entitiesOf, visibleLines } from '../../../test/fakes/slack-content.ts';
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

const signals: readonly SignalName[] = [
  'failures.new',
  'failures.ratio',
  'retries.storm',
  'lost',
  'redelivery',
  'worker.short',
  'stuck',
  'latency',
  'schedule.missed',
  'self.blind',
];

test('the push preview is headline, count and summary', () => {
  const previewOf = (notification: Notification) => renderSlack(notification, { links: [] }).text;
  assert.equal(
    previewOf(notificationOf()),
    '🟡 New failure · billing.tasks.charge (7): PaymentDeclined: card was declined',
  );
  assert.equal(
    previewOf(notificationOf(incidentOf({ count: 1, keys: [keyOf({ total: 1 })] }))),
    '🟡 New failure · billing.tasks.charge: PaymentDeclined: card was declined',
  );
  assert.equal(
    previewOf(notificationOf(incidentOf(), { action: 'reminder' })),
    'Still open: 🟡 New failure · billing.tasks.charge (7): PaymentDeclined: card was declined',
  );
  assert.equal(
    previewOf(notificationOf(incidentOf(), { action: 'line', line: { at: 0, what: 'grew', text: '70 failures' } })),
    '🟡 New failure · billing.tasks.charge: 📈 Grew: 70 failures',
  );
  assert.equal(previewOf(bulletinNotificationOf(bulletinOf({ more: 3 }))), '🌊 Storm: 3 more incidents');
});

test('the metadata contains ids only', () => {
  const { metadata } = renderSlack(notificationOf(), { links, namespace: 'shop' });
  assert.deepEqual(metadata, {
    event_type: 'taskvigil',
    event_payload: { id: '7d3f9a1c2b:root', incident: '7d3f9a1c2b', namespace: 'shop' },
  });
});

test('a text is cut between characters, never inside an escaped one', () => {
  const titled = (title: string) =>
    renderSlack(notificationOf(incidentOf({ subject: subjectOf({ title }) })), { links: [] });
  const { text } = titled('<'.repeat(5_000));
  assert.ok(text.endsWith(`${'&lt;'.repeat(299)}…`), text.slice(-20));
  assert.equal(contentErrorOf(titled('😀'.repeat(5_000))), undefined);
});

test('tag characters are removed', () => {
  const hidden = 'pay\u{e0069}\u{e0067}ment';
  const { blocks } = renderSlack(notificationOf(incidentOf({ subject: subjectOf({ title: hidden }) })), { links: [] });
  assert.equal(visibleLines(blocks)[1], 'payment');
});

test('Slack accepts every message of the gallery', () => {
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

test('for any text of a task a message has exactly the configured mentions and links, and an accepted size', () => {
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
    { numRuns: 500 },
  );
});

test('a line in the thread mentions at most the author of its action', () => {
  fc.assert(
    fc.property(fc.constantFrom('acked', 'snoozed', 'resolved', 'silenced', 'archived'), anyText, (what, text) => {
      const line = { at: 0, what, text } as ThreadLine;
      const { mentions } = entitiesOf(renderSlack(notificationOf(incidentOf(), { action: 'line', line }), { links }));
      assert.ok(mentions.length <= (/^[UW][A-Z0-9]+$/.test(text.trim()) ? 1 : 0), mentions.join());
    }),
  );
});

test('only the first post notes that the incident is resolved already', () => {
  const incident = incidentOf({ phase: { name: 'resolved', at: openedAt + minute, by: undefined } });
  const note = '⏱️ Resolved before it could be posted here';
  const hasNote = (action: 'post' | 'edit') =>
    visibleLines(renderSlack(notificationOf(incident, { action }), { links: [] }).blocks).includes(note);
  assert.deepEqual([hasNote('post'), hasNote('edit')], [true, false]);
});

test('the message of a bulletin names its fleet', () => {
  const footer = (options: { readonly namespace?: string }) =>
    visibleLines(renderSlack(bulletinNotificationOf(bulletinOf()), { links: [], ...options }).blocks).at(-1) ?? '';
  assert.ok(footer({ namespace: 'shop' }).endsWith(' · shop'));
  assert.ok(!footer({}).includes('default'));
});
