/** A connection that asks Redis something now and then: opened at the first question, closed when nobody asks any more. */
import { Redis } from 'ioredis';
import { connectionOptions, type RedisAddress } from './connection.ts';

export interface Asker {
  /** Runs `ask` on an open connection. Rejects when there is none within five seconds, or when `signal` aborts. */
  with<T>(signal: AbortSignal, ask: (redis: Redis) => Promise<T>): Promise<T>;
  stop(): void;
}

export function createAsker(address: RedisAddress): Asker {
  let redis: Redis | undefined;

  function connection(): Redis {
    if (redis !== undefined) return redis;
    const options = {
      ...connectionOptions(address),
      db: address.db,
      enableOfflineQueue: true,
      // It would ask INFO, which few users may, and complain of that with a voice of its own.
      enableReadyCheck: false,
      maxRetriesPerRequest: 0,
      // A broken connection answers nobody; the next question opens a new one.
      retryStrategy: () => null,
    };
    const opened = new Redis(options);
    redis = opened;
    // Each question rejects by itself.
    opened.on('error', () => {});
    opened.on('end', () => {
      if (redis === opened) redis = undefined;
    });
    return opened;
  }

  return {
    async with(signal, ask) {
      signal.throwIfAborted();
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      return Promise.race([ask(connection()), aborted]);
    },
    stop() {
      redis?.disconnect();
      redis = undefined;
    },
  };
}
