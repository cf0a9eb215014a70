/** How long a source waits before it connects again. */
import type { Millis } from '../event/ids.ts';
import { backoffMs } from '../runtime/backoff.ts';

const firstMs = 500;
/** Events over Redis are lost until the connection is back, and an attempt costs the broker little. */
const mostMs = 10_000;
/** A broker that restarts refuses for longer than this, so a shorter wait would only add a log line. */
const leastMs = 50;

/** The wait after `failures` failed attempts (1, 2, …). `random` gives 0 .. 1. */
export function reconnectMs(failures: number, random: () => number): Millis {
  return Math.max(leastMs, backoffMs(failures, { firstMs, mostMs, random }));
}
