/** Observations on their way to the instance that decides for the fleet, in batches, bounded; what has no room is counted away. */
import type { Observation } from '../alert/observation.ts';
import type { Millis } from '../event/ids.ts';

/** A second of a busy pod, many times over. */
const heldMax = 5_000;

export interface Sharing {
  add(observation: Observation): void;
  /** Something was heard: one word of it a batch is enough. */
  heard(at: Millis): void;
  /** Hands over what is held; keeps it when that fails. */
  send(share: (batch: string) => Promise<void>): Promise<void>;
  read(batch: string): readonly Observation[];
}

export function createSharing(): Sharing {
  let held: Observation[] = [];
  let heardAt: Millis | undefined;
  return {
    add(observation) {
      held.push(observation);
      if (held.length > heldMax) held.splice(0, held.length - heldMax);
    },
    heard(at) {
      heardAt = at;
    },
    async send(share) {
      const batch: Observation[] = heardAt === undefined ? held : [{ kind: 'heard', at: heardAt }, ...held];
      if (batch.length === 0) return;
      held = [];
      heardAt = undefined;
      try {
        await share(JSON.stringify(batch));
      } catch {
        held = [...batch, ...held].slice(-heldMax);
      }
    },
    read: (batch) => JSON.parse(batch) as Observation[],
  };
}
