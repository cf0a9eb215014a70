/**
 * The next time that a crontab names. Celery's reading, since its beat is what we expect runs of: a day must fit the month
 * *and* the week (cron takes either), a time that comes twice is due once, the first time, and a time that the clock skips
 * is due when it would have been, had the clock not been put forward.
 */
import type { Millis } from '../event/ids.ts';
import {
  dayMs,
  instantsOf,
  minuteMs,
  startOfDay,
  type WallMillis,
  wallAt,
  weekdayOf,
  withoutJump,
} from './wall-time.ts';

/** What each field allows, in ascending order; none is empty. Sunday is 0. */
export interface Crontab {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  readonly daysOfWeek: readonly number[];
}

/** The 29th of February can be eight years away, and on a given weekday forty. */
const yearsMax = 41;

/** The first due time later than `at`, by the clock of `timezone`. */
export function crontabAfter(crontab: Crontab, timezone: string, at: Millis): Millis {
  let wall = nextWall(crontab, wallAt(timezone, at));
  while (wall !== undefined) {
    const due = instantsOf(timezone, wall)[0] ?? withoutJump(timezone, wall);
    // A second pass over an hour that was put back holds only times that were due in the first.
    if (due > at) return due;
    wall = nextWall(crontab, wall);
  }
  return Number.POSITIVE_INFINITY;
}

/** Is there any day that fits? The 31st of February never comes. */
export function comesEver(crontab: Crontab): boolean {
  return nextWall(crontab, 0) !== undefined;
}

/** The next whole minute later than `after` that fits, on a wall without summer time; undefined when none ever does. */
function nextWall(crontab: Crontab, after: WallMillis): WallMillis | undefined {
  const today = startOfDay(after);
  const last = today + yearsMax * 366 * dayMs;
  let day = today;
  while (day <= last) {
    if (!crontab.months.includes(monthOf(day))) {
      day = startOfNextMonth(day);
      continue;
    }
    const time = fitsDay(crontab, day) ? timeOfDay(crontab, day === today ? after - today : -1) : undefined;
    if (time !== undefined) return day + time;
    day += dayMs;
  }
  return undefined;
}

/** Milliseconds since midnight, more than `after`. */
function timeOfDay({ hours, minutes }: Crontab, after: Millis): Millis | undefined {
  for (const hour of hours) {
    if ((hour + 1) * 60 * minuteMs <= after) continue;
    for (const minute of minutes) {
      const time = (hour * 60 + minute) * minuteMs;
      if (time > after) return time;
    }
  }
  return undefined;
}

function fitsDay({ daysOfMonth, daysOfWeek }: Crontab, day: WallMillis): boolean {
  return daysOfWeek.includes(weekdayOf(day)) && daysOfMonth.includes(new Date(day).getUTCDate());
}

function monthOf(day: WallMillis): number {
  return new Date(day).getUTCMonth() + 1;
}

function startOfNextMonth(day: WallMillis): WallMillis {
  const date = new Date(day);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
