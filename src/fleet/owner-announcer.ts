/** Announces a sidecar to the others: it is alive, which hosts it adopted, and which work is open there. */
import type { Millis } from '../event/ids.ts';
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import { type FleetStore, openBytesMax } from '../store/fleet.ts';

/** State that an instance leaves to its successor. */
export interface OwnerState {
  /** Hosts that it owned besides its own. The successor adopts them too. */
  readonly adopted: readonly string[];
  /** The work of one host on its way back to that host's new sidecar. That sidecar received all events, so there is no gap. */
  readonly isHandBack: boolean;
  /** The open work as text; '' if there is none. */
  readonly open: string;
}

/** An owner without an announcement for this long is dead: longer than a restart, shorter than people wait for an alert. */
export const ownerTtlMs = 15_000;

/** With ticks of a second, an announcement every five seconds at least. */
const renewMs = 4_000;

/** One line of JSON about the hosts, then the open work unchanged. */
function encodeOwnerState({ adopted, isHandBack, open }: OwnerState): string {
  return `${JSON.stringify({ adopted, isHandBack })}\n${open}`;
}

/** A text that cannot be read gives a state without adopted hosts and open work. */
export function decodeOwnerState(text: string): OwnerState {
  const end = text.indexOf('\n');
  try {
    const { adopted, isHandBack } = JSON.parse(text.slice(0, Math.max(0, end))) as Partial<Record<string, unknown>>;
    const hosts = Array.isArray(adopted) ? adopted.filter((host) => typeof host === 'string') : [];
    return { adopted: hosts, isHandBack: isHandBack === true, open: text.slice(end + 1) };
  } catch {
    return { adopted: [], isHandBack: false, open: '' };
  }
}

export interface OwnerAnnouncer {
  /** Announces the state if it changed or a renewal is due. `isNew`: the store did not know this instance, or no longer. */
  announce(): Promise<{ readonly isNew: boolean }>;
  /** Leaves open work to a survivor, which may take over at once. Without open work this instance is removed. */
  announceEnd(): Promise<void>;
  /** Leaves the work of one adopted host to that host's own sidecar. */
  handBack(host: string, open: string): Promise<void>;
}

export interface OwnerAnnouncerOptions {
  readonly store: FleetStore;
  readonly instance: string;
  readonly host: string;
  readonly clock: Clock;
  readonly report: Report;
  readonly state: () => OwnerState;
}

export function createOwnerAnnouncer(options: OwnerAnnouncerOptions): OwnerAnnouncer {
  const { store, instance, host, clock, report, state } = options;
  /** The last announcement that the store confirmed; undefined if the store may not have it. */
  let announced: { readonly text: string; readonly at: Millis } | undefined;
  let isTooLarge = false;

  /** Work over the limit is left out completely, which is reported once until it fits again. */
  function encodeWithinLimit(whole: OwnerState): string {
    const text = encodeOwnerState(whole);
    const wasTooLarge = isTooLarge;
    isTooLarge = Buffer.byteLength(text) > openBytesMax;
    if (!isTooLarge) return text;
    if (!wasTooLarge) report({ kind: 'items-dropped', queue: 'store', reason: 'too-large', count: 1 });
    return encodeOwnerState({ ...whole, open: '' });
  }

  return {
    async announce() {
      const text = encodeWithinLimit(state());
      const now = clock.now();
      if (announced?.text === text) {
        if (now >= announced.at && now < announced.at + renewMs) return { isNew: false };
        if (await store.renew(instance, ownerTtlMs)) {
          announced = { text, at: now };
          return { isNew: false };
        }
      }
      announced = undefined;
      const answer = await store.announce({ instance, host }, text, ownerTtlMs);
      announced = { text, at: now };
      return answer;
    },

    async announceEnd() {
      announced = undefined;
      const last = state();
      if (last.open === '' && last.adopted.length === 0) await store.takeOver(instance, { force: true });
      else await store.announce({ instance, host }, encodeWithinLimit(last), 0);
    },

    async handBack(other, open) {
      const text = encodeWithinLimit({ adopted: [], isHandBack: true, open });
      await store.announce({ instance: `${instance}~${other}`, host: other }, text, 0);
    },
  };
}
