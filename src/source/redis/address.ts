/** Address and login of a Redis. */
import type { BrokerUrl } from '../broker-url.ts';
import { type TlsOptions, tlsOptionsOf } from '../tls-options.ts';

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
  readonly tls: TlsOptions | undefined;
}

/** The name that Redis Sentinel's own examples give a master. */
const masterNameDefault = 'mymaster';

/**
 * The address in `url`. `sentinelPassword` is the password of the Sentinels; the one in the URL is the server's.
 * Throws if a certificate file cannot be read, or if `url` is not a Redis.
 */
export function redisAddressOf(url: BrokerUrl, sentinelPassword?: { expose(): string }): RedisAddress {
  if (url.kind === 'amqp') throw new Error('expected a Redis, got RabbitMQ');
  const login = { db: url.db, username: url.username, password: url.password?.expose() };
  if (url.kind === 'redis-socket') return { ...login, target: { kind: 'socket', path: url.path }, tls: undefined };
  const tls = url.tls && tlsOptionsOf(url.tls);
  if (url.kind === 'redis') return { ...login, target: { kind: 'tcp', host: url.host, port: url.port }, tls };
  const target = {
    kind: 'sentinel',
    nodes: url.nodes,
    masterName: url.masterName ?? masterNameDefault,
    sentinelPassword: sentinelPassword?.expose(),
  } as const;
  return { ...login, target, tls };
}
