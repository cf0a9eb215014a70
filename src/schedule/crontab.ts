/**
 * Five fields of a crontab, and the next time they name. Celery's reading, since its beat is what we expect runs of: a day
 * must fit the month *and* the week (cron takes either), a time that comes twice is due once, the first time, and a time
 * that the clock skips is due when it would have been, had the clock not been put forward.
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

export type ParsedCrontab =
  | { readonly ok: true; readonly crontab: Crontab }
  | { readonly ok: false; readonly reason: string };

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Their first three letters are enough. */
  readonly words?: readonly string[];
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const monthNames = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const fields = {
  minutes: { name: 'minute', least: 0, most: 59 },
  hours: { name: 'hour', least: 0, most: 23 },
  daysOfMonth: { name: 'day of the month', least: 1, most: 31 },
  months: { name: 'month', least: 1, most: 12, words: monthNames },
  // cron calls Sunday 7 as well.
  daysOfWeek: { name: 'day of the week', least: 0, most: 7, words: weekdays },
} as const satisfies Readonly<Record<keyof Crontab, Field>>;

/** The 29th of February can be eight years away, and on a given weekday forty. */
const yearsMax = 41;

/** `15,45 8-18/2 * * mon-fri`. */
export function parseCrontab(text: string): ParsedCrontab {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 5) {
    return { ok: false, reason: `expected five fields (minute hour day month weekday), got ${parts.length}` };
  }
  const crontab: Record<string, readonly number[]> = {};
  for (const [index, [key, field]] of Object.entries(fields).entries()) {
    const numbers = numbersOf(parts[index]!, field);
    if (numbers === undefined) {
      return {
        ok: false,
        reason: `expected ${field.name} as numbers from ${field.least} to ${field.most}${field.least === 0 && field.most === 7 ? ' (or mon, tue, …)' : ''}`,
      };
    }
    crontab[key] = numbers;
  }
  const parsed = crontab as unknown as Crontab;
  if (nextWall(parsed, 0) === undefined) return { ok: false, reason: 'expected a day that comes, this one never does' };
  return { ok: true, crontab: parsed };
}

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

function numbersOf(text: string, field: Field): readonly number[] | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const some = numbersOfPart(part, field);
    if (some === undefined) return undefined;
    for (const number of some) numbers.add(field.words === weekdays ? number % 7 : number);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** `*`, `5`, `1-5`, each but a single number with a step: `/2`. A range may go around: `fri-mon`. */
function numbersOfPart(part: string, field: Field): readonly number[] | undefined {
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d{1,3}))?$/.exec(part);
  if (match === null) return undefined;
  const [, star, from, to, step] = match;
  const every = step === undefined ? 1 : Number(step);
  if (every === 0 || (step !== undefined && star === undefined && to === undefined)) return undefined;
  const range = star === undefined ? rangeOf(from!, to ?? from!, field) : allOf(field);
  return range?.filter((_number, index) => index % every === 0);
}

function allOf({ least, most, words }: Field): readonly number[] {
  const length = (words === weekdays ? 6 : most) - least + 1;
  return Array.from({ length }, (_, index) => least + index);
}

function rangeOf(fromText: string, toText: string, field: Field): readonly number[] | undefined {
  const from = numberOf(fromText, field);
  const to = numberOf(toText, field);
  if (from === undefined || to === undefined) return undefined;
  const all = allOf(field);
  if (from <= to) return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return [...all.filter((number) => number >= from), ...all.filter((number) => number <= to)];
}

function numberOf(text: string, { least, most, words = [] }: Field): number | undefined {
  if (/^\d{1,2}$/.test(text)) {
    const number = Number(text);
    return number >= least && number <= most ? number : undefined;
  }
  const word = text.toLowerCase();
  const index = words.findIndex((one) => one === word || one.slice(0, 3) === word);
  return index < 0 ? undefined : index + (words.length === 12 ? 1 : 0);
}
