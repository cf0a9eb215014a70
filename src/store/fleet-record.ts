/** The rules of leases and owners over plain records, equal for every store, and the text form of the records. Pure. */
import type { Millis } from '../event/ids.ts';
import { type Lease, noteCharsMax, openBytesMax } from './fleet.ts';

export interface LeaseRecord {
  /** '' after a release. */
  readonly holder: string;
  readonly term: number;
  /** The lease is valid before this time, and not at it. */
  readonly until: Millis;
  readonly note: string;
}

export interface OwnerRecord {
  readonly host: string;
  readonly seenAt: Millis;
  /** Alive before this time, and not at it. */
  readonly until: Millis;
  /** Name of its open work, which is stored apart, so that renewals do not carry it. */
  readonly open: string;
}

/** `next` is undefined if another instance holds the duty, and nothing is written. `nowMicros` is the store's time. */
export function hold(
  found: LeaseRecord | undefined,
  { instance, ttlMs, note }: { readonly instance: string; readonly ttlMs: Millis; readonly note: string },
  nowMicros: number,
): { readonly next: LeaseRecord | undefined; readonly lease: Lease } {
  const now = Math.floor(nowMicros / 1_000);
  if (found?.holder === instance) return taken({ ...found, until: now + ttlMs, note });
  if (found !== undefined && now < found.until) {
    const { holder, term } = found;
    return { next: undefined, lease: { isMine: false, holder, term, note: found.note } };
  }
  return taken({
    holder: instance,
    term: Math.max(nowMicros, (found?.term ?? 0) + 1),
    until: now + ttlMs,
    note: found?.note ?? '',
  });
}

function taken(next: LeaseRecord): { readonly next: LeaseRecord; readonly lease: Lease } {
  const { holder, term, note } = next;
  return { next, lease: { isMine: true, holder, term, note } };
}

/** undefined if there is nothing to release. The record stays, for its term and its note. */
export function release(
  found: LeaseRecord | undefined,
  { instance, note }: { readonly instance: string; readonly note: string },
): LeaseRecord | undefined {
  return found?.holder === instance ? { ...found, holder: '', until: 0, note } : undefined;
}

export function isAlive({ until }: { readonly until: Millis }, now: Millis): boolean {
  return now < until;
}

/** Throws a RangeError for a note or open work that is too large. */
export function checkSize(what: { readonly note: string } | { readonly open: string }): void {
  if ('note' in what) {
    const { length } = what.note;
    if (length > noteCharsMax) throw new RangeError(`note: expected at most ${noteCharsMax} characters, got ${length}`);
    return;
  }
  const bytes = Buffer.byteLength(what.open);
  if (bytes > openBytesMax) throw new RangeError(`open: expected at most ${openBytesMax} bytes, got ${bytes}`);
}

export function encodeRecord(record: LeaseRecord | OwnerRecord): string {
  return JSON.stringify(record);
}

/** undefined for a damaged record or one of another release. */
export function decodeLease(text: string): LeaseRecord | undefined {
  const { holder, term, until, note } = fieldsOf(text);
  if (typeof holder !== 'string' || typeof note !== 'string') return undefined;
  if (typeof until !== 'number' || !Number.isSafeInteger(term)) return undefined;
  return { holder, term: term as number, until, note };
}

/** undefined for a damaged record or one of another release. */
export function decodeOwner(text: string): OwnerRecord | undefined {
  const { host, seenAt, until, open } = fieldsOf(text);
  if (typeof host !== 'string' || typeof open !== 'string') return undefined;
  if (typeof seenAt !== 'number' || typeof until !== 'number') return undefined;
  return { host, seenAt, until, open };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
