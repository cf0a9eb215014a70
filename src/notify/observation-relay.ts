/** Observations on their way to the instance that decides for the fleet, in bounded batches. Those without room are counted. */
import type { Observation } from '../alert/evidence/observation.ts';
import type { Millis } from '../event/ids.ts';

/** Many times the observations of a busy pod in a second. */
const itemsMax = 5_000;

export interface ObservationRelay {
  add(observation: Observation): void;
  /** Notes that an event was received. A batch contains the latest time only. */
  noteEvent(at: Millis): void;
  /** Removes and returns what is waiting, for an instance that starts to decide by itself. */
  take(): readonly Observation[];
  /** Sends what is waiting, and keeps it if that fails. */
  send(share: (batch: string) => Promise<void>): Promise<void>;
  /** Observations in a batch of another instance; none if it has another format. */
  read(batch: string): readonly Observation[];
}

export function createObservationRelay(onDropped: (count: number) => void): ObservationRelay {
  let waiting: Observation[] = [];
  let eventAt: Millis | undefined;
  let dropped = 0;

  function take(): readonly Observation[] {
    const taken = eventAt === undefined ? waiting : [{ kind: 'event', at: eventAt } as const, ...waiting];
    waiting = [];
    eventAt = undefined;
    return taken;
  }

  return {
    add(observation) {
      if (waiting.length < itemsMax) waiting.push(observation);
      else dropped += 1;
    },
    noteEvent(at) {
      eventAt = at;
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
        const kept = batch.slice(0, itemsMax - waiting.length);
        dropped += batch.length - kept.length;
        waiting = [...kept, ...waiting];
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
