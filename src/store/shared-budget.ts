/**
 * How much all instances together may do in a window of time, where each alone would do as much again. In Redis, under
 *   tv:{namespace}:budget:<key>   how often it was taken; goes with its window, which begins with the first
 *
 * Exports: SharedBudget, createRedisBudget.
 */
import type { Millis } from '../event/ids.ts';
import { connectStore, exec, type RedisStoreOptions } from './redis-client.ts';

export interface SharedBudget {
  /**
   * Takes one of `most` in the window under `key`, and answers 0, or in how many milliseconds there is one to take again.
   * While the store is away everything is granted: who asks has a limit of its own too. Never rejects.
   */
  take(key: string, limit: { readonly most: number; readonly windowMs: Millis }): Promise<Millis>;
  /** May be called twice. */
  stop(): Promise<void>;
}

export function createRedisBudget({ url, namespace }: Pick<RedisStoreOptions, 'url' | 'namespace'>): SharedBudget {
  // That the store is away is told by those who need it.
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
