/** How to reach a Redis that Celery uses, and a connection to it that only listens. */
import { Redis } from 'ioredis';
import { type Tls, tlsOptions } from '../tls-options.ts';
import { type TapOptions, tapOf } from './socket-tap.ts';

export interface RedisAddress {
  readonly target:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'socket'; readonly path: string }
    | {
        readonly kind: 'sentinel';
        readonly nodes: readonly { readonly host: string; readonly port: number }[];
        readonly masterName: string;
        readonly sentinelPassword: string | undefined;
      };
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: Tls | undefined;
}

const connectTimeoutMs = 5_000;

/**
 * A connection that has not been opened. It tries again for as long as `retryMs` answers with a wait, offers nothing to a
 * broken connection, and asks the server for nothing that a listener's ACL would refuse. Its messages go to `tap`; behind
 * Sentinel, where the driver makes its sockets itself, they come as its events.
 */
export function createListener(address: RedisAddress, retryMs: (times: number) => number, tap: TapOptions): Redis {
  const { target } = address;
  const options = {
    ...connectionOptions(address),
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: retryMs,
    ...(target.kind === 'sentinel' ? { sentinelRetryStrategy: retryMs } : { Connector: tapOf(tap) }),
    // Pub/sub does not know databases: the number is only text in the channel, so none is selected.
  };
  return new Redis(options);
}

/** Where and as whom, for a connection that is opened when it is used. */
export function connectionOptions(address: RedisAddress) {
  const { target } = address;
  const login = {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.tls === undefined ? {} : { tls: tlsOptions(address.tls) }),
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
        // Those that are asked where the server is are sealed as it is.
        ...(address.tls === undefined ? {} : { sentinelTLS: tlsOptions(address.tls), enableTLSForSentinelMode: true }),
      };
    default:
      return target satisfies never;
  }
}
