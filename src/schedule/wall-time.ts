/**
 * Wall-clock time in an IANA time zone. `WallMillis` represents a date and a time of day as if they were UTC, so that days
 * and minutes can be counted without a zone. Only the conversions from and to real time depend on summer time.
 */
import type { Millis } from '../event/ids.ts';

/** `Date.UTC` of the date and time that a wall clock shows. */
export type WallMillis = number;

export const minuteMs = 60_000;
export const dayMs = 1_440 * minuteMs;

/** Creating a formatter costs as much as some thousand uses. Zones come from the configuration and are few. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** True for a name in the time zone database. `+01:00` is an offset, not a name, and has no summer time. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Wall-clock time at `at`. Throws RangeError for an unknown zone. */
export function wallAt(timezone: string, at: Millis): WallMillis {
  return at + offsetAt(timezone, at);
}

/** The moments at which the wall clock shows `wall`: one; none in the hour skipped in spring; two in the one repeated in autumn. */
export function instantsOf(timezone: string, wall: WallMillis): readonly Millis[] {
  const { before, after } = offsetsAround(timezone, wall);
  return [...new Set([wall - before, wall - after])]
    .filter((at) => wallAt(timezone, at) === wall)
    .sort((a, b) => a - b);
}

/** For a `wall` that the clock skips: the moment of the skip. */
export function jumpOver(timezone: string, wall: WallMillis): Millis {
  const { before, after } = offsetsAround(timezone, wall);
  return jumpBetween(timezone, wall - after, wall - before);
}

/** The moment at which a clock that is not put forward would show `wall`. */
export function withoutJump(timezone: string, wall: WallMillis): Millis {
  return wall - offsetsAround(timezone, wall).before;
}

/** Offsets one day before and after. No zone changes its offset twice within two days, and no offset is longer than a day. */
function offsetsAround(timezone: string, wall: WallMillis): { readonly before: Millis; readonly after: Millis } {
  return { before: offsetAt(timezone, wall - dayMs), after: offsetAt(timezone, wall + dayMs) };
}

/** The first moment in (from, to] with another offset than `from`; `to` if there is none. */
export function jumpBetween(timezone: string, from: Millis, to: Millis): Millis {
  const offset = offsetAt(timezone, from);
  let before = from;
  let after = to;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(timezone, middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

/** 0 for Sunday to 6 for Saturday. */
export function weekdayOf(wall: WallMillis): number {
  return new Date(wall).getUTCDay();
}

export function startOfDay(wall: WallMillis): WallMillis {
  return Math.floor(wall / dayMs) * dayMs;
}

/** The offset from UTC, positive east of Greenwich. */
function offsetAt(timezone: string, at: Millis): Millis {
  if (timezone === 'UTC') return 0;
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(formatterOf(timezone).format(at)) ?? [];
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -ms : ms;
}

function formatterOf(timezone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timezone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
    formatters.set(timezone, formatter);
  }
  return formatter;
}
