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

const everyCases: readonly { readonly at: string; readonly want: string }[] = [
  { at: '2026-01-01T00:00:00Z', want: '2026-01-01T00:30:00.000Z' },
  { at: '2026-01-01T00:29:59Z', want: '2026-01-01T00:30:00.000Z' },
  { at: '2026-01-01T00:30:00Z', want: '2026-01-01T01:00:00.000Z' },
  { at: '1969-12-31T23:45:00Z', want: '1970-01-01T00:00:00.000Z' },
];
for (const { at, want } of everyCases) {
  test(`a run every half hour is due after ${at} at ${want}`, () => {
    const { dueAfter } = timetableOf({ kind: 'every', everyMs: 30 * minute, offsetMs: 0 });
    assert.equal(new Date(dueAfter(Date.parse(at))).toISOString(), want);
  });
}

test('an offset longer than the interval counts as its remainder', () => {
  const { dueAfter } = timetableOf({ kind: 'every', everyMs: hour, offsetMs: 25 * hour + 10 * minute });
  assert.equal(new Date(dueAfter(Date.parse('2026-01-01T00:00Z'))).toISOString(), '2026-01-01T00:10:00.000Z');
});

test('successive due times of a schedule are never closer than its period', () => {
  for (const text of ['*/7 * * * *', '0 9,17 * * mon-fri', '30 2 1,15 * *']) {
    const { periodMs, dueAfter } = timetableOf(crontab(text));
    let at = dueAfter(Date.parse('2026-03-01T00:00Z'));
    for (let count = 0; count < 200; count += 1) {
      const next = dueAfter(at);
      assert.ok(next - at >= periodMs, `${text} after ${new Date(at).toISOString()}`);
      at = next;
    }
  }
});
