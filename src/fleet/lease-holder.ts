/** This instance's view of a lease that one instance holds at a time. */
import type { Millis } from '../event/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { FleetStore, Lease } from '../store/fleet.ts';

/** Time after which another instance may take the lease of a holder that does not renew it. */
const leaseTtlMs = 10_000;

/** Four attempts to renew before the lease expires. */
const renewMs = 2_000;

/** A standby asks on every tick, so it holds the lease within a second of its release. */
const acquireMs = 1_000;

/**
 * The lease ends here this long before it expires in the store. It is counted from before the request, so it ends here first
 * anyway; the margin covers clocks of different speed and work that started in the last moment.
 */
const marginMs = 1_000;

export interface LeaseHolder {
  /** True while this instance holds the lease, by its own clock and without a request. True in one instance at most. */
  isHeld(): boolean;
  /**
   * Acquires or renews the lease if a request is due; undefined if none is. `isResumed`: this instance holds it now and did
   * not before this call, or not in this term. Rejects if the store does not answer.
   */
  acquire(): Promise<{ readonly lease: Lease; readonly isResumed: boolean } | undefined>;
  /** Releases the lease, if this instance held it. */
  release(): Promise<void>;
}

export interface LeaseHolderOptions {
  readonly store: FleetStore;
  readonly name: string;
  readonly instance: string;
  readonly clock: Clock;
  /** Stored with the lease for the next holder: the position up to which the work is done. */
  readonly note: () => string;
}

/**
 * Guarantees, while the store keeps its data and clocks run at one speed:
 * - `isHeld()` is true in one instance at most. It becomes false when the lease may have expired, also if the store is
 *   unreachable or this process was paused, because it compares with the clock.
 * - A holder that is paused between `isHeld()` and its action may act too late. The action must tolerate a repetition, or
 *   carry the term.
 *
 * A store that loses its data can give the lease to another instance while this one still holds it for up to nine seconds.
 * The greater term is then the valid one.
 */
export function createLeaseHolder({ store, name, instance, clock, note }: LeaseHolderOptions): LeaseHolder {
  let requestedAt = Number.NEGATIVE_INFINITY;
  /** The lease from the last successful request; `at` is the time before that request. */
  let held: { readonly at: Millis; readonly term: number } | undefined;

  // A clock that was set back before the request does not show how long ago that was.
  const isFresh = ({ at }: { readonly at: Millis }): boolean =>
    clock.now() >= at && clock.now() < at + leaseTtlMs - marginMs;
  const isHeld = (): boolean => held !== undefined && isFresh(held);

  return {
    isHeld,

    async acquire() {
      const now = clock.now();
      const sinceMs = now - requestedAt;
      if (sinceMs >= 0 && sinceMs < (isHeld() ? renewMs : acquireMs)) return undefined;
      requestedAt = now;
      const lease = await store.hold(name, { instance, ttlMs: leaseTtlMs, note: note() });
      const wasHeld = isHeld() && held?.term === lease.term;
      held = lease.isMine ? { at: now, term: lease.term } : undefined;
      return { lease, isResumed: isHeld() && !wasHeld };
    },

    async release() {
      if (held === undefined) return;
      held = undefined;
      await store.release(name, { instance, note: note() });
    },
  };
}
