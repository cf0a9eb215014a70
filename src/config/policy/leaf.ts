/** Kinds of values of the noise policy: shares, times of day, days, time zones, globs, dates, crontabs. */
import type { Crontab } from '../../schedule/crontab.ts';
import { parseCrontab } from '../../schedule/parse-crontab.ts';
import { isTimezone, minuteMs, type WallMillis } from '../../schedule/wall-time.ts';
import { closest } from '../values/closest.ts';
import { gotOf, leaf, leafOf, textsHint } from '../values/leaf.ts';

/** `3%` or 0.03, as a share of 1. A bare 3 is refused, because it could mean 3 % or 300 %. */
export function share() {
  return leafOf(
    'a share like "3%"',
    (raw) => {
      const percent = typeof raw === 'string' ? /^(\d{1,3}(?:\.\d{1,4})?)\s?%$/.exec(raw) : null;
      const value = percent === null ? raw : Math.round(Number(percent[1]) * 1e4) / 1e6;
      return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined;
    },
    { type: ['string', 'number'] },
  );
}

/** 0.125 → `12.5%`. */
export function shareText(share: number): string {
  return `${Math.round(share * 1e6) / 1e4}%`;
}

/** A multiple of the baseline; fractions are allowed. */
export function factor(most: number) {
  return leafOf(
    `a number between 1 and ${most}`,
    (raw) => (typeof raw === 'number' && raw >= 1 && raw <= most ? raw : undefined),
    { type: 'number', minimum: 1, maximum: most },
  );
}

/** Minutes since midnight; 24:00 is the midnight after, as 00:00 is at the end of hours. */
export function timeOfDay() {
  return leafOf('a time of day like "09:00"', (raw) => parseTimeOfDay(raw));
}

/** Minutes since midnight, or `off`. */
export function timeOfDayOrOff() {
  return leafOf<number | 'off'>(
    'a time of day like "09:00", or "off"',
    (raw) => (raw === 'off' || raw === false ? 'off' : parseTimeOfDay(raw)),
    { type: ['string', 'boolean'] },
  );
}

function parseTimeOfDay(raw: unknown): number | undefined {
  const match = typeof raw === 'string' ? /^(\d{1,2}):([0-5]\d)$/.exec(raw) : null;
  if (match === null) return undefined;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  return minutes <= 24 * 60 ? minutes % (24 * 60) : undefined;
}

/** 540 → `09:00`. */
export function timeOfDayText(minutes: number): string {
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** 0: Sunday. `mon`, `mon-fri`, `fri-mon`, or a list of such; never empty. */
export function days() {
  return leafOf(
    'days like "mon-fri" or a list of them',
    (raw) => {
      const list: unknown[] = Array.isArray(raw) ? raw : [raw];
      const found = list.flatMap((item): readonly (number | undefined)[] => daysOf(item) ?? [undefined]);
      if (found.length === 0 || found.includes(undefined)) return undefined;
      return [...new Set(found as number[])].sort();
    },
    textsHint,
  );
}

function daysOf(raw: unknown): readonly number[] | undefined {
  const [first = '', last = first, ...more] = typeof raw === 'string' ? raw.toLowerCase().split('-') : [];
  const from = dayNames.indexOf(first);
  const to = dayNames.indexOf(last);
  if (from < 0 || to < 0 || more.length > 0) return undefined;
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, index) => (from + index) % 7);
}

/** [1, 2, 3] → `mon-wed`; days that do not follow each other are a list. */
export function daysText(days: readonly number[]): string | readonly string[] {
  const names = days.map((day) => dayNames[day] ?? '');
  const isRange = days.length > 1 && days.every((day, index) => index === 0 || day === days[index - 1]! + 1);
  return isRange ? `${names[0]}-${names.at(-1)}` : names;
}

/** An IANA name of the time zone database of this machine. */
export function timezone() {
  return leaf<string>(
    (raw) => {
      if (typeof raw === 'string' && isTimezone(raw)) return { ok: true, value: raw };
      const meant = typeof raw === 'string' ? closest(raw, Intl.supportedValuesOf('timeZone')) : undefined;
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
      return { ok: false, reason: `expected a time zone like "Europe/Berlin", got ${gotOf(raw)}${hint}` };
    },
    { type: 'string', description: 'Expected: a time zone like "Europe/Berlin"' },
  );
}

export const anyGlob = /^[^\s|\u0000-\u001f]{1,256}$/;

/** Globs; `a.*|b.*` is short for two of them. */
export function globs(expected: string, pattern = anyGlob, least: 0 | 1 = 1) {
  return leafOf<readonly string[]>(
    `${expected} or a list of them`,
    (raw) => {
      const list: unknown[] = Array.isArray(raw) ? raw : [raw];
      const all = list.flatMap((item) => (typeof item === 'string' ? item.split('|') : [undefined]));
      const isRight = all.length >= least && all.every((one) => one !== undefined && pattern.test(one));
      return isRight ? (all as string[]) : undefined;
    },
    textsHint,
  );
}

/** `isWall`: local time in the time zone of the policy. */
export interface WrittenTime {
  readonly wall: WallMillis;
  readonly isWall: boolean;
}

/** `2026-12-31` is the end of that day, `2026-12-31 18:00` a local time, `2026-12-31T17:00:00Z` an instant. */
export function until() {
  return leafOf('a date like "2026-12-31" or a time like "2026-12-31 18:00"', (raw): WrittenTime | undefined => {
    const match =
      typeof raw === 'string'
        ? /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?)?$/.exec(raw)
        : null;
    if (match === null) return undefined;
    const [whole, year, month, day, hour, minute = '0', second = '0', zone] = match;
    const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
    if (new Date(date).getUTCDate() !== Number(day) || new Date(date).getUTCMonth() !== Number(month) - 1)
      return undefined;
    if (hour === undefined) return { wall: date + 24 * 60 * minuteMs, isWall: true };
    const time = Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
    const at = zone === undefined ? date + time * 1_000 : Date.parse(whole.replace(' ', 'T'));
    return Number.isFinite(at) ? { wall: at, isWall: zone === undefined } : undefined;
  });
}

export interface WrittenCrontab {
  readonly text: string;
  readonly crontab: Crontab;
}

export function crontab() {
  return leaf<WrittenCrontab>(
    (raw) => {
      const parsed = typeof raw === 'string' ? parseCrontab(raw) : undefined;
      if (parsed?.ok) return { ok: true, value: { text: (raw as string).trim(), crontab: parsed.crontab } };
      return {
        ok: false,
        reason: parsed === undefined ? `expected a crontab like "30 2 * * *", got ${gotOf(raw)}` : parsed.reason,
      };
    },
    {
      type: 'string',
      description: 'Expected: minute, hour, day of the month, month and day of the week, like "30 2 * * mon-fri"',
    },
  );
}
