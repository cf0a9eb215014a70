import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import { decode } from '../celery/format.ts';
import { type AmqpMessage, headerSenderOf, messageOf } from './amqp-message.ts';

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
      name: 'JSON in UTF-8, spelled UTF8',
      from: delivery(json, { contentEncoding: 'UTF8' }),
      form: 'event-body',
    },
    {
      name: 'JSON with an empty compression header',
      from: delivery(json, { headers: { compression: null } }),
      form: 'event-body',
    },
    {
      name: 'JSON in another encoding',
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
      name: 'a pickle without reading it',
      from: delivery(Buffer.from([0x80, 2]), { contentType: 'application/x-python-serialize' }),
      reason: 'pickle',
    },
    {
      name: 'an unknown content type',
      from: delivery('x', { contentType: 'image/png' }),
      reason: 'unknown-content-type',
    },
    {
      name: 'an unknown compression',
      from: delivery('x', { headers: { compression: 'application/x-lzma' } }),
      reason: 'unknown-encoding',
    },
    { name: 'an empty body', from: delivery(''), reason: 'not-json' },
    { name: 'a body over 64 MiB', from: delivery(' '.repeat(64 * 1024 * 1024 + 1)), reason: 'too-large' },
  ] as const;
  for (const { name, from, reason } of rejected) {
    test(`the decoder rejects ${name}`, () => {
      assert.deepEqual(decode(messageOf(from, 'rabbit', 0)), [{ ok: false, reason }]);
    });
  }
});

describe('the sender is the header hostname', () => {
  const cases = [
    { headers: { hostname: 'w1@a' }, want: 'w1@a' },
    { headers: { hostname: 7 }, want: undefined },
    { headers: {}, want: undefined },
    { headers: undefined, want: undefined },
  ];
  for (const { headers, want } of cases) {
    test(`${JSON.stringify(headers)} is ${want}`, () => assert.equal(headerSenderOf(delivery('', { headers })), want));
  }
});
