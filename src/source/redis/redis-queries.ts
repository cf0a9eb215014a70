/** A Redis connection for occasional questions: opened by the first one, and again by the next one after it broke. */
import { Redis } from 'ioredis';
import type { RedisAddress } from './address.ts';
import { connectionOptions } from './connection.ts';

export interface RedisQueries {
  /** Runs `query` on an open connection. Rejects if none opens within five seconds, or when `signal` aborts. */
  run<Result>(signal: AbortSignal, query: (redis: Redis) => Promise<Result>): Promise<Result>;
  stop(): void;
}

export function createRedisQueries(address: RedisAddress): RedisQueries {
  let redis: Redis | undefined;

  function connection(): Redis {
    if (redis !== undefined) return redis;
    const opened = new Redis({
      ...connectionOptions(address),
      db: address.db,
      enableOfflineQueue: true,
      // The ready check sends INFO, which few users may, and logs a warning if that is refused.
      enableReadyCheck: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    redis = opened;
    // Each query rejects by itself; an `error` event without a listener would end the process.
    opened.on('error', () => {});
    opened.on('end', () => {
      if (redis === opened) redis = undefined;
    });
    return opened;
  }

  return {
    async run(signal, query) {
      signal.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      const onAbort = (): void => aborted.reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await Promise.race([query(connection()), aborted.promise]);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
    stop() {
      redis?.disconnect();
      redis = undefined;
    },
  };
}
