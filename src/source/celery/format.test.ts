import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import type { Decoded } from '../source.ts';
import { decode } from './format.ts';

const at = 1_800_000_000;
const failed = {
  type: 'task-failed',
  uuid: 'a-b',
  hostname: 'w@mill',
  pid: 7,
  timestamp: at,
  exception: "E('x')",
  traceback: null,
};

interface Wrapping {
  readonly contentType?: string;
  readonly bodyEncoding?: string;
  readonly compression?: string;
}

function envelope(
  body: Buffer | string,
  { contentType = 'application/json', bodyEncoding = 'base64', compression }: Wrapping = {},
): string {
  const text = bodyEncoding === 'base64' ? Buffer.from(body).toString('base64') : String(body);
  return JSON.stringify({
    body: text,
    'content-encoding': 'utf-8',
    'content-type': contentType,
    headers: { hostname: 'w@mill', ...(compression === undefined ? {} : { compression }) },
    properties: { body_encoding: bodyEncoding, delivery_tag: 'x' },
  });
}

function read(payload: string): readonly Decoded[] {
  return decode({ source: 'test', receivedAt: 1, payload, form: 'kombu-envelope' });
}

function summary(payload: string): string {
  return read(payload)
    .map((decoded) => (decoded.ok ? decoded.event.type : decoded.reason))
    .join(' ');
}

const json = JSON.stringify(failed);
const cases = [
  { name: 'a base64 body', payload: envelope(json), want: 'task-failed' },
  { name: 'a plain text body', payload: envelope(json, { bodyEncoding: 'utf-8' }), want: 'task-failed' },
  { name: 'several events in one message', payload: envelope(`[${json},${json}]`), want: 'task-failed task-failed' },
  { name: 'an empty array as no event', payload: envelope('[]'), want: '' },
  {
    name: 'msgpack',
    payload: envelope(Buffer.from(encode(failed)), { contentType: 'application/x-msgpack' }),
    want: 'task-failed',
  },
  {
    name: 'yaml',
    payload: envelope('type: task-started\nuuid: a\ntimestamp: 1800000000.5\nhostname: w@x\n', {
      contentType: 'application/x-yaml',
    }),
    want: 'task-started',
  },
  {
    name: 'a pickle as a pickle',
    payload: envelope('\u0080\u0004.', { contentType: 'application/x-python-serialize' }),
    want: 'pickle',
  },
  {
    name: 'zlib under the name of gzip',
    payload: envelope(deflateSync(json), { compression: 'application/x-gzip' }),
    want: 'task-failed',
  },
  {
    name: 'an unknown compression',
    payload: envelope(json, { compression: 'application/x-new' }),
    want: 'unknown-encoding',
  },
  {
    name: 'an unknown content type',
    payload: envelope(json, { contentType: 'text/plain' }),
    want: 'unknown-content-type',
  },
  { name: 'a text that is no JSON', payload: 'hello', want: 'not-json' },
  {
    name: 'NaN and Infinity, which Python writes',
    payload: envelope(
      '{"type":"task-succeeded","uuid":"a","timestamp":1800000000,"runtime":NaN,"x":-Infinity,"result":"NaN"}',
    ),
    want: 'task-succeeded',
  },
  {
    name: 'an integer beyond 2^53',
    payload: envelope('{"type":"task-started","uuid":"a","timestamp":1800000000,"clock":123456789012345678901}'),
    want: 'task-started',
  },
  { name: 'an event without an id', payload: envelope(JSON.stringify({ ...failed, uuid: null })), want: 'no-task-id' },
  {
    name: 'an event without a time',
    payload: envelope(JSON.stringify({ ...failed, timestamp: null })),
    want: 'task-failed',
  },
  {
    name: "an application's own event",
    payload: envelope(JSON.stringify({ ...failed, type: 'task-progress' })),
    want: 'not-a-lifecycle-event',
  },
  { name: 'one bad event beside a good one', payload: envelope(`[7,${json}]`), want: 'not-an-object task-failed' },
];

for (const { name, payload, want } of cases) {
  test(`reads ${name}`, () => assert.equal(summary(payload), want));
}

describe('a message of more than 8 MiB', () => {
  const { type, timestamp, ...rest } = failed;
  // As in a message of Celery, the type and the time are the last fields.
  const large = {
    ...rest,
    exception: `E('${'x'.repeat(6e6)}')`,
    traceback: '\\"\u00e9\n'.repeat(1.5e6),
    timestamp,
    type,
  };
  const outline = (decoded: Decoded) =>
    decoded.ok
      ? [decoded.event.type, 'id' in decoded.event && decoded.event.id, decoded.event.at, decoded.isShortened]
      : decoded.reason;
  const want = ['task-failed', 'a-b', at * 1_000, true];
  const body = JSON.stringify(large);

  test('states its id, type and time, and that it was shortened', () => {
    assert.deepEqual(read(envelope(body)).map(outline), [want]);
    assert.deepEqual(read(envelope(body, { bodyEncoding: 'utf-8' })).map(outline), [want]);
    assert.deepEqual(decode({ source: 'test', receivedAt: 1, payload: body, form: 'event-body' }).map(outline), [want]);
  });

  test('costs no other event of the message', () => {
    const payload = envelope(`[${json},${body},7,${body}]`);
    assert.deepEqual(read(payload).map(outline), [[...want.slice(0, 3), true], want, 'not-an-object', want]);
  });

  test('states the status of a result with a large value', () => {
    for (const result of ['x'.repeat(12e6), Array(6e6).fill(1), { exc_type: 'E', exc_message: ['x'.repeat(12e6)] }]) {
      const payload = JSON.stringify({ result, traceback: null, status: 'FAILURE', task_id: 'a-b' });
      const [decoded] = decode({ source: 'test', receivedAt: 1, payload, form: 'result-meta' });
      assert.ok(decoded?.ok && decoded.event.type === 'task-result');
      assert.deepEqual([decoded.event.status, decoded.event.id, decoded.isShortened], ['failure', 'a-b', true]);
      assert.equal(decoded.event.exception !== undefined, 'exc_type' in Object(result));
    }
  });
});

test('worker text is untrusted and does not print', () => {
  const [decoded] = read(envelope(json));
  assert.ok(decoded?.ok && decoded.event.type === 'task-failed');
  assert.equal(`${decoded.event.exception}`, '[untrusted]');
  assert.ok(!JSON.stringify(decoded).includes("E('x')"));
});

test('an eta with an offset is read, one without is unknown', () => {
  const eta = (value: string) => {
    const [decoded] = read(envelope(JSON.stringify({ ...failed, type: 'task-received', eta: value })));
    return decoded?.ok && decoded.event.type === 'task-received' ? decoded.event.eta : 'unread';
  };
  assert.equal(eta('2027-01-15T08:00:00.000000+09:00'), Date.parse('2027-01-14T23:00:00Z'));
  assert.equal(eta('2027-01-15T08:00:00.000000'), undefined);
});

test('the reply to a remote heartbeat command has no counters', () => {
  const [decoded] = read(
    envelope(JSON.stringify({ type: 'worker-heartbeat', hostname: 'w@mill', timestamp: at, freq: 5 })),
  );
  assert.ok(decoded?.ok && decoded.event.type === 'worker-heartbeat');
  assert.deepEqual([decoded.event.active, decoded.event.heartbeatMs], [undefined, 5_000]);
});

test('no body makes the decoder throw', () => {
  fc.assert(fc.property(fc.string(), (payload) => void read(payload)));
  fc.assert(fc.property(fc.json(), (body) => void read(envelope(body))));
});

describe('an id that is a number', () => {
  const started = (id: string) =>
    `{"type":"task-received","uuid":${id},"root_id":${id},"parent_id":${id},"timestamp":1800000000}`;
  for (const id of ['42', '0.5', '1e+22', '123456789012345678901'])
    test(`is the text that Python wrote: ${id}`, () => {
      for (const decoded of [...read(envelope(started(id))), ...read(envelope(`[${started(id)}]`))]) {
        assert.ok(decoded.ok && decoded.event.type === 'task-received');
        assert.deepEqual([decoded.event.id, decoded.event.rootId, decoded.event.parentId], [id, id, id]);
      }
    });
});
