/**
 * What a sidecar says about itself to the others: alive, these hosts are mine, and this is open there.
 *
 * Exports: Legacy, encodeLegacy, decodeLegacy, Announcer, createAnnouncer, ownerTtlMs.
 */
import type { Millis } from '../event/ids.ts';
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import { type FleetStore, openBytesMax } from '../store/fleet.ts';

/** What an instance leaves to whoever takes over. */
export interface Legacy {
  /** Hosts that it looked after besides its own: they come with it. */
  readonly adopted: readonly string[];
  /** A host's work on its way back to its own new sidecar, which has heard that host all the time: nothing was missed. */
  readonly isHandBack: boolean;
  /** The open work as text, '' when nothing is open. */
  readonly open: string;
}

/** Dead after that: longer than a restart of the process, shorter than people wait for an alert. */
export const ownerTtlMs = 15_000;

/** With ticks of a second, a word at least every five. */
const renewMs = 4_000;

/** One line about the hosts, then the open work as it is. */
export function encodeLegacy({ adopted, isHandBack, open }: Legacy): string {
  return `${JSON.stringify({ adopted, isHandBack })}\n${open}`;
}

/** What cannot be read has no adopted hosts and nothing open. */
export function decodeLegacy(text: string): Legacy {
  const end = text.indexOf('\n');
  try {
    const { adopted, isHandBack } = JSON.parse(text.slice(0, Math.max(0, end))) as Partial<Record<string, unknown>>;
    const hosts = Array.isArray(adopted) ? adopted.filter((host) => typeof host === 'string') : [];
    return { adopted: hosts, isHandBack: isHandBack === true, open: text.slice(end + 1) };
  } catch {
    return { adopted: [], isHandBack: false, open: '' };
  }
}

export interface Announcer {
  /** A word if one is due: in full when something changed, else short. `isNew` when nobody knew us (any more). */
  say(): Promise<{ readonly isNew: boolean }>;
  /** The last word: a survivor may take over at once what is open; with nothing open we are not there any more. */
  sayGoodbye(): Promise<void>;
  /** Leaves one host's work to its own sidecar. */
  handBack(host: string, open: string): Promise<void>;
}

export function createAnnouncer({
  store,
  instance,
  host,
  clock,
  report,
  legacy,
}: {
  readonly store: FleetStore;
  readonly instance: string;
  readonly host: string;
  readonly clock: Clock;
  readonly report: Report;
  readonly legacy: () => Legacy;
}): Announcer {
  /** undefined when the store may not have what we said last. */
  let said: { readonly text: string; readonly at: Millis } | undefined;
  let isTooLarge = false;

  /** Work that does not fit is not written: better none than half, and said once for as long as it lasts. */
  function fitting(whole: Legacy): string {
    const text = encodeLegacy(whole);
    const wasTooLarge = isTooLarge;
    isTooLarge = Buffer.byteLength(text) > openBytesMax;
    if (!isTooLarge) return text;
    if (!wasTooLarge) report({ kind: 'items-dropped', queue: 'store', reason: 'too-large', count: 1 });
    return encodeLegacy({ ...whole, open: '' });
  }

  return {
    async say() {
      const text = fitting(legacy());
      const now = clock.now();
      if (said?.text === text) {
        if (now >= said.at && now < said.at + renewMs) return { isNew: false };
        if (await store.renew(instance, ownerTtlMs)) {
          said = { text, at: now };
          return { isNew: false };
        }
      }
      said = undefined;
      const answer = await store.announce({ instance, host }, text, ownerTtlMs);
      said = { text, at: now };
      return answer;
    },

    async sayGoodbye() {
      said = undefined;
      const last = legacy();
      if (last.open === '' && last.adopted.length === 0) await store.takeOver(instance, { force: true });
      else await store.announce({ instance, host }, fitting(last), 0);
    },

    async handBack(other, open) {
      const text = fitting({ adopted: [], isHandBack: true, open });
      await store.announce({ instance: `${instance}~${other}`, host: other }, text, 0);
    },
  };
}
