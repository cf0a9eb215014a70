/** A duty that a few instances may have at once, each in a place of its own: is one of them ours right now? */
import type { Clock } from '../runtime/clock.ts';
import type { FleetStore } from '../store/fleet.ts';
import { createDuty } from './lease-holder.ts';

export interface Places {
  /** By our clock, without asking, as of a duty: at most `count` instances can answer yes at any moment. */
  isHeld(): boolean;
  /** Keeps the place that is ours, or asks for one of the others. Rejects when the store cannot be reached. */
  ask(): Promise<void>;
  /** Gives it back, if one was ours. */
  release(): Promise<void>;
}

export function createPlaces({
  store,
  name,
  count,
  instance,
  clock,
}: {
  readonly store: FleetStore;
  readonly name: string;
  readonly count: number;
  readonly instance: string;
  readonly clock: Clock;
}): Places {
  const duties = Array.from({ length: count }, (_, place) =>
    createDuty({ store, name: `${name}-${place + 1}`, instance, clock, note: () => '' }),
  );
  let turn = 0;
  return {
    isHeld: () => duties.some((duty) => duty.isHeld()),
    async ask() {
      const ours = duties.find((duty) => duty.isHeld());
      // One place at a time, so that nobody takes two.
      turn += ours === undefined ? 1 : 0;
      await (ours ?? duties[turn % count])?.ask();
    },
    async release() {
      await Promise.all(duties.map((duty) => duty.release()));
    },
  };
}
