import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { decode } from '../celery/format.ts';
import { createSenderReader, senderOf } from './sender.ts';

const body = Buffer.from('{"hostname": "inside@body"}').toString('base64');
const headers = { hostname: 'w@pod-1' };
const properties = {
  body_encoding: 'base64',
  delivery_info: { exchange: 'celeryev', routing_key: 'a.b' },
  priority: 0,
};
const asKombu = `{"body": "${body}", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"hostname": "w@pod-1"}, "properties": {"priority": 0}}`;
const bait = '{"headers": {"hostname": "bait@body"}}';

const payloads: readonly { readonly name: string; readonly payload: string; readonly want: string | undefined }[] = [
  { name: 'as kombu writes it', payload: asKombu, want: 'w@pod-1' },
  { name: 'without spaces', payload: JSON.stringify({ body, headers, properties }), want: 'w@pod-1' },
  {
    name: 'with many spaces',
    payload: `\n ${JSON.stringify({ body, headers, properties }, null, '\t')} \n`,
    want: 'w@pod-1',
  },
  { name: 'headers first', payload: JSON.stringify({ headers, properties, body }), want: 'w@pod-1' },
  { name: 'headers last', payload: JSON.stringify({ body, properties, headers }), want: 'w@pod-1' },
  {
    name: 'other headers around',
    payload: JSON.stringify({ headers: { a: [1], ...headers, z: { y: null } } }),
    want: 'w@pod-1',
  },
  { name: 'a body that is text', payload: JSON.stringify({ body: bait, headers, properties }), want: 'w@pod-1' },
  { name: 'a body that is text, last', payload: JSON.stringify({ headers, body: bait }), want: 'w@pod-1' },
  {
    name: 'a body that is text with escapes',
    payload: JSON.stringify({ headers, body: '\\" \\\\" \\\\' }),
    want: 'w@pod-1',
  },
  {
    name: 'a body that is an object, last',
    payload: JSON.stringify({ headers, body: JSON.parse(bait) }),
    want: 'w@pod-1',
  },
  { name: 'bait in a body and no headers', payload: JSON.stringify({ body: JSON.parse(bait) }), want: undefined },
  { name: 'bait in text and no headers', payload: JSON.stringify({ body: bait, properties }), want: undefined },
  {
    name: 'bait among the properties',
    payload: JSON.stringify({ headers, properties: JSON.parse(bait) }),
    want: 'w@pod-1',
  },
  {
    name: 'bait deeper in the headers',
    payload: JSON.stringify({ headers: { headers: { hostname: 'bait@x' } } }),
    want: undefined,
  },
  {
    name: 'a hostname beside the headers',
    payload: JSON.stringify({ headers: {}, hostname: 'bait@x' }),
    want: undefined,
  },
  { name: 'a hostname in a list of headers', payload: JSON.stringify({ headers: [headers] }), want: undefined },
  {
    name: 'values with the names of keys',
    payload: JSON.stringify({ a: 'headers', b: { x: 'hostname' }, headers }),
    want: 'w@pod-1',
  },
  {
    name: 'headers twice: the last counts',
    payload: `{"headers":{"hostname":"a@a"},"headers":{"hostname":"b@b"}}`,
    want: 'b@b',
  },
  {
    name: 'as kombu writes it, with a second headers key',
    payload: asKombu.replace(/\}$/, ', "headers": {"hostname": "b@b"}}'),
    want: 'b@b',
  },
  {
    name: 'as kombu writes it, with an escaped second headers key',
    payload: asKombu.replace(/\}$/, ', "h\\u0065aders": {"hostname": "b@b"}}'),
    want: undefined,
  },
  { name: 'hostname twice: the last counts', payload: `{"headers":{"hostname":"a@a","hostname":"b@b"}}`, want: 'b@b' },
  {
    name: 'hostname twice, the last no text',
    payload: `{"headers":{"hostname":"a@a","hostname":null}}`,
    want: undefined,
  },
  {
    name: 'an escaped hostname key after it',
    payload: `{"headers":{"hostname":"a@a","h\\u006fstname":"b@b"}}`,
    want: undefined,
  },
  { name: 'no hostname', payload: JSON.stringify({ body, headers: { lang: 'py' }, properties }), want: undefined },
  { name: 'a hostname that is null', payload: JSON.stringify({ headers: { hostname: null } }), want: undefined },
  {
    name: 'a hostname that is an object',
    payload: JSON.stringify({ headers: { hostname: { x: 'a@b' } } }),
    want: undefined,
  },
  { name: 'a hostname that is a list', payload: JSON.stringify({ headers: { hostname: ['a@b'] } }), want: undefined },
  { name: 'an empty hostname', payload: JSON.stringify({ headers: { hostname: '' } }), want: undefined },
  { name: 'a hostname with an escape', payload: JSON.stringify({ headers: { hostname: 'w@p"1' } }), want: undefined },
  { name: 'a hostname beyond ASCII', payload: JSON.stringify({ headers: { hostname: 'w@pöd' } }), want: undefined },
  {
    name: 'the longest hostname',
    payload: JSON.stringify({ headers: { hostname: 'w'.repeat(256) } }),
    want: 'w'.repeat(256),
  },
  {
    name: 'a hostname that is too long',
    payload: JSON.stringify({ headers: { hostname: 'w'.repeat(257) } }),
    want: undefined,
  },
  { name: 'a list', payload: JSON.stringify([{ headers }]), want: undefined },
  { name: 'an event without an envelope', payload: '{"hostname": "w@pod-1", "type": "task-sent"}', want: undefined },
  { name: 'an empty text', payload: '', want: undefined },
  { name: 'one quote', payload: '"', want: undefined },
  { name: 'half an envelope', payload: asKombu.slice(0, -90), want: undefined },
];
for (const { name, payload, want } of payloads) {
  test(`the sender of an envelope, ${name}: ${want ?? 'undefined'}`, () => assert.equal(senderOf(payload), want));
}

/** The payload between other bytes in a socket's buffer. */
function readerOf(): (payload: string) => string | undefined {
  const read = createSenderReader();
  const before = Buffer.from(`${asKombu}\r\n`);
  return (payload) => {
    const bytes = Buffer.from(payload);
    return read(Buffer.concat([before, bytes, before]), before.length, before.length + bytes.length);
  };
}

/** A payload as kombu writes it, with a delivery tag of its own. */
function tagged(name: string, index: number, inside = 'QUJD'): string {
  const tag = `7f2b1c9e-2d1f-4b60-a7f3-${String(index).padStart(12, '0')}`;
  return `{"body": "${inside}", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"hostname": "${name}"}, "properties": {"delivery_mode": 1, "delivery_info": {"exchange": "celeryev", "routing_key": "task.multi"}, "priority": 0, "body_encoding": "base64", "delivery_tag": "${tag}"}}`;
}

test('the bytes give the same sender as the text, in any order of messages', () => {
  const read = readerOf();
  const all = [...payloads, ...recorded].map(({ payload }) => payload);
  for (const payload of [...all, ...all]) assert.equal(read(payload), senderOf(payload), payload);
});

test('once an ending is learned, only the name of a message becomes text', () => {
  const read = createSenderReader();
  const textsOf = (payload: string): (string | undefined)[] => {
    const texts: string[] = [];
    const bytes = Object.assign(Buffer.from(payload), {
      toString: (...args: [BufferEncoding, number, number]): string => {
        const text = Buffer.prototype.toString.apply(bytes, args);
        texts.push(text);
        return text;
      },
    });
    return [read(bytes, 0, bytes.length), ...texts];
  };
  const [first, second] = [tagged('w@pod-1', 1), tagged('w@pod-2', 2)];
  assert.deepEqual(textsOf(first), ['w@pod-1', first]);
  assert.deepEqual(textsOf(second), ['w@pod-2', 'w@pod-2']);
});

test('an ending that another key could have is not learned', () => {
  const read = readerOf();
  const nested = (name: string): string =>
    tagged('w@pod-1', 3).replace('"priority": 0', `"x": {"headers": {"hostname": "${name}"}}, "priority": 0`);
  assert.equal(read(nested('w@pod-1')), 'w@pod-1');
  assert.equal(read(nested('bait@x')), 'w@pod-1');
  const again = (name: string): string =>
    tagged(name, 4).replace('"}, "properties"', '", "hostname": "last@x"}, "properties"');
  for (const name of ['last@x', 'w@pod-1']) assert.equal(read(again(name)), 'last@x');
});

test("for any message with a learned ending the sender is the parser's or undefined", () => {
  const read = readerOf();
  read(tagged('w@pod-1', 5));
  const end = tagged('', 6).slice(tagged('', 6).indexOf('"}, "properties"'));
  const piece = fc.constantFrom(
    '{',
    '}',
    '"headers": {"hostname": "',
    'a@b',
    '"',
    '\\',
    ', ',
    '"body": "',
    end,
    '"x": ',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const payload = `{${pieces.join('')}${end}`;
      const parsed = parsedOf(payload);
      const found = read(payload);
      if (parsed !== undefined && found !== undefined) assert.equal(found, parsed.headers?.hostname);
    }),
    { numRuns: 20_000 },
  );
});

function parsedOf(payload: string): { readonly headers?: { readonly hostname?: unknown } | null } | undefined {
  try {
    return JSON.parse(payload) as { headers?: { hostname?: unknown } | null };
  } catch {
    return undefined;
  }
}

interface Line {
  readonly payload: string;
  readonly dialect: string;
}

interface Envelope {
  readonly body: string;
  readonly headers: { readonly hostname: string };
}

const recorded: readonly Line[] = gunzipSync(
  readFileSync(new URL('../../../test/data/recordings/dialects.ndjson.gz', import.meta.url)),
)
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);

test('every recorded envelope has the sender that its headers and its events name', () => {
  assert.ok(recorded.length > 500 && new Set(recorded.map(({ dialect }) => dialect)).size > 10);
  for (const { payload, dialect } of recorded) {
    const { hostname } = (JSON.parse(payload) as Envelope).headers;
    assert.equal(senderOf(payload), hostname, dialect);
    for (const decoded of decode({ source: 'test', receivedAt: 0, payload, form: 'kombu-envelope' })) {
      if (decoded.ok) assert.equal(decoded.event.hostname, hostname, dialect);
    }
  }
});

test('every recorded envelope in another layout has the same sender', () => {
  for (const { payload } of recorded) {
    const envelope = JSON.parse(payload) as Envelope;
    const asText = { ...envelope, body: Buffer.from(envelope.body, 'base64').toString('utf8') };
    const backwards = Object.fromEntries(Object.entries(asText).reverse());
    for (const other of [envelope, asText, backwards]) {
      assert.equal(senderOf(JSON.stringify(other)), envelope.headers.hostname);
      assert.equal(senderOf(JSON.stringify(other, null, 1)), envelope.headers.hostname);
    }
  }
});

test("for any JSON the sender is the parser's or undefined", () => {
  const key = fc.constantFrom('headers', 'hostname', 'body', '\\', '"', '":{"', 'hostname": "x');
  const text = fc.oneof(key, fc.string(), fc.constantFrom('a@b', bait, '\\"headers\\":'));
  const { any } = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.constantFrom(null, true, -1.5e-7),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(key, tie('any'), { maxKeys: 4 }),
    ),
  }));
  const spaces = fc.constantFrom(undefined, 1, '\t');
  fc.assert(
    fc.property(any, fc.dictionary(key, any, { maxKeys: 4 }), spaces, (value, more, space) => {
      const envelope: unknown = { a: value, ...more };
      const found = senderOf(JSON.stringify(envelope, null, space));
      const named = (envelope as { headers?: { hostname?: unknown } | null }).headers?.hostname;
      if (found !== undefined) assert.equal(found, named);
    }),
    { numRuns: 2_000 },
  );
});

test('no text causes an error', () => {
  const piece = fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', ',', '"headers"', '"hostname"', '"a@b"', bait);
  fc.assert(fc.property(fc.array(piece), (pieces) => void senderOf(pieces.join(''))));
});
