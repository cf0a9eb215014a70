/** The text form of a crontab: minute, hour, day of the month, month, day of the week. */
import { type Crontab, occursEver } from './crontab.ts';

export type ParsedCrontab =
  | { readonly ok: true; readonly crontab: Crontab }
  | { readonly ok: false; readonly reason: string };

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names for the values; their first three letters are enough. */
  readonly names?: readonly string[];
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
  minutes: { name: 'minute', min: 0, max: 59 },
  hours: { name: 'hour', min: 0, max: 23 },
  daysOfMonth: { name: 'day of the month', min: 1, max: 31 },
  months: { name: 'month', min: 1, max: 12, names: monthNames },
  // cron accepts 7 for Sunday too.
  daysOfWeek: { name: 'day of the week', min: 0, max: 7, names: weekdays },
} as const satisfies Readonly<Record<keyof Crontab, Field>>;

/** Parses a text like `15,45 8-18/2 * * mon-fri`. The reason of a failure starts with "expected". */
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
        reason: `expected ${field.name} as numbers from ${field.min} to ${field.max}${field.min === 0 && field.max === 7 ? ' (or mon, tue, …)' : ''}`,
      };
    }
    crontab[key] = numbers;
  }
  const parsed = crontab as unknown as Crontab;
  if (!occursEver(parsed)) return { ok: false, reason: 'expected a day that comes, this one never does' };
  return { ok: true, crontab: parsed };
}

function numbersOf(text: string, field: Field): readonly number[] | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const some = numbersOfPart(part, field);
    if (some === undefined) return undefined;
    for (const number of some) numbers.add(field.names === weekdays ? number % 7 : number);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** `*`, `5` or `1-5`, with a step `/2` for all but a single number. A range may wrap around: `fri-mon`. */
function numbersOfPart(part: string, field: Field): readonly number[] | undefined {
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d{1,3}))?$/.exec(part);
  if (match === null) return undefined;
  const [, star, from, to, step] = match;
  const every = step === undefined ? 1 : Number(step);
  if (every === 0 || (step !== undefined && star === undefined && to === undefined)) return undefined;
  const range = star === undefined ? rangeOf(from!, to ?? from!, field) : allOf(field);
  return range?.filter((_number, index) => index % every === 0);
}

function allOf({ min, max, names }: Field): readonly number[] {
  const length = (names === weekdays ? 6 : max) - min + 1;
  return Array.from({ length }, (_, index) => min + index);
}

function rangeOf(fromText: string, toText: string, field: Field): readonly number[] | undefined {
  const from = numberOf(fromText, field);
  const to = numberOf(toText, field);
  if (from === undefined || to === undefined) return undefined;
  const all = allOf(field);
  if (from <= to) return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return [...all.filter((number) => number >= from), ...all.filter((number) => number <= to)];
}

function numberOf(text: string, { min, max, names = [] }: Field): number | undefined {
  if (/^\d{1,2}$/.test(text)) {
    const number = Number(text);
    return number >= min && number <= max ? number : undefined;
  }
  const name = text.toLowerCase();
  const index = names.findIndex((one) => one === name || one.slice(0, 3) === name);
  return index < 0 ? undefined : index + (names.length === 12 ? 1 : 0);
}
