/**
 * The one place where failures are counted, so that Slack, Sentry, the page and the metrics speak of the same number: a
 * failure that is told again, because later events corrected how it ended, is still one failure. Bounded.
 */
import type { Fingerprint, Millis } from '../event/ids.ts';
import type { Failure } from './failure.ts';

/** The failures with one fingerprint, as counted since the start of the process. */
export interface GroupCount {
  readonly fingerprint: Fingerprint;
  readonly count: number;
  /** When the first and the latest of them happened. */
  readonly firstAt: Millis;
  readonly lastAt: Millis;
}

/** So long alert/ knows a failure that it has seen, and a correction comes within minutes. */
const rememberMs = 60 * 60_000;
/** An hour of a flood of 28 failures a second, about 10 MB; beyond it the oldest is forgotten. */
const idsMax = 100_000;
/** Causes are places in code: nobody has so many. The one that was quiet for longest is forgotten. */
const groupsMax = 10_000;

export class FailureTally {
  readonly #seen = new Map<string, Millis>();
  readonly #groups = new Map<Fingerprint, GroupCount>();

  /** Counts `failure` and answers its group, or undefined when it was counted before. */
  count(failure: Failure, now: Millis): GroupCount | undefined {
    this.#forget(now);
    if (this.#seen.has(failure.id)) return undefined;
    this.#seen.set(failure.id, now);
    const { fingerprint, at } = failure;
    const known = this.#groups.get(fingerprint);
    const group: GroupCount = {
      fingerprint,
      count: (known?.count ?? 0) + 1,
      firstAt: Math.min(known?.firstAt ?? at, at),
      lastAt: Math.max(known?.lastAt ?? at, at),
    };
    this.#groups.delete(fingerprint);
    this.#groups.set(fingerprint, group);
    dropFirst(this.#groups, groupsMax);
    return group;
  }

  #forget(now: Millis): void {
    for (const [id, at] of this.#seen) {
      if (at + rememberMs > now && this.#seen.size < idsMax) return;
      this.#seen.delete(id);
    }
  }
}

function dropFirst(map: Map<unknown, unknown>, most: number): void {
  if (map.size <= most) return;
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
