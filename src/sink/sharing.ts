/** Observations on their way to the instance that decides for the fleet, in batches, bounded; what has no room is counted away. */
import type { Observation } from '../alert/observation.ts';

/** A second of a busy pod, many times over. */
const heldMax = 5_000;

export interface Sharing {
  add(observation: Observation): void;
  /** Hands over what is held; keeps it when that fails. */
  send(share: (batch: string) => Promise<void>): Promise<void>;
  read(batch: string): readonly Observation[];
}

export function createSharing(): Sharing {
  let held: Observation[] = [];
  return {
    add(observation) {
      // That something was heard is told by everything else; one word of it a batch is enough.
      if (observation.kind === 'heard' && held.some(({ kind }) => kind === 'heard')) return;
      held.push(observation);
      if (held.length > heldMax) held.splice(0, held.length - heldMax);
    },
    async send(share) {
      if (held.length === 0) return;
      const batch = held;
      held = [];
      try {
        await share(JSON.stringify(batch));
      } catch {
        held = [...batch, ...held].slice(-heldMax);
      }
    },
    read: (batch) => JSON.parse(batch) as Observation[],
  };
}
