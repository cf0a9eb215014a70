/** How to reach a Redis that Celery uses, and a connection to it that only listens. */
import { Redis, type RedisOptions } from 'ioredis';

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
  readonly tls: RedisTls | undefined;
}

export interface RedisTls {
  /** False accepts any certificate, as `ssl_cert_reqs=none` asks. */
  readonly isVerified: boolean;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

const connectTimeoutMs = 5_000;

/**
 * A connection that has not been opened. It tries again for as long as `retryMs` answers with a wait, offers nothing to a
 * broken connection, and asks the server for nothing that a listener's ACL would refuse.
 */
export function createListener(address: RedisAddress, retryMs: (times: number) => number): Redis {
  const options = {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: retryMs,
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.tls === undefined ? {} : { tls: tlsOptions(address.tls) }),
  };
  const { target } = address;
  // Pub/sub does not know databases: the number is only text in the channel, so none is selected.
  switch (target.kind) {
    case 'tcp':
      return new Redis({ ...options, host: target.host, port: target.port } satisfies RedisOptions);
    case 'socket':
      return new Redis({ ...options, path: target.path });
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: target.nodes.map(({ host, port }) => ({ host, port })),
        name: target.masterName,
        sentinelRetryStrategy: retryMs,
        ...(target.sentinelPassword === undefined ? {} : { sentinelPassword: target.sentinelPassword }),
      });
    default:
      return target satisfies never;
  }
}

function tlsOptions(tls: RedisTls) {
  return {
    rejectUnauthorized: tls.isVerified,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
}
