/** A broker of the configuration → how to reach it. Throws when a certificate file cannot be read. */
import { readFileSync } from 'node:fs';
import type { BrokerTls, BrokerUrl } from '../config/values/broker-url.ts';
import type { Secret } from '../config/values/secret.ts';
import type { AmqpAddress } from '../source/amqp/connection.ts';
import type { RedisAddress } from '../source/redis/connection.ts';
import type { Tls } from '../source/tls-options.ts';

export function createAddress({
  url,
  sentinelPassword,
}: {
  readonly url: BrokerUrl;
  readonly sentinelPassword?: Secret | undefined;
}): RedisAddress {
  if (url.kind === 'amqp') throw new Error('expected a Redis, got RabbitMQ');
  const login = { db: url.db, username: url.username, password: url.password?.expose() };
  if (url.kind === 'redis-socket') return { ...login, target: { kind: 'socket', path: url.path }, tls: undefined };
  const tls = tlsOf(url.tls);
  if (url.kind === 'redis') return { ...login, target: { kind: 'tcp', host: url.host, port: url.port }, tls };
  const target = {
    kind: 'sentinel',
    nodes: url.nodes,
    masterName: url.masterName ?? 'mymaster',
    sentinelPassword: sentinelPassword?.expose(),
  } as const;
  return { ...login, target, tls };
}

export function createAmqpAddress(url: Extract<BrokerUrl, { kind: 'amqp' }>): AmqpAddress {
  const { host, port, vhost, username, password, tls } = url;
  return { host, port, vhost, username, password: password.expose(), tls: tlsOf(tls) };
}

function tlsOf(tls: BrokerTls | undefined): Tls | undefined {
  return (
    tls && {
      isVerified: tls.isVerified,
      checksHostname: tls.checksHostname,
      ca: fileOf(tls.caFile),
      cert: fileOf(tls.certFile),
      key: fileOf(tls.keyFile),
    }
  );
}

function fileOf(path: string | undefined): string | undefined {
  return path === undefined ? undefined : readFileSync(path, 'utf8');
}
