/** Detects that instances decide by different policies: during a rollout, or because one of them was not updated. */
import type { Millis } from '../event/ids.ts';

/** A reload reaches all instances within seconds, so a short difference is not reported. */
const graceMs = 60_000;

export class OtherPolicies {
  #sinceAt: Millis | undefined;
  #reportedCount = 0;

  /** `count`: other instances with another policy. Returns a new count to report, or undefined: nothing has changed. */
  observe(count: number, now: Millis): number | undefined {
    this.#sinceAt = count === 0 ? undefined : (this.#sinceAt ?? now);
    const isDue = this.#sinceAt === undefined || now - this.#sinceAt >= graceMs;
    if (!isDue || count === this.#reportedCount) return undefined;
    this.#reportedCount = count;
    return count;
  }
}
