import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Crontab, crontabAfter } from './crontab.ts';
import { parseCrontab } from './parse-crontab.ts';

function crontabOf(text: string): Crontab {
  const parsed = parseCrontab(text);
  if (!parsed.ok) assert.fail(parsed.reason);
  return parsed.crontab;
}

/** Due times in [from, from + hours), as `day T hour:minute` in UTC. */
function duesOf(text: string, timezone: string, from: string, hours: number): string[] {
  const crontab = crontabOf(text);
  const start = Date.parse(from);
  const dues: string[] = [];
  let at = crontabAfter(crontab, timezone, start - 1);
  while (at < start + hours * 3_600_000) {
    dues.push(new Date(at).toISOString().slice(8, 16));
    at = crontabAfter(crontab, timezone, at);
  }
  return dues;
}

// Due times by `celery.schedules.crontab` of Celery 5.6.3, evaluated at every minute of these nights.
const nights: readonly {
  readonly name: string;
  readonly timezone: string;
  readonly from: string;
  readonly hours: number;
  readonly want: Readonly<Record<string, readonly string[]>>;
}[] = [
  {
    name: 'Berlin in spring, 02:00 to 03:00 skipped',
    timezone: 'Europe/Berlin',
    from: '2026-03-28T23:51Z',
    hours: 4,
    want: {
      '30 2 * * *': ['29T01:30'],
      '45 1 * * *': ['29T00:45'],
      '0 * * * *': ['29T00:00', '29T01:00', '29T02:00', '29T03:00'],
      '15 */2 * * *': ['29T01:15', '29T02:15'],
    },
  },
  {
    name: 'Berlin in autumn, 02:00 to 03:00 twice',
    timezone: 'Europe/Berlin',
    from: '2026-10-24T23:51Z',
    hours: 4,
    want: {
      '30 2 * * *': ['25T00:30'],
      '*/30 * * * *': ['25T00:00', '25T00:30', '25T02:00', '25T02:30', '25T03:00', '25T03:30'],
      '0 * * * *': ['25T00:00', '25T02:00', '25T03:00'],
      '0 2,3 * * *': ['25T00:00', '25T02:00'],
      '15 */2 * * *': ['25T00:15', '25T03:15'],
    },
  },
  {
    name: 'Lord Howe in spring, 02:00 to 02:30 skipped',
    timezone: 'Australia/Lord_Howe',
    from: '2026-10-03T14:51Z',
    hours: 2,
    want: {
      '15 2 * * *': ['03T15:45'],
      '0 2 * * *': ['03T15:30'],
      '*/20 * * * *': ['03T15:10', '03T15:30', '03T15:40', '03T16:00', '03T16:20', '03T16:40'],
    },
  },
  {
    name: 'Lord Howe in autumn, 01:30 to 02:00 twice',
    timezone: 'Australia/Lord_Howe',
    from: '2026-04-04T13:51Z',
    hours: 3,
    want: {
      '45 1 * * *': ['04T14:45'],
      '0 2 * * *': ['04T15:30'],
      '*/10 0-2 * * *': [
        ...['04T14:00', '04T14:10', '04T14:20', '04T14:30', '04T14:40', '04T14:50'],
        ...['04T15:30', '04T15:40', '04T15:50', '04T16:00', '04T16:10', '04T16:20'],
      ],
    },
  },
  {
    name: 'New York in spring, 02:00 to 03:00 skipped',
    timezone: 'America/New_York',
    from: '2026-03-08T04:51Z',
    hours: 4,
    want: { '30 2 * * *': ['08T07:30'], '30 1 * * *': ['08T06:30'] },
  },
  {
    name: 'New York in autumn, 01:00 to 02:00 twice',
    timezone: 'America/New_York',
    from: '2026-11-01T03:51Z',
    hours: 4,
    want: { '30 2 * * *': ['01T07:30'], '30 1 * * *': ['01T05:30'] },
  },
  {
    name: 'Kolkata, half an hour off',
    timezone: 'Asia/Kolkata',
    from: '2026-03-28T18:00Z',
    hours: 24,
    want: { '0 0,9 * * *': ['28T18:30', '29T03:30'] },
  },
];
for (const { name, timezone, from, hours, want } of nights) {
  for (const [text, dues] of Object.entries(want)) {
    test(`${name}: "${text}" is due as in Celery`, () => assert.deepEqual(duesOf(text, timezone, from, hours), dues));
  }
}

const calendar: readonly { readonly text: string; readonly after: string; readonly want: string }[] = [
  { text: '0 9 * * mon-fri', after: '2026-01-16T09:00Z', want: '2026-01-19T09:00:00.000Z' },
  { text: '0 0 1 * *', after: '2026-01-01T00:00Z', want: '2026-02-01T00:00:00.000Z' },
  { text: '0 0 31 * *', after: '2026-01-31T00:00Z', want: '2026-03-31T00:00:00.000Z' },
  { text: '59 23 31 12 *', after: '2026-12-31T23:59Z', want: '2027-12-31T23:59:00.000Z' },
  { text: '0 0 29 2 *', after: '2026-01-01T00:00Z', want: '2028-02-29T00:00:00.000Z' },
  // Both fields must match: a 13th that is a Friday. cron would accept every 13th and every Friday.
  { text: '0 0 13 * fri', after: '2026-03-13T00:00Z', want: '2026-11-13T00:00:00.000Z' },
  { text: '0 0 29 2 sun', after: '2026-01-01T00:00Z', want: '2032-02-29T00:00:00.000Z' },
];
for (const { text, after, want } of calendar) {
  test(`"${text}" after ${after} is due at ${want}`, () =>
    assert.equal(new Date(crontabAfter(crontabOf(text), 'UTC', Date.parse(after))).toISOString(), want));
}

test('the next due time is later than now, and from any moment before it the next one is the same', () => {
  const crontabs = ['*/7 * * * *', '30 2 * * *', '0 */5 * * mon-fri', '15 1-3 */9 * *'].map(crontabOf);
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'];
  const at = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') });
  fc.assert(
    fc.property(
      fc.constantFrom(...crontabs),
      fc.constantFrom(...zones),
      at,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (crontab, timezone, now, part) => {
        const due = crontabAfter(crontab, timezone, now);
        assert.ok(due > now);
        assert.equal(due % 60_000, 0);
        assert.equal(crontabAfter(crontab, timezone, Math.floor(now + (due - now) * part)), due);
      },
    ),
  );
});
