/**
 * Mute hours and the digest's time of day, in wall-clock time. If the clock skips the time at which mute hours start or end,
 * they start or end at the next existing time. An hour that occurs twice is muted twice; a digest is due at the first of the
 * two times.
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

/** Longest time to look ahead. A week covers every plan; callers ask again after it. */
const daysMax = 8;

/**
 * End of the mute hours that contain `now`; undefined outside of mute hours. Consecutive mute hours count as one, up to eight
 * days ahead.
 */
export function muteUntil(hours: MuteHours, now: Millis): Millis | undefined {
  if (!isMuted(hours, now)) return undefined;
  let until = now;
  while (isMuted(hours, until) && until - now < daysMax * dayMs) until = endOfStretch(hours, until);
  return until;
}

/** As `muteUntil`, for all mute hours of one name: those that contain `now`, and the end of the last consecutive ones. */
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

/** The first due time of a digest later than `at`; Infinity without a digest. */
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

/** A time after midnight belongs to the day before if the hours of that day last until then. */
function isMuted({ timezone, days, from, to }: MuteHours, at: Millis): boolean {
  const wall = wallAt(timezone, at);
  const day = startOfDay(wall);
  const minutes = (wall - day) / minuteMs;
  if (to > from) return from <= minutes && minutes < to && days.includes(weekdayOf(day));
  return minutes >= from ? days.includes(weekdayOf(day)) : minutes < to && days.includes(weekdayOf(day - dayMs));
}

/** The next time at which the clock shows the end, or the next change of the clock before it. */
function endOfStretch({ timezone, from, to }: MuteHours, at: Millis): Millis {
  const wall = wallAt(timezone, at);
  const day = startOfDay(wall);
  const crosses = to <= from && (wall - day) / minuteMs >= from;
  const end = instantsOf(timezone, day + (crosses ? dayMs : 0) + to * minuteMs).find((instant) => instant > at);
  return Math.min(end ?? Number.POSITIVE_INFINITY, jumpBetween(timezone, at, at + dayMs));
}
