/** A fixed number of leases of one kind, of which each instance holds one at most: limits how many instances do a thing. */
import type { Clock } from '../runtime/clock.ts';
import type { FleetStore } from '../store/fleet.ts';
import { createLeaseHolder } from './lease-holder.ts';

export interface LeaseSlots {
  /** True while this instance holds a slot, by its own clock and without a request. True in `count` instances at most. */
  isHeld(): boolean;
  /** Renews the slot of this instance, or requests one of the others. Rejects if the store does not answer. */
  acquire(): Promise<void>;
  /** Releases the slot, if this instance held one. */
  release(): Promise<void>;
}

export interface LeaseSlotsOptions {
  readonly store: FleetStore;
  readonly name: string;
  readonly count: number;
  readonly instance: string;
  readonly clock: Clock;
}

export function createLeaseSlots({ store, name, count, instance, clock }: LeaseSlotsOptions): LeaseSlots {
  const slots = Array.from({ length: count }, (_, index) =>
    createLeaseHolder({ store, name: `${name}-${index + 1}`, instance, clock, note: () => '' }),
  );
  let next = 0;
  return {
    isHeld: () => slots.some((slot) => slot.isHeld()),
    async acquire() {
      const own = slots.find((slot) => slot.isHeld());
      // One slot at a time, so that no instance acquires two.
      next += own === undefined ? 1 : 0;
      await (own ?? slots[next % count])?.acquire();
    },
    async release() {
      await Promise.all(slots.map((slot) => slot.release()));
    },
  };
}
