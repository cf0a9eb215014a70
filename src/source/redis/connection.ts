/** Options and set-up of the connections to a Redis that Celery uses. */
import { Redis } from 'ioredis';
import type { RedisAddress } from './address.ts';
import type { Tap } from './socket-tap.ts';

const connectTimeoutMs = 5_000;

export interface ListenerOptions {
  readonly address: RedisAddress;
  /** Wait before connection attempt `times` (1, 2, …). */
  readonly retryMs: (times: number) => number;
  /** Creates the sockets and reads the messages, except behind Sentinel, where the driver does both. */
  readonly tap: Tap;
}

/**
 * An unopened connection for a subscription. It retries for ever, fails commands while it is broken instead of queueing
 * them, and sends no command that a listener's ACL would refuse.
 */
export function createListener({ address, retryMs, tap }: ListenerOptions): Redis {
  return new Redis({
    ...connectionOptions(address),
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: retryMs,
    ...(address.target.kind === 'sentinel' ? { sentinelRetryStrategy: retryMs } : { Connector: tap }),
    // Pub/sub ignores the database: its number is only text in the channel name, so none is selected.
  });
}

/** Server and login, for a connection that opens at its first use. */
export function connectionOptions(address: RedisAddress) {
  const { target, username, password, tls } = address;
  const login = {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
  switch (target.kind) {
    case 'tcp':
      return { ...login, host: target.host, port: target.port };
    case 'socket':
      return { ...login, path: target.path };
    case 'sentinel':
      return {
        ...login,
        sentinels: target.nodes.map(({ host, port }) => ({ host, port })),
        name: target.masterName,
        ...(target.sentinelPassword === undefined ? {} : { sentinelPassword: target.sentinelPassword }),
        // The Sentinels use the same TLS as the server.
        ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
      };
    default:
      return target satisfies never;
  }
}
