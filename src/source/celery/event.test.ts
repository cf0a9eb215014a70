import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Untrusted } from '../../event/untrusted.ts';
import { decodeEvent } from './event.ts';

const receivedAt = 1_800_000_001_000;
const base = { hostname: 'w@mill', pid: 7, timestamp: 1_800_000_000.25, uuid: 'a-b' };
const read = (fields: object) => decodeEvent({ ...base, ...fields }, receivedAt);

/** The event with its texts revealed; fails if the body is rejected. */
function eventOf(fields: object): Readonly<Record<string, unknown>> {
  const decoded = read(fields);
  assert.ok(decoded.ok, JSON.stringify(decoded));
  const entries = Object.entries(decoded.event);
  return Object.fromEntries(entries.map(([key, value]) => [key, value instanceof Untrusted ? value.reveal() : value]));
}

const about = { id: 'a-b', hostname: 'w@mill', pid: 7, at: 1_800_000_000_250, receivedAt };

describe('a task event', () => {
  const cases: readonly { readonly fields: object; readonly want: object }[] = [
    { fields: { type: 'task-started' }, want: {} },
    { fields: { type: 'task-cancelled' }, want: {} },
    { fields: { type: 'task-succeeded', result: "'ok'", runtime: 0.25 }, want: { result: "'ok'", runtimeMs: 250 } },
    { fields: { type: 'task-succeeded', result: '', runtime: -1 }, want: { result: undefined, runtimeMs: undefined } },
    {
      fields: { type: 'task-failed', exception: "E('x')", traceback: 'Traceback …' },
      want: { exception: "E('x')", traceback: 'Traceback …' },
    },
    { fields: { type: 'task-retried', exception: 7 }, want: { exception: undefined, traceback: undefined } },
    { fields: { type: 'task-rejected', requeue: true }, want: { requeue: true } },
    { fields: { type: 'task-rejected', requeue: 1 }, want: { requeue: false } },
    {
      fields: { type: 'task-revoked', terminated: true, expired: false, signum: 15 },
      want: { terminated: true, expired: false, signal: '15' },
    },
    { fields: { type: 'task-revoked', signum: 'KILL' }, want: { terminated: false, expired: false, signal: 'KILL' } },
    { fields: { type: 'task-revoked', signum: null }, want: { terminated: false, expired: false, signal: undefined } },
  ];
  for (const { fields, want } of cases) {
    test(JSON.stringify(fields), () => {
      const { type } = fields as { readonly type: string };
      assert.deepEqual(eventOf(fields), { ...about, type, ...want });
    });
  }
});

describe('a publication', () => {
  const texts = { name: 'mail.send', args: '(1,)', kwargs: '{}' };
  const ids = { root_id: 'root', parent_id: 'parent', retries: 2 };
  const times = { eta: '2027-01-15T08:00:00+00:00', expires: '2027-01-15T09:00:00Z' };
  const want = {
    ...about,
    ...texts,
    retries: 2,
    rootId: 'root',
    parentId: 'parent',
    eta: Date.UTC(2027, 0, 15, 8),
    expires: Date.UTC(2027, 0, 15, 9),
  };

  test('is read from task-received', () => {
    assert.deepEqual(eventOf({ type: 'task-received', ...texts, ...ids, ...times }), {
      ...want,
      type: 'task-received',
    });
  });

  test('is read from task-sent, with queue, exchange and routing key', () => {
    const route = { queue: 'mail', exchange: '', routing_key: 'mail' };
    assert.deepEqual(eventOf({ type: 'task-sent', ...texts, ...ids, ...times, ...route }), {
      ...want,
      type: 'task-sent',
      queue: 'mail',
      exchange: undefined,
      routingKey: 'mail',
    });
  });

  const etas = [
    { name: 'an offset', eta: '2027-01-15T09:00:00+01:00', want: Date.UTC(2027, 0, 15, 8) },
    { name: 'a short offset', eta: '2027-01-15T09:00:00+0100', want: Date.UTC(2027, 0, 15, 8) },
    { name: 'no offset', eta: '2027-01-15T09:00:00', want: undefined },
    { name: 'another type', eta: 1_800_000_000, want: undefined },
    { name: 'the first plausible millisecond', eta: '2001-09-09T01:46:40Z', want: 1e12 },
    { name: 'the millisecond before it', eta: '2001-09-09T01:46:39.999Z', want: undefined },
    { name: 'a time after 2286', eta: '2286-11-20T17:46:40Z', want: undefined },
  ];
  for (const { name, eta, want: expected } of etas)
    test(`has an eta with ${name}: ${expected}`, () =>
      assert.equal(eventOf({ type: 'task-received', eta })['eta'], expected));

  const retries = [
    { value: 0, want: 0 },
    { value: 3, want: 3 },
    { value: -1, want: 0 },
    { value: 1.5, want: 0 },
    { value: '2', want: 2 },
    { value: '-2', want: 0 },
    { value: 2 ** 53, want: 0 },
  ];
  for (const { value, want: expected } of retries)
    test(`has ${expected} retries for ${value}`, () =>
      assert.equal(eventOf({ type: 'task-received', retries: value })['retries'], expected));
});

describe('a worker event', () => {
  test('contains counters, interval and software', () => {
    const fields = {
      type: 'worker-heartbeat',
      freq: 5,
      active: 2,
      processed: 9,
      clock: 41,
      sw_ident: 'py-celery',
      sw_ver: '5.6.3',
    };
    assert.deepEqual(eventOf(fields), {
      type: 'worker-heartbeat',
      hostname: 'w@mill',
      pid: 7,
      at: about.at,
      receivedAt,
      heartbeatMs: 5_000,
      active: 2,
      processed: 9,
      clock: 41,
      software: 'py-celery 5.6.3',
    });
  });

  for (const type of ['worker-online', 'worker-offline']) {
    test(`${type} has the default interval and no counters without those fields`, () => {
      const { heartbeatMs, active, processed, clock, software } = eventOf({ type });
      assert.deepEqual([heartbeatMs, active, processed, clock, software], [2_000, ...Array(4).fill(undefined)]);
    });
  }

  test('names unknown software with a version', () => {
    assert.equal(eventOf({ type: 'worker-online', sw_ver: '1' })['software'], 'unknown 1');
  });
});

describe('a body is rejected', () => {
  const cases = [
    { name: 'without an id', fields: { type: 'task-started', uuid: '' }, want: 'no-task-id' },
    { name: 'without a type', fields: { type: 7 }, want: 'no-event-type' },
    { name: 'with an object as its id', fields: { type: 'task-started', uuid: {} }, want: 'unreadable-task-id' },
    { name: 'with a list as its id', fields: { type: 'task-started', uuid: [1] }, want: 'unreadable-task-id' },
    { name: 'with null as its id', fields: { type: 'task-started', uuid: null }, want: 'no-task-id' },
    { name: 'of an application', fields: { type: 'task-progress' }, want: 'not-a-lifecycle-event' },
    { name: 'of another worker event', fields: { type: 'worker-lost' }, want: 'not-a-lifecycle-event' },
    { name: 'of another group', fields: { type: 'beat-tick' }, want: 'not-a-lifecycle-event' },
  ];
  for (const { name, fields, want } of cases)
    test(`${name}: ${want}`, () => assert.deepEqual(read(fields), { ok: false, reason: want }));

  for (const body of [null, 7, 'text', [], undefined])
    test(`that is ${JSON.stringify(body)}: not-an-object`, () => {
      assert.deepEqual(decodeEvent(body, receivedAt), { ok: false, reason: 'not-an-object' });
    });
});

test('the limits of the plausible time are included and excluded', () => {
  assert.equal(eventOf({ type: 'task-started', timestamp: 1_000_000_000 })['at'], 1e12);
  assert.equal(eventOf({ type: 'task-started', timestamp: 9_999_999_999 })['at'], 9_999_999_999_000);
});

test('a node name that cannot be read becomes unknown', () => {
  assert.equal(eventOf({ type: 'task-started', hostname: null })['hostname'], 'unknown');
});

describe('the time of an event', () => {
  const cases = [
    { name: 'as text', timestamp: '1800000000.5', want: 1_800_000_000_500 },
    { name: 'as an integer', timestamp: 1_800_000_000, want: 1_800_000_000_000 },
    { name: 'missing', timestamp: undefined, want: receivedAt },
    { name: 'from before 2001', timestamp: 999_999_999, want: receivedAt },
    { name: 'from after 2286', timestamp: 1e10, want: receivedAt },
  ];
  for (const { name, timestamp, want } of cases)
    test(`${name} is ${want}`, () => assert.equal(eventOf({ type: 'task-started', timestamp })['at'], want));
});

test('any value in any field loses that field only, and the reason names the id or the type', () => {
  const full = {
    name: 'mail.send',
    args: '(1,)',
    kwargs: '{}',
    retries: 1,
    root_id: 'r',
    parent_id: 'p',
    eta: null,
    expires: null,
    result: "'x'",
    runtime: 1,
    exception: "E('x')",
    traceback: 'Traceback',
    requeue: true,
    signum: 9,
    queue: 'celery',
  };
  const types = ['sent', 'received', 'started', 'succeeded', 'failed', 'retried', 'rejected', 'revoked', 'cancelled'];
  const type = fc.constantFrom(...types.map((end) => `task-${end}`));
  const field = fc.constantFrom(...Object.keys({ ...base, ...full, type: '' }));
  fc.assert(
    fc.property(type, field, fc.jsonValue(), (eventType, changed, value) => {
      const decoded = read({ ...full, type: eventType, [changed]: value });
      if (decoded.ok) {
        const { event } = decoded;
        assert.ok('id' in event && (changed === 'uuid' || event.id === 'a-b'));
        assert.ok(Number.isFinite(event.at));
      } else if (changed === 'uuid') {
        assert.equal(decoded.reason, value === null || value === '' ? 'no-task-id' : 'unreadable-task-id');
      } else {
        assert.equal(changed, 'type');
        assert.equal(decoded.reason, typeof value === 'string' ? 'not-a-lifecycle-event' : 'no-event-type');
      }
    }),
    { numRuns: 2_000 },
  );
});
