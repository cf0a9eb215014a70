import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrokerUrl } from '../broker-url.ts';
import { redisAddressOf } from './address.ts';

const password = (text: string) => ({ expose: () => text });
const login = { db: 3, username: 'watcher', password: password('secret') };
const want = { db: 3, username: 'watcher', password: 'secret', tls: undefined };

test('a host and a port', () => {
  const url: BrokerUrl = { kind: 'redis', host: 'h', port: 6_379, tls: undefined, ...login };
  assert.deepEqual(redisAddressOf(url), { ...want, target: { kind: 'tcp', host: 'h', port: 6_379 } });
});

test('a socket', () => {
  const url: BrokerUrl = { kind: 'redis-socket', path: '/run/redis.sock', ...login, password: undefined };
  assert.deepEqual(redisAddressOf(url), {
    ...want,
    password: undefined,
    target: { kind: 'socket', path: '/run/redis.sock' },
  });
});

const nodes = [{ host: 's1', port: 26_379 }];
const sentinels = [
  { masterName: 'shop', sentinelPassword: password('other'), name: 'shop', secret: 'other' },
  { masterName: undefined, sentinelPassword: undefined, name: 'mymaster', secret: undefined },
];
for (const { masterName, sentinelPassword, name, secret } of sentinels) {
  test(`Sentinels for the master ${name}`, () => {
    const url: BrokerUrl = { kind: 'redis-sentinel', nodes, masterName, tls: undefined, ...login };
    assert.deepEqual(redisAddressOf(url, sentinelPassword), {
      ...want,
      target: { kind: 'sentinel', nodes, masterName: name, sentinelPassword: secret },
    });
  });
}

test('TLS options are derived', () => {
  const tls = { isVerified: false, checksHostname: true, caFile: undefined, certFile: undefined, keyFile: undefined };
  const url: BrokerUrl = { kind: 'redis', host: 'h', port: 1, tls, ...login };
  assert.deepEqual(redisAddressOf(url).tls, { rejectUnauthorized: false });
});

test('RabbitMQ is refused', () => {
  const url: BrokerUrl = {
    kind: 'amqp',
    host: 'h',
    port: 5_672,
    vhost: '/',
    username: 'guest',
    password: password('guest'),
    tls: undefined,
  };
  assert.throws(() => redisAddressOf(url), /^Error: expected a Redis, got RabbitMQ$/);
});
