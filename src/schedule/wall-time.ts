/**
 * The clock on the wall of an IANA time zone. A date and a time of day are written as if they were UTC (`WallMillis`), so
 * that days and minutes can be counted without a zone; only the functions that cross over know of summer time.
 */
import type { Millis } from '../event/ids.ts';

/** `Date.UTC` of what the clock on the wall shows. */
export type WallMillis = number;

export const minuteMs = 60_000;
export const dayMs = 1_440 * minuteMs;

/** Making a formatter costs as much as some thousand uses. Zones come from the configuration, so they are few. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Is it a name that the time zone database knows? `+01:00` is a place without summer time and no name. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What the clock on the wall shows at `at`. Throws RangeError for a zone that is none. */
export function wallAt(timezone: string, at: Millis): WallMillis {
  return at + offsetAt(timezone, at);
}

/** Each time at which the clock on the wall shows `wall`: one, none where it is put forward, two where it is put back. */
export function instantsOf(timezone: string, wall: WallMillis): readonly Millis[] {
  const { before, after } = offsetsAround(timezone, wall);
  return [...new Set([wall - before, wall - after])]
    .filter((at) => wallAt(timezone, at) === wall)
    .sort((a, b) => a - b);
}

/** The moment at which the clock jumps over `wall`, which it never shows: the next time that there is. */
export function jumpOver(timezone: string, wall: WallMillis): Millis {
  const { before, after } = offsetsAround(timezone, wall);
  return jumpBetween(timezone, wall - after, wall - before);
}

/** When a clock that had not been put forward would show `wall`. */
export function withoutJump(timezone: string, wall: WallMillis): Millis {
  return wall - offsetsAround(timezone, wall).before;
}

/** No zone is changed twice within two days, and no offset is longer than one. */
function offsetsAround(timezone: string, wall: WallMillis): { readonly before: Millis; readonly after: Millis } {
  return { before: offsetAt(timezone, wall - dayMs), after: offsetAt(timezone, wall + dayMs) };
}

/** The first time in (from, to] that has another offset than `from`; `to` when none has.. */
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

/** 0: Sunday. */
export function weekdayOf(wall: WallMillis): number {
  return new Date(wall).getUTCDay();
}

export function startOfDay(wall: WallMillis): WallMillis {
  return Math.floor(wall / dayMs) * dayMs;
}

/** What the clock on the wall is ahead of UTC. */
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
