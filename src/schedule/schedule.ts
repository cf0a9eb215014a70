/** Entries of a schedule → when their runs are due. */
import type { Millis } from '../event/ids.ts';
import { type Crontab, crontabAfter } from './crontab.ts';

export type Timing =
  /** At `offsetMs` since 1970 began in UTC, and every `everyMs` from then on. */
  | { readonly kind: 'every'; readonly everyMs: Millis; readonly offsetMs: Millis }
  | { readonly kind: 'crontab'; readonly crontab: Crontab; readonly timezone: string };

export interface Timetable {
  /** The shortest time between two runs. */
  readonly periodMs: Millis;
  /** The first due time later than `at`. */
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
  return { periodMs: shortestGap(crontab), dueAfter: (at) => crontabAfter(crontab, timezone, at) };
}

/** Enough for a week of hourly runs, in which every gap but those of rare dates is met. */
const gapsMax = 7 * 24;

/** In UTC, where no day is an hour shorter than others. */
function shortestGap(crontab: Crontab): Millis {
  let shortest = Number.POSITIVE_INFINITY;
  let last = crontabAfter(crontab, 'UTC', Date.UTC(2026, 0, 1));
  for (let count = 0; count < gapsMax && last < Number.POSITIVE_INFINITY; count += 1) {
    const next = crontabAfter(crontab, 'UTC', last);
    shortest = Math.min(shortest, next - last);
    last = next;
  }
  return shortest;
}
