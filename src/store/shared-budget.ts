/**
 * A budget that all instances share in a window of time. In Redis, under
 *   tv:{namespace}:budget:<key>   how often it was taken; expires with its window, which starts with the first use
 */
import type { Millis } from '../event/ids.ts';
import { connectStore, exec, type RedisStoreOptions } from './redis-client.ts';

export interface SharedBudget {
  /**
   * Takes one of `most` uses in the window under `key`. Resolves to 0, or to the milliseconds until the next use is possible.
   * While the store is unreachable every use is granted, because each instance has a limit of its own too. Never rejects.
   */
  take(key: string, limit: { readonly most: number; readonly windowMs: Millis }): Promise<Millis>;
  /** May be called twice. */
  stop(): Promise<void>;
}

export function createRedisBudget({ url, namespace }: Pick<RedisStoreOptions, 'url' | 'namespace'>): SharedBudget {
  // The users of the store report its outages.
  const redis = connectStore({ url, name: `taskvigil-budget-${namespace}`, onError: () => {} });
  return {
    async take(key, { most, windowMs }) {
      const name = `tv:{${namespace}}:budget:${key}`;
      try {
        const [, taken, leftMs] = await exec(redis.multi().set(name, 0, 'PX', windowMs, 'NX').incr(name).pttl(name));
        return Number(taken) <= most ? 0 : Math.max(1, Number(leftMs));
      } catch {
        return 0;
      }
    },

    async stop() {
      redis.disconnect();
    },
  };
}
