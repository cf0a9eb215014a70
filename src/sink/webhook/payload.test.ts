import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  bulletinNotificationOf,
  bulletinOf,
  incidentOf,
  keyOf,
  notificationOf,
  openedAt,
  subjectOf,
} from '../../../test/fakes/incident.ts';
import { faultsOf } from '../../../test/fakes/json-schema.ts';
import type { Incident } from '../../alert/incident.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import { deliveryIdOf, type IncidentPayload, payloadOf } from './payload.ts';

const root = new URL('../../../', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('config/webhook.schema.json', root), 'utf8')) as object;
const links = [{ label: 'Trace', url: 'https://jaeger.example/trace/4bf92f3577b34da6a3ce929d0e0e4736' }];
const payload = (notification: Notification) => payloadOf(notification, { namespace: 'shop', linksOf: () => links });
const sentOf = (facts: Partial<Incident> = {}): IncidentPayload => {
  const sent = payload(notificationOf(incidentOf(facts)));
  assert.ok('incident' in sent);
  return sent;
};
const ofIncident = (facts: Partial<Incident> = {}) => sentOf(facts).incident;

const minute = 60_000;
const phase = { name: 'resolved', at: openedAt + 17 * minute, by: undefined } as const;
const everything: Partial<Incident> = {
  phase: { ...phase, by: 'U0ABC' },
  ack: { by: 'U0JO', at: openedAt },
  snoozedUntil: openedAt + minute,
  deploy: { version: '1.4.2', at: openedAt - minute, pools: [] },
  regressionOf: 'aaaa',
  keys: [keyOf(), keyOf({ signal: 'latency', total: undefined })],
};
const nothing: Partial<Incident> = {
  subject: subjectOf({ fingerprint: undefined, class: undefined, cause: undefined, example: undefined }),
  keys: [keyOf({ total: undefined, figures: { count: 1, limit: 1, withinMs: 0, baseline: Infinity, of: undefined } })],
};

describe('config/webhook.schema.json accepts', () => {
  const notifications: readonly { name: string; notification: Notification }[] = [
    { name: 'an open incident', notification: notificationOf() },
    { name: 'an incident with every field', notification: notificationOf(incidentOf(everything)) },
    { name: 'an incident without optional fields', notification: notificationOf(incidentOf(nothing)) },
    { name: 'a bulletin', notification: bulletinNotificationOf(bulletinOf({ lines: ['a: b: 3 times'] })) },
  ];
  for (const { name, notification } of notifications) {
    test(name, () => {
      const sent: unknown = JSON.parse(JSON.stringify(payload(notification)));
      assert.deepEqual(faultsOf(schema, sent, ''), []);
    });
  }
});

test('the schema refuses a payload without a revision, and unknown fields', () => {
  const sent = JSON.parse(JSON.stringify(payload(notificationOf()))) as { incident: Record<string, unknown> };
  delete sent.incident['revision'];
  sent.incident['colour'] = 'red';
  assert.notDeepEqual(faultsOf(schema, sent, ''), []);
});

test('the example in docs/webhook.md is a real payload', () => {
  const page = readFileSync(new URL('docs/webhook.md', root), 'utf8');
  const example: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
  assert.deepEqual(example, JSON.parse(JSON.stringify(payload(notificationOf()))));
});

test('an incident is open until it is resolved', () => {
  assert.deepEqual([ofIncident().phase, payload(notificationOf()).type], ['open', 'incident.open']);
  const resolved = sentOf({ phase });
  assert.equal(resolved.type, 'incident.resolved');
  assert.equal(resolved.incident.phase, 'resolved');
  assert.equal(resolved.incident.resolved_at, '2026-11-24T10:19:00.000Z');
  assert.equal(resolved.incident.resolved_by, null);
  assert.match(resolved.incident.text, /^Resolved: billing\.tasks\.charge/);
});

test('a person who resolved it is named', () => {
  assert.equal(ofIncident({ phase: { ...phase, by: 'U0ABC' } }).resolved_by, 'U0ABC');
});

test('the text names task, problem and count', () => {
  assert.equal(ofIncident().text, 'billing.tasks.charge: PaymentDeclined: card was declined: 7 times');
});

test('numbers without a JSON form are null', () => {
  const [signal] = ofIncident(nothing).signals;
  assert.deepEqual([signal!.baseline, signal!.of, signal!.total], [null, null, null]);
});

test('the delivery id names namespace, incident and revision, whatever the action', () => {
  const first = notificationOf(incidentOf({ rev: 3 }));
  assert.equal(deliveryIdOf(first, 'shop'), 'shop/7d3f9a1c2b/3');
  assert.equal(deliveryIdOf({ ...first, action: 'edit', id: 'other' }, 'shop'), 'shop/7d3f9a1c2b/3');
  assert.equal(deliveryIdOf(bulletinNotificationOf(bulletinOf({ rev: 2 })), 'shop'), 'shop/storm-1/2');
});
