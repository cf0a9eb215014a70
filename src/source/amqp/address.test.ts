import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amqpAddressOf } from './address.ts';

const url = {
  kind: 'amqp',
  host: 'rabbit',
  port: 5_672,
  vhost: '/shop',
  username: 'watcher',
  password: { expose: () => 'secret' },
} as const;
const want = { host: 'rabbit', port: 5_672, vhost: '/shop', username: 'watcher', password: 'secret' };

test('an address has the exposed password and no TLS', () => {
  assert.deepEqual(amqpAddressOf({ ...url, tls: undefined }), { ...want, tls: undefined });
});

test('TLS options are derived', () => {
  const tls = { isVerified: true, checksHostname: true, caFile: undefined, certFile: undefined, keyFile: undefined };
  assert.deepEqual(amqpAddressOf({ ...url, tls }), { ...want, tls: { rejectUnauthorized: true } });
});
