/**
 * Evidence and episodes as text, for the next process that decides: it evaluates as this one would have. One line of JSON
 * per part, in the order of importance, so that a limit cuts off what matters least.
 */
import type { Millis } from '../../event/ids.ts';
import type { Episodes } from '../detection/episodes.ts';
import type { Evidence } from '../evidence/evidence.ts';

export interface AlertMemory {
  readonly evidence: Evidence;
  readonly episodes: Episodes;
}

export interface SavedEvidence {
  readonly text: string;
  /** True if not all of it found room. */
  readonly isCut: boolean;
}

/** Part of the evidence: `entries` in the order of importance, or the oldest first where order decides what is evicted. */
interface Part<Entry> {
  readonly entries: (memory: AlertMemory, now: Millis) => Iterable<Entry>;
  readonly load: (memory: AlertMemory, entry: Entry) => void;
  /** True if `entries` is the newest first, so that `load` needs the reverse order. */
  readonly isNewestFirst?: boolean;
}

/** Raised when the meaning of a line changes. A text of another format is not read. */
const format = 1;
/** Longest quiet time after which an incident resolves: older evidence decides nothing. */
const recentMs = 120 * 60_000;
/** Attempts that have run for less time cannot be stuck yet. */
const longRunMs = 60_000;

/** Written and read in this order. */
const parts = {
  times: part({ entries: ({ evidence }) => [evidence.save()], load: ({ evidence }, saved) => evidence.load(saved) }),
  episode: part({ entries: ({ episodes }) => episodes.save(), load: ({ episodes }, saved) => episodes.load(saved) }),
  host: part({
    entries: ({ evidence }) => evidence.workers.saveHosts(),
    load: ({ evidence }, saved) => evidence.workers.loadHost(saved),
  }),
  pool: part({
    entries: ({ evidence }) => evidence.workers.savePools(),
    load: ({ evidence }, saved) => evidence.workers.loadPool(saved),
  }),
  lost: part({
    entries: ({ evidence }, now) => evidence.lost.save(now - recentMs),
    load: ({ evidence }, saved) => evidence.lost.load(saved),
  }),
  ids: part({
    entries: ({ evidence }) => [evidence.causes.saveIds()],
    load: ({ evidence }, saved) => evidence.causes.loadIds(saved),
  }),
  cause: part({
    entries: ({ evidence }, now) => evidence.causes.save(now - recentMs),
    load: ({ evidence }, saved) => evidence.causes.load(saved),
    isNewestFirst: true,
  }),
  redelivery: part({
    entries: ({ evidence }) => evidence.redeliveries.save(),
    load: ({ evidence }, saved) => evidence.redeliveries.load(saved),
  }),
  retry: part({
    entries: ({ evidence }, now) => evidence.retries.save(now - recentMs),
    load: ({ evidence }, saved) => evidence.retries.load(saved),
  }),
  queue: part({
    entries: ({ evidence }) => evidence.queues.save(),
    load: ({ evidence }, saved) => evidence.queues.load(saved),
  }),
  task: part({
    entries: ({ evidence }, now) => evidence.tasks.save(now - recentMs),
    load: ({ evidence }, saved) => evidence.tasks.load(saved),
  }),
  schedule: part({
    entries: ({ evidence }) => evidence.schedules.save(),
    load: ({ evidence }, saved) => evidence.schedules.load(saved),
  }),
  run: part({
    entries: ({ evidence }, now) => evidence.runs.save(now - longRunMs),
    load: ({ evidence }, saved) => evidence.runs.start(saved),
    isNewestFirst: true,
  }),
} as const;

type PartName = keyof typeof parts;

/** At most `charsMax` characters. Takes a few milliseconds per megabyte. */
export function saveEvidence(memory: AlertMemory, now: Millis, charsMax: number): SavedEvidence {
  const lines = [JSON.stringify({ format, at: now })];
  let chars = lines[0]!.length;
  let isCut = false;
  for (const [name, { entries }] of Object.entries(parts)) {
    for (const entry of entries(memory, now)) {
      const line = JSON.stringify([name, entry]);
      if (chars + line.length + 1 > charsMax) {
        isCut = true;
        break;
      }
      chars += line.length + 1;
      lines.push(line);
    }
  }
  return { text: lines.join('\n'), isCut };
}

/**
 * Adds saved evidence to empty evidence. Returns the time at which it was saved, or undefined for a text of another format,
 * which changes nothing.
 */
export function loadEvidence(memory: AlertMemory, text: string): Millis | undefined {
  const saved = readEvidence(text);
  if (saved === undefined) return undefined;
  const { at, entries } = saved;
  for (const [name, { load, isNewestFirst }] of Object.entries(parts)) {
    const ofPart = entries.get(name as PartName) ?? [];
    for (const entry of isNewestFirst === true ? ofPart.reverse() : ofPart) load(memory, entry);
  }
  return at;
}

interface ReadEvidence {
  readonly at: Millis;
  readonly entries: ReadonlyMap<PartName, unknown[]>;
}

function readEvidence(text: string): ReadEvidence | undefined {
  try {
    const [head = '', ...lines] = text.split('\n');
    const { format: found, at } = JSON.parse(head) as { readonly format?: unknown; readonly at: Millis };
    if (found !== format) return undefined;
    const entries = new Map<PartName, unknown[]>();
    for (const line of lines) {
      const [name, entry] = JSON.parse(line) as [PartName, unknown];
      const ofPart = entries.get(name) ?? [];
      ofPart.push(entry);
      entries.set(name, ofPart);
    }
    return { at, entries };
  } catch {
    return undefined;
  }
}

/** A part whose `load` reads what its own `entries` wrote. */
function part<Entry>(typed: Part<Entry>): Part<unknown> {
  return { ...typed, load: (memory, entry) => typed.load(memory, entry as Entry) };
}
