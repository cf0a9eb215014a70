import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { encode } from '@msgpack/msgpack';
import { type Body, readBody, readEnvelope, wholeValueOf } from './envelope.ts';

const event = { type: 'task-started', uuid: 'a' };
const json = JSON.stringify(event);
const charsMax = 8 * 1024 * 1024;

interface Parts {
  readonly body?: unknown;
  readonly contentType?: unknown;
  readonly compression?: unknown;
  readonly bodyEncoding?: string;
}

function envelope({
  body = base64(json),
  contentType = 'application/json',
  compression,
  bodyEncoding = 'base64',
}: Parts) {
  return JSON.stringify({
    headers: { compression },
    'content-type': contentType,
    body,
    properties: { body_encoding: bodyEncoding },
  });
}

function base64(content: string | Uint8Array): string {
  return Buffer.from(content as string).toString('base64');
}

const read: Body = { ok: true, value: event };
const rejected = (reason: Extract<Body, { ok: false }>['reason']): Body => ({ ok: false, reason });

describe('the body of an envelope', () => {
  const cases: readonly { readonly name: string; readonly payload: string; readonly want: Body }[] = [
    { name: 'in base64', payload: envelope({}), want: read },
    { name: 'as plain text', payload: envelope({ body: json, bodyEncoding: 'utf-8' }), want: read },
    { name: 'as an object', payload: envelope({ body: event }), want: read },
    { name: 'without a content type', payload: envelope({ contentType: null }), want: read },
    {
      name: 'in msgpack',
      payload: envelope({ body: base64(encode(event)), contentType: 'application/x-msgpack' }),
      want: read,
    },
    {
      name: 'in YAML',
      payload: envelope({ body: base64('type: task-started\nuuid: a\n'), contentType: 'application/x-yaml' }),
      want: read,
    },
    {
      name: 'in zlib format under the name gzip',
      payload: envelope({ body: base64(deflateSync(json)), compression: 'application/x-gzip' }),
      want: read,
    },
    {
      name: 'in gzip format',
      payload: envelope({ body: base64(gzipSync(json)), compression: 'application/x-gzip' }),
      want: read,
    },
    {
      name: 'in YAML with an alias, which could expand without limit',
      payload: envelope({ body: base64('a: &x [1]\nb: *x\n'), contentType: 'application/x-yaml' }),
      want: rejected('not-decodable'),
    },
    {
      name: 'as a pickle',
      payload: envelope({ contentType: 'application/x-python-serialize' }),
      want: rejected('pickle'),
    },
    {
      name: 'in another type',
      payload: envelope({ contentType: 'image/png' }),
      want: rejected('unknown-content-type'),
    },
    { name: 'in another compression', payload: envelope({ compression: 'bzip2' }), want: rejected('unknown-encoding') },
    {
      name: 'with a broken compression',
      payload: envelope({ body: base64('no zlib'), compression: 'application/x-gzip' }),
      want: rejected('unknown-encoding'),
    },
    { name: 'that is no JSON', payload: envelope({ body: base64('{') }), want: rejected('not-decodable') },
    { name: 'that is a number', payload: envelope({ body: 7 }), want: rejected('not-an-object') },
    { name: 'that is missing', payload: '{"headers": {}}', want: rejected('not-an-object') },
  ];
  for (const { name, payload, want } of cases) test(name, () => assert.deepEqual(readEnvelope(payload), want));

  for (const payload of ['[]', 'null', '7', '"text"'])
    test(`in ${payload} is missing`, () => assert.deepEqual(readEnvelope(payload), rejected('not-an-object')));
  for (const payload of ['', '{', 'text'])
    test(`in ${JSON.stringify(payload)} is no JSON`, () =>
      assert.deepEqual(readEnvelope(payload), rejected('not-json')));

  test('that expands beyond 64 MiB is rejected', () => {
    const bomb = deflateSync(Buffer.alloc(8 * charsMax + 1));
    const payload = envelope({ body: base64(bomb), compression: 'application/x-gzip' });
    assert.deepEqual(readEnvelope(payload), rejected('unknown-encoding'));
  });
});

describe('the envelope as kombu writes it', () => {
  const start = `{"body": "${base64(json)}", "content-encoding": "utf-8", "content-type": "application/json", `;
  const cases = [
    { name: 'is read', rest: '"headers": {}, "properties": {"body_encoding": "base64"}}', want: read },
    {
      name: 'with a compression is decompressed',
      rest: '"headers": {"compression": "application/x-gzip"}, "properties": {"body_encoding": "base64"}}',
      want: rejected('unknown-encoding'),
    },
    {
      name: 'without an encoding is text',
      rest: '"headers": {}, "properties": {}}',
      want: rejected('not-decodable'),
    },
  ];
  for (const { name, rest, want } of cases) test(name, () => assert.deepEqual(readEnvelope(start + rest), want));

  test('with a body that is no JSON is rejected', () => {
    const broken = `${start.replace(base64(json), base64('{'))}"properties": {"body_encoding": "base64"}}`;
    assert.deepEqual(readEnvelope(broken), rejected('not-decodable'));
  });
});

describe('a body of more than 8 MiB', () => {
  const large = JSON.stringify({ args: ['x'.repeat(charsMax)], ...event, result: Array(charsMax / 2).fill(1) });
  const want: Body = { ok: true, value: { args: null, ...event, result: null }, isShortened: true };
  const summary = (body: Body) => {
    if (!body.ok) return body;
    const { args, ...rest } = body.value as { readonly args: readonly string[] };
    assert.ok((args[0] ?? '').length < charsMax / 4);
    return { ...body, value: { args: null, ...rest } };
  };
  const payloads = [
    [
      'in base64, written by kombu',
      `{"body": "${base64(large)}", "content-encoding": "utf-8", "content-type": "application/json", "properties": {"body_encoding": "base64"}}`,
    ],
    ['in base64', envelope({ body: base64(large) })],
    ['as plain text', envelope({ body: large, bodyEncoding: 'utf-8' })],
    ['in zlib format', envelope({ body: base64(deflateSync(large)), compression: 'application/x-gzip' })],
  ] as const;
  for (const [name, payload] of payloads)
    test(`is read without its long values: ${name}`, () => assert.deepEqual(summary(readEnvelope(payload)), want));
  test('is read without its long values: without an envelope', () => {
    assert.deepEqual(summary(readBody(large)), want);
    assert.deepEqual(readBody(large.slice(0, -1)), rejected('not-json'));
  });
  test('is rejected in another format', () => {
    const msgpack = base64(encode(JSON.parse(large)));
    assert.deepEqual(
      readEnvelope(envelope({ body: msgpack, contentType: 'application/x-msgpack' })),
      rejected('too-large'),
    );
    const yaml = base64(`a: ${'x'.repeat(charsMax)}`);
    assert.deepEqual(readEnvelope(envelope({ body: yaml, contentType: 'application/x-yaml' })), rejected('too-large'));
  });
  test('is no whole value', () => {
    assert.equal(wholeValueOf(readBody(large)), undefined);
    assert.deepEqual(wholeValueOf(readBody(json)), event);
    assert.equal(wholeValueOf(rejected('pickle')), undefined);
  });
  test('is parsed whole up to that size', () => {
    const whole = JSON.stringify({ ...event, args: 'x'.repeat(charsMax - 100) });
    assert.deepEqual(readBody(whole), { ok: true, value: JSON.parse(whole) });
  });
});

test('a payload of more than 64 MiB is rejected unread', () => {
  const largest = `"${' '.repeat(8 * charsMax - 2)}"`;
  assert.equal(readBody(largest).ok, true);
  assert.deepEqual(readBody(`${largest} `), rejected('too-large'));
  assert.deepEqual(readEnvelope(`${largest} `), rejected('too-large'));
});

test('a body without an envelope is JSON as Python writes it', () => {
  assert.deepEqual(readBody('{"runtime": NaN}'), { ok: true, value: { runtime: null } });
  assert.deepEqual(readBody('{'), rejected('not-json'));
});
