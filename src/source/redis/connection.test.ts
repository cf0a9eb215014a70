import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RedisAddress } from './address.ts';
import { connectionOptions } from './connection.ts';

const tcp: RedisAddress = {
  target: { kind: 'tcp', host: 'h', port: 6_379 },
  db: 2,
  username: undefined,
  password: undefined,
  tls: undefined,
};
const common = { lazyConnect: true, connectTimeout: 5_000 };

test('a server without a login has no login options', () => {
  assert.deepEqual(connectionOptions(tcp), { ...common, host: 'h', port: 6_379 });
});

test('login and TLS are passed on', () => {
  const tls = { rejectUnauthorized: true };
  assert.deepEqual(connectionOptions({ ...tcp, username: 'u', password: 'p', tls }), {
    ...common,
    host: 'h',
    port: 6_379,
    username: 'u',
    password: 'p',
    tls,
  });
});

test('a socket has a path', () => {
  const address: RedisAddress = { ...tcp, target: { kind: 'socket', path: '/run/redis.sock' } };
  assert.deepEqual(connectionOptions(address), { ...common, path: '/run/redis.sock' });
});

const nodes = [{ host: 's1', port: 26_379 }];
const sentinel = { kind: 'sentinel', nodes, masterName: 'shop', sentinelPassword: undefined } as const;

test('Sentinels have the name of the master', () => {
  assert.deepEqual(connectionOptions({ ...tcp, target: sentinel }), { ...common, sentinels: nodes, name: 'shop' });
});

test('Sentinels have a password of their own and the TLS of the server', () => {
  const tls = { rejectUnauthorized: false };
  const address = { ...tcp, tls, target: { ...sentinel, sentinelPassword: 'sp' } };
  assert.deepEqual(connectionOptions(address), {
    ...common,
    tls,
    sentinels: nodes,
    name: 'shop',
    sentinelPassword: 'sp',
    sentinelTLS: tls,
    enableTLSForSentinelMode: true,
  });
});
