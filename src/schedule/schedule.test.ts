import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCrontab } from './parse-crontab.ts';
import { type Timing, timetableOf } from './schedule.ts';

const minute = 60_000;
const hour = 60 * minute;

function crontab(text: string, timezone = 'UTC'): Timing {
  const parsed = parseCrontab(text);
  if (!parsed.ok) assert.fail(parsed.reason);
  return { kind: 'crontab', crontab: parsed.crontab, timezone };
}

test('every six hours from a quarter past', () => {
  const { periodMs, dueAfter } = timetableOf({ kind: 'every', everyMs: 6 * hour, offsetMs: 15 * minute });
  assert.equal(periodMs, 6 * hour);
  const dues = ['2026-01-01T00:14:59Z', '2026-01-01T00:15:00Z', '2026-01-01T06:15:00Z'].map((at) =>
    new Date(dueAfter(Date.parse(at))).toISOString().slice(11, 16),
  );
  assert.deepEqual(dues, ['00:15', '06:15', '12:15']);
});

const periods: readonly { readonly text: string; readonly want: number }[] = [
  { text: '* * * * *', want: minute },
  { text: '*/15 * * * *', want: 15 * minute },
  { text: '0 9,17 * * *', want: 8 * hour },
  { text: '30 2 * * *', want: 24 * hour },
  { text: '0 0 1 * *', want: 28 * 24 * hour },
];
for (const { text, want } of periods) {
  test(`the period of "${text}" is its shortest interval, also in a zone with summer time`, () => {
    assert.equal(timetableOf(crontab(text)).periodMs, want);
    assert.equal(timetableOf(crontab(text, 'Europe/Berlin')).periodMs, want);
  });
}

test('a crontab uses the wall clock of its zone', () => {
  const { dueAfter } = timetableOf(crontab('0 9 * * *', 'Asia/Kolkata'));
  assert.equal(new Date(dueAfter(Date.parse('2026-01-01T00:00Z'))).toISOString(), '2026-01-01T03:30:00.000Z');
});
