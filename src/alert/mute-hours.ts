/**
 * Mute hours and the digest's time of day, by the clock on the wall. While an hour is skipped in spring nothing can begin
 * or end in it, so what should begin there begins with the next time that there is; an hour that comes twice in autumn is
 * muted twice, and a digest is due at the first of the two.
 */
import type { Millis } from '../event/ids.ts';
import {
  dayMs,
  instantsOf,
  jumpBetween,
  jumpOver,
  minuteMs,
  startOfDay,
  wallAt,
  weekdayOf,
} from '../schedule/wall-time.ts';
import type { Digest, MuteHours } from './policy.ts';

/** Nobody plans further than a week; whoever still asks then is told again. */
const daysMax = 8;

/**
 * When the mute hours that `now` is in are over; undefined when it is in none. Hours that follow one another without a
 * break count as one, up to eight days ahead.
 */
export function muteUntil(hours: MuteHours, now: Millis): Millis | undefined {
  if (!isMuted(hours, now)) return undefined;
  let until = now;
  while (isMuted(hours, until) && until - now < daysMax * dayMs) until = endOfStretch(hours, until);
  return until;
}

/** As `muteUntil`, for all hours of one name: those that `now` is in, and until when these or others of the name hold. */
export function muteOf(
  mutes: readonly MuteHours[],
  name: string | undefined,
  now: Millis,
): { readonly hours: MuteHours; readonly until: Millis } | undefined {
  const all = mutes.filter((hours) => hours.name === name);
  const hours = all.find((one) => isMuted(one, now));
  if (hours === undefined) return undefined;
  let until = now;
  for (let next: MuteHours | undefined = hours; next !== undefined && until - now < daysMax * dayMs; ) {
    until = muteUntil(next, until) ?? until;
    next = all.find((one) => isMuted(one, until));
  }
  return { hours, until };
}

/** The first time later than `at` that a digest is due; Infinity when none ever is. */
export function digestAfter(digest: Digest, timezone: string, at: Millis): Millis {
  if (digest.at === undefined || digest.days.length === 0) return Number.POSITIVE_INFINITY;
  const today = startOfDay(wallAt(timezone, at));
  for (let day = today; day <= today + daysMax * dayMs; day += dayMs) {
    if (!digest.days.includes(weekdayOf(day))) continue;
    const wall = day + digest.at * minuteMs;
    const due = instantsOf(timezone, wall)[0] ?? jumpOver(timezone, wall);
    if (due > at) return due;
  }
  return Number.POSITIVE_INFINITY;
}

/** A time past midnight belongs to the day before, if that day's hours reach so far. */
function isMuted({ timezone, days, from, to }: MuteHours, at: Millis): boolean {
  const wall = wallAt(timezone, at);
  const day = startOfDay(wall);
  const minutes = (wall - day) / minuteMs;
  if (to > from) return from <= minutes && minutes < to && days.includes(weekdayOf(day));
  return minutes >= from ? days.includes(weekdayOf(day)) : minutes < to && days.includes(weekdayOf(day - dayMs));
}

/** The next time the clock shows the end, or is put back or forward on the way there. */
function endOfStretch({ timezone, from, to }: MuteHours, at: Millis): Millis {
  const wall = wallAt(timezone, at);
  const day = startOfDay(wall);
  const crosses = to <= from && (wall - day) / minuteMs >= from;
  const end = instantsOf(timezone, day + (crosses ? dayMs : 0) + to * minuteMs).find((instant) => instant > at);
  return Math.min(end ?? Number.POSITIVE_INFINITY, jumpBetween(timezone, at, at + dayMs));
}
