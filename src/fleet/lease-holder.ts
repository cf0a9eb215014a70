/**
 * A duty that only one instance may have, seen from here: is it ours right now?
 *
 * Exports: Duty, createDuty, dutyTtlMs.
 */
import type { Millis } from '../event/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { FleetStore, Lease } from '../store/fleet.ts';

/** How long a holder that says nothing keeps the duty: the longest that nobody does it. */
export const dutyTtlMs = 10_000;

/** Four tries to renew before the lease runs out. */
const renewMs = 2_000;

/** Whoever waits asks on every tick, so that it has the duty within a second of its becoming free. */
const askMs = 1_000;

/**
 * We stop that much before the lease runs out at the store. We count from before we asked, so it ends here first anyway;
 * this is for clocks that do not run at one speed, and for what was begun in the last moment.
 */
const marginMs = 1_000;

export interface Duty {
  /** By our clock, without asking: at most one instance can answer yes at any moment (see createDuty). */
  isHeld(): boolean;
  /** Asks when it is time to. `isResumed`: it is ours, and a moment ago it was not, or not in this term. */
  ask(): Promise<{ readonly lease: Lease; readonly isResumed: boolean } | undefined>;
  /** Gives it back, if it was ever ours. */
  release(): Promise<void>;
}

/**
 * What holds, while the store keeps its data and clocks run at one speed (a store that was flushed can give the duty to
 * another one while we think for up to nine seconds that it is ours; the greater term tells who is right):
 * - `isHeld()` is true in one instance at most. It is false as soon as the lease may have run out, whether the store
 *   answers, or is away, or we were paused: the question looks at the clock.
 * - A holder that is paused between asking `isHeld()` and acting on it may act too late: what it does must bear being done
 *   twice, or carry the term.
 */
export function createDuty({
  store,
  name,
  instance,
  clock,
  note,
}: {
  readonly store: FleetStore;
  readonly name: string;
  readonly instance: string;
  readonly clock: Clock;
  /** Up to where our work is done, for whoever comes after us. */
  readonly note: () => string;
}): Duty {
  let askedAt = Number.NEGATIVE_INFINITY;
  /** The lease as of our last question that was answered with yes; `at` is when we asked. */
  let held: { readonly at: Millis; readonly term: number } | undefined;

  // A clock that went back behind our question says nothing about how long ago it was.
  const isFresh = ({ at }: { readonly at: Millis }): boolean =>
    clock.now() >= at && clock.now() < at + dutyTtlMs - marginMs;
  const isHeld = (): boolean => held !== undefined && isFresh(held);

  return {
    isHeld,

    async ask() {
      const now = clock.now();
      const sinceMs = now - askedAt;
      if (sinceMs >= 0 && sinceMs < (isHeld() ? renewMs : askMs)) return undefined;
      askedAt = now;
      const lease = await store.hold(name, { instance, ttlMs: dutyTtlMs, note: note() });
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
