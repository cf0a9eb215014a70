/** How long to wait before the next try. */
import type { Millis } from '../event/ids.ts';

export interface BackoffOptions {
  /** Most that the first wait can be. */
  readonly firstMs: Millis;
  /** Most that any wait can be. */
  readonly mostMs: Millis;
  /** 0 .. 1, new for each call. */
  readonly random: () => number;
}

/**
 * The wait after `failures` failed tries (1, 2, …): anything between nothing and a most that doubles up to `mostMs`.
 * Full jitter, because many sidecars lose the same server at the same moment and must not come back together.
 */
export function backoffMs(failures: number, { firstMs, mostMs, random }: BackoffOptions): Millis {
  // Beyond 2^30 every cap in use is reached, and a larger power would only lose its precision.
  const doublings = Math.min(Math.max(0, failures - 1), 30);
  return Math.round(random() * Math.min(mostMs, firstMs * 2 ** doublings));
}
