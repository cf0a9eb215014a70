/**
 * The only count of failures, so that Slack, Sentry, the status page and the metrics show one number. A failure that is
 * reported again, because later events corrected its outcome, is counted once.
 */
import type { Fingerprint, Millis } from '../event/ids.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import type { Failure } from './failure.ts';

/** The failures with one fingerprint since the start of the process. */
export interface GroupCount {
  readonly fingerprint: Fingerprint;
  readonly count: number;
  /** Time of the earliest and the latest of them. */
  readonly firstAt: Millis;
  readonly lastAt: Millis;
}

/** Time for which a failure's id is kept. A correction arrives within minutes. */
const rememberMs = 60 * 60_000;
/** An hour of 28 failures per second, about 10 MB; the oldest id is evicted first. */
const idsMax = 100_000;
/** Fingerprints are places in code, so fewer exist. The group without a failure for the longest time is evicted first. */
const groupsMax = 10_000;

export class FailureTally {
  readonly #countedAt = new BoundedMap<string, Millis>({ itemsMax: idsMax });
  readonly #groups = new BoundedMap<Fingerprint, GroupCount>({ itemsMax: groupsMax });

  /** Counts `failure` and returns its group; undefined if the failure was counted before. */
  count(failure: Failure, now: Millis): GroupCount | undefined {
    this.#expire(now);
    if (this.#countedAt.has(failure.id)) return undefined;
    this.#countedAt.set(failure.id, now);
    const { fingerprint, at } = failure;
    const before = this.#groups.touch(fingerprint);
    const group: GroupCount = {
      fingerprint,
      count: (before?.count ?? 0) + 1,
      firstAt: Math.min(before?.firstAt ?? at, at),
      lastAt: Math.max(before?.lastAt ?? at, at),
    };
    this.#groups.set(fingerprint, group);
    return group;
  }

  #expire(now: Millis): void {
    for (const [id, at] of this.#countedAt) {
      if (at + rememberMs > now) return;
      this.#countedAt.delete(id);
    }
  }
}
