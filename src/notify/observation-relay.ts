/** Observations on their way to the instance that decides for the fleet, in batches, bounded; what has no room is counted. */
import type { Observation } from '../alert/evidence/observation.ts';
import type { Millis } from '../event/ids.ts';

/** A second of a busy pod, many times over. */
export const heldMax = 5_000;

export interface ObservationRelay {
  add(observation: Observation): void;
  /** Something was heard: one word of it a batch is enough. */
  heard(at: Millis): void;
  /** What is held, for an instance that decides by itself now. */
  take(): readonly Observation[];
  /** Hands over what is held; keeps it when that fails. */
  send(share: (batch: string) => Promise<void>): Promise<void>;
  /** What another instance handed over; nothing when it speaks another language. */
  read(batch: string): readonly Observation[];
}

export function createObservationRelay(onDropped: (count: number) => void): ObservationRelay {
  let held: Observation[] = [];
  let heardAt: Millis | undefined;
  let dropped = 0;

  function take(): readonly Observation[] {
    const taken = heardAt === undefined ? held : [{ kind: 'heard', at: heardAt } as const, ...held];
    held = [];
    heardAt = undefined;
    return taken;
  }

  return {
    add(observation) {
      if (held.length < heldMax) held.push(observation);
      else dropped += 1;
    },
    heard(at) {
      heardAt = at;
    },
    take,
    async send(share) {
      if (dropped > 0) onDropped(dropped);
      dropped = 0;
      const batch = take();
      if (batch.length === 0) return;
      try {
        await share(JSON.stringify(batch));
      } catch {
        const room = batch.slice(0, heldMax - held.length);
        dropped += batch.length - room.length;
        held = [...room, ...held];
      }
    },
    read(batch) {
      const observations = parsed(batch);
      if (Array.isArray(observations)) return observations as Observation[];
      onDropped(1);
      return [];
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
