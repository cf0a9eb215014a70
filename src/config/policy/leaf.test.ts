import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { z } from 'zod';
import { unresolved } from '../values/leaf.ts';
import {
  crontab,
  days,
  daysText,
  factor,
  globs,
  share,
  shareText,
  timeOfDay,
  timeOfDayOrOff,
  timeOfDayText,
  timezone,
  until,
} from './leaf.ts';

type Rows = readonly (readonly [written: unknown, want: unknown])[];

/** The value, or the refusal as `! message`. */
function read(leaf: z.ZodType, written: unknown): unknown {
  const result = leaf.safeParse(written);
  return result.success ? result.data : `! ${result.error.issues[0]?.message}`;
}

function table(name: string, leaf: z.ZodType, rows: Rows): void {
  describe(name, () => {
    for (const [written, want] of rows)
      test(`${JSON.stringify(written)} → ${JSON.stringify(want)}`, () => assert.deepEqual(read(leaf, written), want));
  });
}

const shareRefused = (got: string) => `! expected a share like "3%", got ${got}`;
table('a share', share(), [
  ['3%', 0.03],
  ['12.5 %', 0.125],
  ['0%', 0],
  ['100%', 1],
  ['101%', shareRefused('"101%"')],
  [0.03, 0.03],
  [0, 0],
  [1, 1],
  [1.01, shareRefused('1.01')],
  [3, shareRefused('3')],
  [-0.1, shareRefused('-0.1')],
  ['0.03', shareRefused('"0.03"')],
  ['3', shareRefused('"3"')],
]);

test('a share is printed as a percentage that reads back', () => {
  for (const [value, text] of [
    [0.03, '3%'],
    [0.125, '12.5%'],
    [1, '100%'],
    [0, '0%'],
  ] as const) {
    assert.equal(shareText(value), text);
    assert.equal(read(share(), text), value);
  }
});

table('a factor', factor(10), [
  [1, 1],
  [2.5, 2.5],
  [10, 10],
  [0.9, '! expected a number between 1 and 10, got 0.9'],
  [10.1, '! expected a number between 1 and 10, got 10.1'],
  ['4', '! expected a number between 1 and 10, got "4"'],
]);

const timeRefused = (got: string) => `! expected a time of day like "09:00", got ${got}`;
table('a time of day, in minutes', timeOfDay(), [
  ['09:00', 540],
  ['9:05', 545],
  ['00:00', 0],
  ['23:59', 1_439],
  ['24:00', 0],
  ['24:01', timeRefused('"24:01"')],
  ['12:60', timeRefused('"12:60"')],
  ['9', timeRefused('"9"')],
  [540, timeRefused('540')],
]);

table('a time of day or off', timeOfDayOrOff(), [
  ['off', 'off'],
  [false, 'off'],
  ['08:30', 510],
  ['on', '! expected a time of day like "09:00", or "off", got "on"'],
]);

const daysRefused = (got: string) => `! expected days like "mon-fri" or a list of them, got ${got}`;
table('days of the week', days(), [
  ['mon', [1]],
  ['Mon-Fri', [1, 2, 3, 4, 5]],
  ['fri-mon', [0, 1, 5, 6]],
  ['sun-sat', [0, 1, 2, 3, 4, 5, 6]],
  [
    ['sat', 'sun', 'sat'],
    [0, 6],
  ],
  [
    ['mon-tue', 'thu'],
    [1, 2, 4],
  ],
  ['monday', daysRefused('"monday"')],
  ['mon-wed-fri', daysRefused('"mon-wed-fri"')],
  ['', daysRefused('""')],
  [[], daysRefused('an empty list')],
  [['mon', 3], daysRefused('a list with 3')],
]);

table('a time zone', timezone(), [
  ['Europe/Berlin', 'Europe/Berlin'],
  ['UTC', 'UTC'],
  ['Europe/Berln', '! expected a time zone like "Europe/Berlin", got "Europe/Berln"; did you mean Europe/Berlin?'],
  ['+01:00', '! expected a time zone like "Europe/Berlin", got "+01:00"'],
  [1, '! expected a time zone like "Europe/Berlin", got 1'],
]);

const globsRefused = (got: string) => `! expected a task or a list of them, got ${got}`;
table('globs', globs('a task'), [
  ['mail.*', ['mail.*']],
  ['mail.*|pay.*', ['mail.*', 'pay.*']],
  [
    ['mail.*', 'a|b'],
    ['mail.*', 'a', 'b'],
  ],
  ['', globsRefused('""')],
  ['mail.* pay.*', globsRefused('"mail.* pay.*"')],
  ['mail.*|', globsRefused('another text')],
  [[], globsRefused('an empty list')],
  [['mail', 7], globsRefused('a list with 7')],
  ['x'.repeat(256), ['x'.repeat(256)]],
]);

table('globs of exceptions', globs('an exception', /^[\w*?]{1,128}$/, 0), [
  ['ReadTimeout', ['ReadTimeout']],
  [[], []],
  ['requests.Timeout', '! expected an exception or a list of them, got "requests.Timeout"'],
]);

const untilRefused = (got: string) =>
  `! expected a date like "2026-12-31" or a time like "2026-12-31 18:00", got ${got}`;
table('the end of a silence', until(), [
  ['2026-12-31', { wall: Date.UTC(2027, 0, 1), isWall: true }],
  ['2026-12-31 18:00', { wall: Date.UTC(2026, 11, 31, 18), isWall: true }],
  ['2026-12-31T18:00:30', { wall: Date.UTC(2026, 11, 31, 18, 0, 30), isWall: true }],
  ['2026-12-31T17:00:00Z', { wall: Date.UTC(2026, 11, 31, 17), isWall: false }],
  ['2026-12-31 18:00+01:00', { wall: Date.UTC(2026, 11, 31, 17), isWall: false }],
  ['2028-02-29', { wall: Date.UTC(2028, 2, 1), isWall: true }],
  ['2026-02-29', untilRefused('"2026-02-29"')],
  ['2026-13-01', untilRefused('"2026-13-01"')],
  ['2026-12-31 24:00', untilRefused('"2026-12-31 24:00"')],
  ['2026-12-31 18:60', untilRefused('"2026-12-31 18:60"')],
  ['31.12.2026', untilRefused('"31.12.2026"')],
  [2026, untilRefused('2026')],
]);

describe('a crontab', () => {
  test('keeps its text without white space around it', () => {
    const value = read(crontab(), ' 30 2 * * mon ') as {
      readonly text: string;
      readonly crontab: { readonly hours: unknown };
    };
    assert.equal(value.text, '30 2 * * mon');
    assert.deepEqual(value.crontab.hours, [2]);
  });

  const refused: Rows = [
    ['30 2 * *', '! expected five fields (minute hour day month weekday), got 4'],
    ['61 2 * * *', '! expected minute as numbers from 0 to 59'],
    [5, '! expected a crontab like "30 2 * * *", got 5'],
  ];
  for (const [written, want] of refused)
    test(`refuses ${JSON.stringify(written)}`, () => assert.deepEqual(read(crontab(), written), want));
});

test('a value that could not be fetched has its problem already', () => {
  for (const leaf of [share(), factor(2), timeOfDay(), days(), timezone(), globs('x'), until(), crontab()]) {
    const result = leaf.safeParse(unresolved);
    assert.deepEqual(result.success ? [] : result.error.issues, []);
  }
});

const times: readonly (readonly [minutes: number, want: string])[] = [
  [0, '00:00'],
  [9 * 60, '09:00'],
  [23 * 60 + 59, '23:59'],
];
for (const [minutes, want] of times) {
  test(`${minutes} minutes after midnight are written as ${want}, which reads the same`, () => {
    assert.equal(timeOfDayText(minutes), want);
    assert.equal(timeOfDay().parse(want), minutes);
  });
}

const weeks: readonly (readonly [days: readonly number[], want: unknown])[] = [
  [[1, 2, 3, 4, 5], 'mon-fri'],
  [[0, 1], 'sun-mon'],
  [[3], ['wed']],
  [
    [1, 3],
    ['mon', 'wed'],
  ],
  [
    [1, 2, 4],
    ['mon', 'tue', 'thu'],
  ],
];
for (const [list, want] of weeks) {
  test(`the days ${list.join(', ')} are written as ${JSON.stringify(want)}, which reads the same`, () => {
    assert.deepEqual(daysText(list), want);
    assert.deepEqual(days().parse(want), list);
  });
}
