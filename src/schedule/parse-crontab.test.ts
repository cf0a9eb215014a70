import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Crontab } from './crontab.ts';
import { parseCrontab } from './parse-crontab.ts';

function crontabOf(text: string): Crontab {
  const parsed = parseCrontab(text);
  if (!parsed.ok) assert.fail(parsed.reason);
  return parsed.crontab;
}

function reasonFor(text: string): string {
  const parsed = parseCrontab(text);
  return parsed.ok ? '' : parsed.reason;
}

const all = { minutes: 60, hours: 24, daysOfMonth: 31, months: 12, daysOfWeek: 7 } as const;
const readings: readonly {
  readonly text: string;
  readonly field: keyof Crontab;
  readonly want: readonly number[];
}[] = [
  { text: '*/15 * * * *', field: 'minutes', want: [0, 15, 30, 45] },
  { text: '1,13,30-32,50-59/4 * * * *', field: 'minutes', want: [1, 13, 30, 31, 32, 50, 54, 58] },
  { text: '0 22-2 * * *', field: 'hours', want: [0, 1, 2, 22, 23] },
  { text: '0 20-4/3 * * *', field: 'hours', want: [2, 20, 23] },
  { text: '0 0 */10 * *', field: 'daysOfMonth', want: [1, 11, 21, 31] },
  { text: '0 0 1 */5 *', field: 'months', want: [1, 6, 11] },
  { text: '0 0 1 jan,November *', field: 'months', want: [1, 11] },
  { text: '0 0 * * mon-fri', field: 'daysOfWeek', want: [1, 2, 3, 4, 5] },
  { text: '0 0 * * fri-mon', field: 'daysOfWeek', want: [0, 1, 5, 6] },
  { text: '0 0 * * sunday', field: 'daysOfWeek', want: [0] },
  { text: '0 0 * * 7', field: 'daysOfWeek', want: [0] },
  { text: '0 0 * * 5-7', field: 'daysOfWeek', want: [0, 5, 6] },
  { text: '0 0 * * *', field: 'daysOfWeek', want: [0, 1, 2, 3, 4, 5, 6] },
];
for (const { text, field, want } of readings) {
  test(`"${text}" is parsed`, () => assert.deepEqual(crontabOf(text)[field], want));
}

test('a star allows everything', () => {
  const crontab = crontabOf('  *  * * *\t* ');
  for (const [field, count] of Object.entries(all)) assert.equal(crontab[field as keyof Crontab].length, count);
});

const refused: readonly { readonly text: string; readonly want: RegExp }[] = [
  { text: '* * * *', want: /five fields .* got 4/ },
  { text: '', want: /five fields/ },
  { text: '@daily', want: /five fields .* got 1/ },
  { text: '60 * * * *', want: /minute as numbers from 0 to 59/ },
  { text: '* 24 * * *', want: /hour as numbers from 0 to 23/ },
  { text: '* * 0 * *', want: /day of the month as numbers from 1 to 31/ },
  { text: '* * * 13 *', want: /month as numbers from 1 to 12/ },
  { text: '* * * * 8', want: /day of the week as numbers from 0 to 7/ },
  { text: '* * * * noday', want: /day of the week/ },
  { text: '5/10 * * * *', want: /minute/ },
  { text: '*/0 * * * *', want: /minute/ },
  { text: '1,,2 * * * *', want: /minute/ },
  { text: '-1 * * * *', want: /minute/ },
  { text: '0 0 31 2,4 *', want: /never/ },
];
for (const { text, want } of refused) {
  test(`"${text}" is refused`, () => {
    assert.match(reasonFor(text), want);
  });
}

const boundaries: readonly {
  readonly field: string;
  readonly texts: readonly [first: string, last: string, beyond: string];
}[] = [
  { field: 'minute', texts: ['0 * * * *', '59 * * * *', '60 * * * *'] },
  { field: 'hour', texts: ['* 0 * * *', '* 23 * * *', '* 24 * * *'] },
  { field: 'day of the month', texts: ['* * 1 * *', '* * 31 * *', '* * 32 * *'] },
  { field: 'month', texts: ['* * * 1 *', '* * * 12 *', '* * * 0 *'] },
  { field: 'day of the week', texts: ['* * * * 0', '* * * * 7', '* * * * 8'] },
];
for (const { field, texts } of boundaries) {
  test(`the ${field} accepts its first and last value and refuses the next one`, () => {
    const [first, last, beyond] = texts;
    assert.ok(parseCrontab(first).ok && parseCrontab(last).ok);
    assert.match(reasonFor(beyond), new RegExp(`^expected ${field} as numbers from`));
  });
}

test('names are accepted in full or by their first three letters, in any case', () => {
  assert.deepEqual(crontabOf('0 0 * JAN Monday').months, [1]);
  assert.deepEqual(crontabOf('0 0 * december MON').daysOfWeek, [1]);
  assert.match(reasonFor('0 0 * janu *'), /month/);
  assert.match(reasonFor('0 0 jan * *'), /day of the month/);
});

test('the reason for a weekday mentions names, that for other fields does not', () => {
  assert.match(reasonFor('* * * * 9'), /from 0 to 7 \(or mon, tue, …\)$/);
  assert.match(reasonFor('99 * * * *'), /from 0 to 59$/);
});

test('the first wrong field is reported', () => {
  assert.match(reasonFor('99 99 * * *'), /minute/);
});

test('numbers with more than two digits are refused', () => {
  assert.match(reasonFor('005 * * * *'), /minute/);
});

const days = [
  { text: '0 0 30 2 *', exists: false },
  { text: '0 0 29 2 *', exists: true },
  { text: '0 0 31 4,6,9,11 *', exists: false },
  { text: '0 0 31 4,5 *', exists: true },
];
for (const { text, exists } of days) {
  test(`"${text}" ${exists ? 'has' : 'never has'} a day`, () => assert.equal(parseCrontab(text).ok, exists));
}

test('every field lists its values in ascending order without duplicates', () => {
  const part = fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 1, max: 7 }).map(String),
    fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })).map(([from, to]) => `${from}-${to}`),
  );
  const field = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(','));
  fc.assert(
    fc.property(field, field, field, (hour, month, weekday) => {
      const { hours, months, daysOfWeek } = crontabOf(`* ${hour} * ${month} ${weekday}`);
      for (const values of [hours, months, daysOfWeek]) {
        assert.ok(values.length > 0);
        assert.deepEqual(
          values,
          [...new Set(values)].sort((a, b) => a - b),
        );
      }
    }),
  );
});
