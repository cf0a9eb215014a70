import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { BrokerUrl } from '../../source/broker-url.ts';
import { brokerUrl, storeUrl } from './broker-url.ts';

type Parsed = { readonly ok: true; readonly broker: BrokerUrl } | { readonly ok: false; readonly reason: string };

function parse(url: string): Parsed {
  const { data, error } = brokerUrl().safeParse(url);
  return data === undefined ? { ok: false, reason: error?.issues[0]?.message ?? '' } : { ok: true, broker: data };
}

/** The broker with its password exposed, and without undefined fields. */
function shown(broker: BrokerUrl): Record<string, unknown> {
  const { password, ...rest } = broker;
  const all = { ...rest, password: password?.expose() };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const verified = { isVerified: true, checksHostname: true, caFile: undefined, certFile: undefined, keyFile: undefined };
const redis = { kind: 'redis', host: 'redis', port: 6379, db: 0 };
const amqp = { kind: 'amqp', host: 'rabbit', port: 5672, vhost: '/', username: 'guest', password: 'guest' };
const local = { ...redis, host: 'localhost' };
const sentinel = { kind: 'redis-sentinel', db: 0 };

const good: readonly { url: string; want: Record<string, unknown> }[] = [
  { url: 'redis://redis:6379/0', want: redis },
  { url: 'redis://redis', want: redis },
  { url: '  redis://redis/\n', want: redis },
  { url: 'REDIS://redis', want: redis },
  { url: 'redis://', want: local },
  { url: 'redis:///3', want: { ...local, db: 3 } },
  { url: 'redis://redis//2', want: { ...redis, db: 2 } },
  { url: 'redis://redis/0?health_check_interval=30', want: redis },
  { url: 'redis://:pw@redis:7000/15', want: { ...redis, port: 7000, db: 15, password: 'pw' } },
  { url: 'redis://user:p%40s%2Fs@redis', want: { ...redis, username: 'user', password: 'p@s/s' } },
  { url: 'redis://user:p@s:s@redis', want: { ...redis, username: 'user', password: 'p@s:s' } },
  { url: 'redis://:100%@redis', want: { ...redis, password: '100%' } },
  { url: 'redis://:p+w@redis', want: { ...redis, password: 'p+w' } },
  { url: 'redis://:p%C3%A4ss@redis', want: { ...redis, password: 'päss' } },
  { url: 'redis://[::1]:6380/1', want: { ...redis, host: '::1', port: 6380, db: 1 } },
  { url: 'rediss://redis', want: { ...redis, tls: verified } },
  { url: 'rediss://redis?ssl_cert_reqs=CERT_NONE', want: { ...redis, tls: { ...verified, isVerified: false } } },
  { url: 'rediss://redis?ssl_cert_reqs=none', want: { ...redis, tls: { ...verified, isVerified: false } } },
  { url: 'rediss://redis?ssl_cert_reqs=required', want: { ...redis, tls: verified } },
  { url: 'rediss://redis?ssl_check_hostname=False', want: { ...redis, tls: { ...verified, checksHostname: false } } },
  {
    url: 'rediss://redis/1?ssl_ca_certs=/ca.pem&ssl_certfile=%2Fcert.pem&ssl_keyfile=/key.pem',
    want: { ...redis, db: 1, tls: { ...verified, caFile: '/ca.pem', certFile: '/cert.pem', keyFile: '/key.pem' } },
  },
  { url: 'redis+socket:///run/redis.sock', want: { kind: 'redis-socket', path: '/run/redis.sock', db: 0 } },
  {
    url: 'redis+socket://:pw@/run/my%20redis.sock?virtual_host=2',
    want: { kind: 'redis-socket', path: '/run/my redis.sock', db: 2, password: 'pw' },
  },
  {
    url: 'unix:///run/redis.sock?db=3&password=pw',
    want: { kind: 'redis-socket', path: '/run/redis.sock', db: 3, password: 'pw' },
  },
  { url: 'sentinel://s1', want: { ...sentinel, nodes: [{ host: 's1', port: 26379 }] } },
  {
    url: 'sentinel://:pw@s1:26380/1;sentinel://s2:26381; sentinel://[::1]?master_name=ignored-here',
    want: {
      ...sentinel,
      db: 1,
      password: 'pw',
      nodes: [
        { host: 's1', port: 26380 },
        { host: 's2', port: 26381 },
        { host: '::1', port: 26379 },
      ],
    },
  },
  {
    url: 'sentinel://s1/0?master_name=main&ssl_cert_reqs=required',
    want: { ...sentinel, nodes: [{ host: 's1', port: 26379 }], masterName: 'main', tls: verified },
  },
  { url: 'amqp://rabbit', want: amqp },
  { url: 'amqp://rabbit/', want: amqp },
  { url: 'amqp://rabbit//', want: amqp },
  { url: 'amqp://rabbit/%2F', want: amqp },
  { url: 'amqp://rabbit/my%2Fvhost', want: { ...amqp, vhost: 'my/vhost' } },
  { url: 'pyamqp://u:p@rabbit:5673/prod', want: { ...amqp, port: 5673, vhost: 'prod', username: 'u', password: 'p' } },
  { url: 'amqps://rabbit', want: { ...amqp, port: 5671, tls: verified } },
];
for (const { url, want } of good) {
  test(`reads ${JSON.stringify(url)}`, () => {
    const parsed = parse(url);
    assert.deepEqual(parsed.ok ? shown(parsed.broker) : parsed.reason, want);
  });
}

const bad: readonly { url: string; want: RegExp }[] = [
  { url: '', want: /^expected a broker URL .*, got an empty text$/ },
  { url: 'canary', want: /^expected a broker URL / },
  { url: 'redis:/canary', want: /^expected a broker URL / },
  { url: 'sqs://canary@', want: /^expected redis:\/\/.*, got the scheme "sqs"$/ },
  { url: 'memory://', want: /got the scheme "memory"/ },
  { url: 'redis://:canary@redis/one', want: /^expected the number of a Redis database/ },
  { url: 'redis://redis/-1', want: /^expected the number of a Redis database/ },
  { url: 'redis://user:canary/x@redis/0', want: /a "\/", "\?" or "#" in a password is written %2F, %3F, %23/ },
  { url: 'redis://user:1/canary@redis/0', want: /^expected the number of a Redis database/ },
  { url: 'redis://:canary#x@redis/0', want: /written %2F, %3F, %23/ },
  { url: 'amqp://user:1/canary@rabbit/', want: /written %2F, %3F, %23/ },
  { url: 'redis://redis:0', want: /^expected a port between 1 and 65535$/ },
  { url: 'redis://redis:99999', want: /^expected a port between 1 and 65535$/ },
  { url: 'redis://:canary@redis:port', want: /^expected host:port/ },
  { url: 'redis://a;redis://:canary@b', want: /^expected one broker URL, got several/ },
  { url: 'sentinel://a;redis://:canary@b', want: /^expected sentinel:\/\/ in every part/ },
  { url: 'sentinel://:canary@/0', want: /^expected a host in every sentinel/ },
  { url: 'redis+socket://host/run/redis.sock', want: /^expected the path of a socket/ },
  { url: 'redis+socket:///run/redis.sock?virtual_host=canary', want: /^virtual_host: expected the number/ },
  { url: 'rediss://:canary@redis?ssl_cert_reqs=canary', want: /^ssl_cert_reqs: expected required, optional or none$/ },
  { url: `redis://${'x'.repeat(5_000)}`, want: /^expected a URL of at most 4096 characters, got 5008$/ },
];
for (const { url, want } of bad) {
  test(`refuses ${JSON.stringify(url.slice(0, 60))} without quoting a password`, () => {
    const parsed = parse(url);
    assert.equal(parsed.ok, false);
    assert.match(parsed.ok ? '' : parsed.reason, want);
    assert.doesNotMatch(parsed.ok ? '' : parsed.reason, /canary/);
  });
}

test('a password is hidden wherever a broker is printed', () => {
  const parsed = parse('redis://user:canary@redis/0');
  assert.equal(parsed.ok, true);
  for (const text of [
    JSON.stringify(parsed),
    inspect(parsed, { depth: 9, showHidden: true }),
    `${parsed.ok && parsed.broker.password}`,
  ]) {
    assert.doesNotMatch(text, /canary/);
    assert.match(text, /secret/);
  }
});

test('any text is accepted or refused, and none throws', () => {
  const url = fc.tuple(
    fc.constantFrom('redis', 'rediss', 'redis+socket', 'sentinel', 'amqp', 'x'),
    fc.string({ maxLength: 60 }),
  );
  fc.assert(fc.property(url, ([scheme, rest]) => typeof parse(`${scheme}://${rest}`).ok === 'boolean'));
  fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => typeof parse(text).ok === 'boolean'));
});

test('an encoded password is decoded', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (password) => {
      const parsed = parse(`redis://u:${encodeURIComponent(password)}@redis/0`);
      assert.equal(parsed.ok && parsed.broker.password?.expose(), password);
    }),
  );
});

const stores: readonly (readonly [unknown, string])[] = [
  [' redis://:canary@store:6379/1 ', ''],
  ['rediss://store/1', ''],
  ['amqp://:canary@b', 'expected redis://host:6379/1 or rediss://host:6379/1, got another kind of broker'],
  ['redis+socket:///canary', 'expected redis://host:6379/1 or rediss://host:6379/1, got another kind of broker'],
  ['redis://:canary@b/x', 'expected the number of a Redis database after the host, like redis://host:6379/0'],
  [6_379, 'expected redis://host:6379/1 or rediss://host:6379/1, got a number'],
];
for (const [url, want] of stores) {
  test(`the store ${JSON.stringify(url)} is ${want === '' ? 'accepted' : 'refused without quoting it'}`, () => {
    const { data, error } = storeUrl().safeParse(url);
    const message = error?.issues[0]?.message ?? '';
    assert.ok(message.startsWith(want), message);
    assert.doesNotMatch(message, /canary/);
    if (want === '') assert.equal(data?.expose(), String(url).trim());
  });
}

test('a broker URL that is not a text is refused by its kind', () => {
  const { error } = brokerUrl().safeParse({ host: 'canary' });
  assert.equal(error?.issues[0]?.message, 'expected a broker URL, got a mapping');
});
