/**
 * The next due time of a crontab, by the rules of Celery's beat: a day must match the month *and* the week (cron accepts
 * either), a time that occurs twice is due at the first occurrence, and a time that the clock skips in spring is due at the
 * moment at which an unchanged clock would show it.
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

/** The values that each field allows, in ascending order and never empty. Sunday is 0. */
export interface Crontab {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  readonly daysOfWeek: readonly number[];
}

/** The 29th of February can be eight years ahead, and on a given weekday forty. */
const yearsMax = 41;

/** The first due time after `at`, by the wall clock of `timezone`. Infinity if there is none. */
export function crontabAfter(crontab: Crontab, timezone: string, at: Millis): Millis {
  let wall = nextWall(crontab, wallAt(timezone, at));
  while (wall !== undefined) {
    const due = instantsOf(timezone, wall)[0] ?? withoutJump(timezone, wall);
    // The repeated hour in autumn contains only times that were due in the first pass.
    if (due > at) return due;
    wall = nextWall(crontab, wall);
  }
  return Number.POSITIVE_INFINITY;
}

/** True if any day matches; the 31st of February never occurs. */
export function occursEver(crontab: Crontab): boolean {
  return nextWall(crontab, 0) !== undefined;
}

/** The next matching minute after `after` on a wall clock without summer time; undefined if there is none. */
function nextWall(crontab: Crontab, after: WallMillis): WallMillis | undefined {
  const today = startOfDay(after);
  const last = today + yearsMax * 366 * dayMs;
  let day = today;
  while (day <= last) {
    if (!crontab.months.includes(monthOf(day))) {
      day = startOfNextMonth(day);
      continue;
    }
    const time = matchesDay(crontab, day) ? timeOfDay(crontab, day === today ? after - today : -1) : undefined;
    if (time !== undefined) return day + time;
    day += dayMs;
  }
  return undefined;
}

/** The first matching time of day after `after`, in milliseconds since midnight. */
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

function matchesDay({ daysOfMonth, daysOfWeek }: Crontab, day: WallMillis): boolean {
  return daysOfWeek.includes(weekdayOf(day)) && daysOfMonth.includes(new Date(day).getUTCDate());
}

function monthOf(day: WallMillis): number {
  return new Date(day).getUTCMonth() + 1;
}

function startOfNextMonth(day: WallMillis): WallMillis {
  const date = new Date(day);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
