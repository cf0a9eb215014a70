/** Entries of a schedule → due times of their runs. */
import type { Millis } from '../event/ids.ts';
import { type Crontab, crontabAfter } from './crontab.ts';

export type Timing =
  /** At `offsetMs` after the start of 1970 in UTC, and every `everyMs` from then on. */
  | { readonly kind: 'every'; readonly everyMs: Millis; readonly offsetMs: Millis }
  | { readonly kind: 'crontab'; readonly crontab: Crontab; readonly timezone: string };

export interface Timetable {
  /** The shortest time between two runs. */
  readonly periodMs: Millis;
  /** The first due time after `at`. */
  readonly dueAfter: (at: Millis) => Millis;
}

export function timetableOf(timing: Timing): Timetable {
  if (timing.kind === 'every') {
    const { everyMs, offsetMs } = timing;
    return {
      periodMs: everyMs,
      dueAfter: (at) => offsetMs + (Math.floor((at - offsetMs) / everyMs) + 1) * everyMs,
    };
  }
  const { crontab, timezone } = timing;
  return { periodMs: shortestInterval(crontab), dueAfter: (at) => crontabAfter(crontab, timezone, at) };
}

/** A week of hourly runs contains every interval except those of rare dates. */
const intervalsMax = 7 * 24;

/** In UTC, where all days have the same length. */
function shortestInterval(crontab: Crontab): Millis {
  let shortest = Number.POSITIVE_INFINITY;
  let last = crontabAfter(crontab, 'UTC', Date.UTC(2026, 0, 1));
  for (let count = 0; count < intervalsMax && last < Number.POSITIVE_INFINITY; count += 1) {
    const next = crontabAfter(crontab, 'UTC', last);
    shortest = Math.min(shortest, next - last);
    last = next;
  }
  return shortest;
}
