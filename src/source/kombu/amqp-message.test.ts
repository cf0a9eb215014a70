import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import { decode } from '../celery/event.ts';
import { type AmqpMessage, heartbeatMsOf, messageOf, saidAt, senderOf } from './amqp-message.ts';

const event = { type: 'task-started', uuid: 'a', hostname: 'w1@a', timestamp: 1_700_000_000.5, clock: 1, pid: 2 };
const json = JSON.stringify(event);

function delivery(content: string | Uint8Array, properties: Partial<AmqpMessage['properties']> = {}): AmqpMessage {
  return {
    content: Buffer.from(content as string),
    properties: {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { hostname: 'w1@a' },
      ...properties,
    },
  };
}

describe('a delivery becomes a message', () => {
  const cases = [
    { name: 'JSON as it is', from: delivery(json), form: 'event-body' },
    {
      name: 'JSON without any property',
      from: delivery(json, { contentType: undefined, contentEncoding: undefined, headers: undefined }),
      form: 'event-body',
    },
    {
      name: 'JSON in UTF-8 by another spelling',
      from: delivery(json, { contentEncoding: 'UTF8' }),
      form: 'event-body',
    },
    {
      name: 'JSON with a header that says: not compressed',
      from: delivery(json, { headers: { compression: null } }),
      form: 'event-body',
    },
    {
      name: 'JSON in an encoding of another name',
      from: delivery(json, { contentEncoding: 'latin-1' }),
      form: 'kombu-envelope',
    },
    {
      name: 'compressed JSON',
      from: delivery(deflateSync(json), { headers: { compression: 'application/x-gzip' } }),
      form: 'kombu-envelope',
    },
    {
      name: 'msgpack',
      from: delivery(encode(event), { contentType: 'application/x-msgpack', contentEncoding: 'binary' }),
      form: 'kombu-envelope',
    },
    { name: 'YAML', from: delivery(json, { contentType: 'application/x-yaml' }), form: 'kombu-envelope' },
  ] as const;
  for (const { name, from, form } of cases) {
    test(name, () => {
      const message = messageOf(from, 'rabbit', 1_700_000_001_000);
      assert.equal(message.form, form);
      assert.equal(message.source, 'rabbit');
      const [decoded] = decode(message);
      assert.ok(decoded?.ok);
      assert.deepEqual(
        [decoded.event.type, decoded.event.at, decoded.event.receivedAt],
        ['task-started', 1_700_000_000_500, 1_700_000_001_000],
      );
    });
  }

  const rejected = [
    {
      name: 'a pickle, unread',
      from: delivery(Buffer.from([0x80, 2]), { contentType: 'application/x-python-serialize' }),
      reason: 'pickle',
    },
    {
      name: 'a content type that nobody knows',
      from: delivery('x', { contentType: 'image/png' }),
      reason: 'unknown-content-type',
    },
    {
      name: 'a compression that nobody knows',
      from: delivery('x', { headers: { compression: 'application/x-lzma' } }),
      reason: 'unknown-encoding',
    },
    { name: 'nothing at all', from: delivery(''), reason: 'not-json' },
    { name: 'a body beyond all measure', from: delivery(' '.repeat(8 * 1024 * 1024 + 1)), reason: 'too-large' },
  ] as const;
  for (const { name, from, reason } of rejected) {
    test(`which decode rejects: ${name}`, () => {
      assert.deepEqual(decode(messageOf(from, 'rabbit', 0)), [{ ok: false, reason }]);
    });
  }
});

describe('the sender is known by its header', () => {
  const cases = [
    { headers: { hostname: 'w1@a' }, want: 'w1@a' },
    { headers: { hostname: 7 }, want: undefined },
    { headers: {}, want: undefined },
    { headers: undefined, want: undefined },
  ];
  for (const { headers, want } of cases) {
    test(`${JSON.stringify(headers)} is ${want}`, () => assert.equal(senderOf(delivery('', { headers })), want));
  }
});

describe('the time of an event is found without parsing it', () => {
  const cases = [
    { payload: json, want: 1_700_000_000_500 },
    { payload: '{"timestamp": 1700000000.25, "type": "task-sent"}', want: 1_700_000_000_250 },
    { payload: '{"timestamp":1700000000}', want: 1_700_000_000_000 },
    {
      name: 'the last of several',
      payload: '[{"timestamp": 1700000000.5}, {"timestamp": 1700000003.5}]',
      want: 1_700_000_003_500,
    },
    {
      name: 'not one that is quoted in a text',
      payload: '{"timestamp": 1700000000.5, "traceback": "{\\"timestamp\\": 1800000000}"}',
      want: 1_700_000_000_500,
    },
    { payload: '{"timestamp": "now"}', want: undefined },
    { payload: '{"timestamp": -1}', want: undefined },
    { payload: '{"timestamp": 5}', want: undefined },
    { payload: '{"timestamp": 1e99}', want: undefined },
    { payload: '{"timestamp"', want: undefined },
    { payload: '', want: undefined },
  ];
  for (const { name, payload, want } of cases) test(name ?? payload, () => assert.equal(saidAt(payload), want));
});

describe('a heartbeat says when the next one comes', () => {
  const cases = [
    { payload: '{"freq": 2.0, "timestamp": 1700000000.5}', want: 2_000 },
    { payload: '{"freq": 30}', want: 30_000 },
    { payload: '{"freq": 0}', want: undefined },
    { payload: '{"freq": 1000000}', want: undefined },
    { payload: '{}', want: undefined },
  ];
  for (const { payload, want } of cases) test(payload, () => assert.equal(heartbeatMsOf(payload), want));
});
