import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { decode } from '../source/celery-event.ts';
import { adoptedMax, createOwnership, hostIn, hostOf } from './ownership.ts';

const sidecar = () => createOwnership({ mode: 'sidecar', host: 'pod-1' });

const names = [
  { name: 'w@pod-1', want: true },
  { name: 'w1.high@pod-1', want: true },
  { name: '@pod-1', want: true },
  { name: 'pod-1', want: true },
  { name: 'w@pod-2', want: false },
  { name: 'w@pod-10', want: false },
  { name: 'w@xpod-1', want: false },
  { name: 'w@POD-1', want: false },
  { name: 'pod-1@pod-2', want: false },
  { name: 'w@pod-2@pod-1', want: false },
  { name: 'w@', want: false },
  { name: '', want: false },
  { name: 'unknown', want: false },
];
for (const { name, want } of names) {
  test(`a sidecar at pod-1 ${want ? 'accepts' : 'leaves'} what "${name}" says`, () => {
    assert.equal(sidecar().accepts(name), want);
  });
}

test('whoever stands alone accepts everything', () => {
  const { accepts } = createOwnership({ mode: 'standalone' });
  for (const { name } of names) assert.equal(accepts(name), true);
});

test('an adopted host is ours until it is let go, our own always', () => {
  const ownership = sidecar();
  ownership.adopt('pod-2');
  ownership.adopt('pod-2');
  assert.equal(ownership.accepts('w@pod-2'), true);
  assert.deepEqual(ownership.adopted(), ['pod-2']);
  ownership.letGo('pod-2');
  ownership.letGo('pod-1');
  assert.equal(ownership.accepts('w@pod-2'), false);
  assert.equal(ownership.accepts('w@pod-1'), true);
});

test('an adopted host that nothing was heard of from one look to the next is let go', () => {
  const ownership = sidecar();
  ownership.adopt('alive');
  ownership.adopt('dead');
  assert.deepEqual(ownership.letGoSilent(), [], 'just adopted');
  ownership.accepts('w@alive');
  assert.deepEqual(ownership.letGoSilent(), ['dead']);
  assert.deepEqual(ownership.adopted(), ['alive']);
  assert.equal(ownership.accepts('w@dead'), false);
  assert.deepEqual(ownership.letGoSilent(), ['alive']);
});

test('the first that was adopted goes when there are too many', () => {
  const ownership = sidecar();
  for (let index = 0; index < adoptedMax; index += 1) assert.equal(ownership.adopt(`dead-${index}`), undefined);
  assert.equal(ownership.adopt('one-more'), 'dead-0');
  assert.equal(ownership.adopted().length, adoptedMax);
  assert.equal(ownership.accepts('w@dead-0'), false);
  assert.equal(ownership.accepts('w@one-more'), true);
});

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
    name: 'values that look like keys',
    payload: JSON.stringify({ a: 'headers', b: { x: 'hostname' }, headers }),
    want: 'w@pod-1',
  },
  {
    name: 'headers twice: the last counts',
    payload: `{"headers":{"hostname":"a@a"},"headers":{"hostname":"b@b"}}`,
    want: 'b@b',
  },
  {
    name: 'as kombu writes it, and headers again',
    payload: asKombu.replace(/\}$/, ', "headers": {"hostname": "b@b"}}'),
    want: 'b@b',
  },
  {
    name: 'as kombu writes it, and headers again in disguise',
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
    name: 'hostname in disguise behind it',
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
  { name: 'nothing', payload: '', want: undefined },
  { name: 'one quote', payload: '"', want: undefined },
  { name: 'half an envelope', payload: asKombu.slice(0, -90), want: undefined },
];
for (const { name, payload, want } of payloads) {
  test(`the sender of an envelope, ${name}: ${want ?? 'not known'}`, () => assert.equal(hostOf(payload), want));
}

/** As it lies between others in what came off a socket. */
function hostInBytes(payload: string): string | undefined {
  const before = Buffer.from(`${asKombu}\r\n`);
  const bytes = Buffer.from(payload);
  return hostIn(Buffer.concat([before, bytes, before]), before.length, before.length + bytes.length);
}

test('the sender as told by the bytes is the one that the text tells, or none', () => {
  for (const { payload } of payloads) assert.ok([undefined, hostOf(payload)].includes(hostInBytes(payload)), payload);
  const told = recorded.filter(({ payload }) => {
    const host = hostInBytes(payload);
    if (host !== undefined) assert.equal(host, hostOf(payload));
    return host !== undefined;
  });
  assert.ok(told.length > recorded.length / 2, 'most envelopes are as kombu writes them');
});

interface Line {
  readonly payload: string;
  readonly dialect: string;
}

interface Envelope {
  readonly body: string;
  readonly headers: { readonly hostname: string };
}

const recorded: readonly Line[] = gunzipSync(
  readFileSync(new URL('../../test/data/recordings/dialects.ndjson.gz', import.meta.url)),
)
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);

test('every recorded envelope, in every dialect, has the sender that its headers and its events name', () => {
  assert.ok(recorded.length > 500 && new Set(recorded.map(({ dialect }) => dialect)).size > 10);
  for (const { payload, dialect } of recorded) {
    const { hostname } = (JSON.parse(payload) as Envelope).headers;
    assert.equal(hostOf(payload), hostname, dialect);
    for (const decoded of decode({ source: 'test', receivedAt: 0, payload, form: 'kombu-envelope' })) {
      if (decoded.ok) assert.equal(decoded.event.hostname, hostname, dialect);
    }
  }
});

test('every recorded envelope, written in another way, has the same sender', () => {
  for (const { payload } of recorded) {
    const envelope = JSON.parse(payload) as Envelope;
    const asText = { ...envelope, body: Buffer.from(envelope.body, 'base64').toString('utf8') };
    const backwards = Object.fromEntries(Object.entries(asText).reverse());
    for (const other of [envelope, asText, backwards]) {
      assert.equal(hostOf(JSON.stringify(other)), envelope.headers.hostname);
      assert.equal(hostOf(JSON.stringify(other, null, 1)), envelope.headers.hostname);
    }
  }
});

test('whatever JSON it is, the answer is the one of the parser, or none', () => {
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
      const found = hostOf(JSON.stringify(envelope, null, space));
      const named = (envelope as { headers?: { hostname?: unknown } | null }).headers?.hostname;
      if (found !== undefined) assert.equal(found, named);
    }),
    { numRuns: 2_000 },
  );
});

test('whatever text it is, there is an answer or none, and never an error', () => {
  const piece = fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', ',', '"headers"', '"hostname"', '"a@b"', bait);
  fc.assert(fc.property(fc.array(piece), (pieces) => void hostOf(pieces.join(''))));
});
