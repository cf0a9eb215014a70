/** Wait before the next attempt. */
import type { Millis } from '../event/ids.ts';

export interface BackoffOptions {
  /** Upper limit of the first wait. */
  readonly firstMs: Millis;
  /** Upper limit of every wait. */
  readonly mostMs: Millis;
  /** 0 .. 1, new for each call. */
  readonly random: () => number;
}

/**
 * Wait after `failures` failed attempts (1, 2, …): a random time from 0 to a limit that doubles up to `mostMs`. Full jitter,
 * because many sidecars lose the same server at the same moment and must not reconnect together.
 */
export function backoffMs(failures: number, { firstMs, mostMs, random }: BackoffOptions): Millis {
  // At 2^30 every limit in use is reached; a larger power loses precision.
  const doublings = Math.min(Math.max(0, failures - 1), 30);
  return Math.round(random() * Math.min(mostMs, firstMs * 2 ** doublings));
}
