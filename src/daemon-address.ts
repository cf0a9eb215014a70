/** A broker of the configuration → how to reach it. Throws when a certificate file cannot be read. */
import { readFileSync } from 'node:fs';
import type { BrokerConfig } from './config/config.ts';
import type { RedisAddress } from './source/redis-connection.ts';

export function createAddress({ url, sentinelPassword }: BrokerConfig): RedisAddress {
  if (url.kind === 'amqp')
    throw new Error('broker: RabbitMQ is not supported yet, expected a redis, rediss, unix or sentinel URL');
  const login = { db: url.db, username: url.username, password: url.password?.expose() };
  if (url.kind === 'redis-socket') return { ...login, target: { kind: 'socket', path: url.path }, tls: undefined };
  const tls = url.tls && {
    isVerified: url.tls.isVerified,
    ca: fileOf(url.tls.caFile),
    cert: fileOf(url.tls.certFile),
    key: fileOf(url.tls.keyFile),
  };
  if (url.kind === 'redis') return { ...login, target: { kind: 'tcp', host: url.host, port: url.port }, tls };
  const target = {
    kind: 'sentinel',
    nodes: url.nodes,
    masterName: url.masterName ?? 'mymaster',
    sentinelPassword: sentinelPassword?.expose(),
  } as const;
  return { ...login, target, tls };
}

function fileOf(path: string | undefined): string | undefined {
  return path === undefined ? undefined : readFileSync(path, 'utf8');
}
