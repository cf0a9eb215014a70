import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { digestAfter, muteOf, muteUntil } from './mute-hours.ts';
import type { Digest, MuteHours } from './policy.ts';

const everyDay = [0, 1, 2, 3, 4, 5, 6];
const workdays = [1, 2, 3, 4, 5];

/** `19:00` → minutes since midnight. */
function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
}

function hoursOf(timezone: string, from: string, to: string, days: readonly number[] = everyDay): MuteHours {
  return { name: 'nights', days, from: minutesOf(from), to: minutesOf(to), timezone, letThrough: [], atEnd: 'digest' };
}

const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
const berlin = 'Europe/Berlin';

const muted: readonly {
  readonly name: string;
  readonly hours: MuteHours;
  /** UTC; with undefined where it is not muted. */
  readonly want: readonly (readonly [at: string, until: string | undefined])[];
}[] = [
  {
    name: 'hours within a day hold from their first minute until their last one is over',
    hours: hoursOf(berlin, '12:00', '13:30', workdays),
    want: [
      ['2026-01-12T10:59:59Z', undefined],
      ['2026-01-12T11:00:00Z', '2026-01-12T12:30'],
      ['2026-01-12T12:29:59Z', '2026-01-12T12:30'],
      ['2026-01-12T12:30:00Z', undefined],
      ['2026-01-11T11:30:00Z', undefined],
    ],
  },
  {
    name: 'hours past midnight belong to the day on which they start',
    hours: hoursOf('America/New_York', '19:00', '08:00', workdays),
    want: [
      // Friday evening in New York, into Saturday morning; then nothing until Monday evening.
      ['2026-01-16T23:59:59Z', undefined],
      ['2026-01-17T00:00:00Z', '2026-01-17T13:00'],
      ['2026-01-17T12:59:59Z', '2026-01-17T13:00'],
      ['2026-01-17T13:00:00Z', undefined],
      ['2026-01-18T02:00:00Z', undefined],
      ['2026-01-19T06:00:00Z', undefined],
      ['2026-01-20T00:00:00Z', '2026-01-20T13:00'],
    ],
  },
  {
    name: 'a night with a skipped hour is an hour shorter',
    hours: hoursOf(berlin, '22:00', '06:00'),
    want: [['2026-03-28T21:00:00Z', '2026-03-29T04:00']],
  },
  {
    name: 'a night with a doubled hour is an hour longer',
    hours: hoursOf(berlin, '22:00', '06:00'),
    want: [['2026-10-24T20:00:00Z', '2026-10-25T05:00']],
  },
  {
    name: 'a skipped start moves to the next existing time',
    hours: hoursOf(berlin, '02:30', '04:00'),
    want: [
      ['2026-03-29T00:59:59Z', undefined],
      ['2026-03-29T01:00:00Z', '2026-03-29T02:00'],
      ['2026-03-30T00:30:00Z', '2026-03-30T02:00'],
    ],
  },
  {
    name: 'a skipped end moves to the next existing time',
    hours: hoursOf(berlin, '01:00', '02:30'),
    want: [['2026-03-29T00:30:00Z', '2026-03-29T01:00']],
  },
  {
    name: 'hours that are skipped as a whole do not occur',
    hours: hoursOf(berlin, '02:10', '02:50'),
    want: [
      ['2026-03-29T00:59:59Z', undefined],
      ['2026-03-29T01:00:00Z', undefined],
    ],
  },
  {
    name: 'a doubled hour is muted twice',
    hours: hoursOf(berlin, '02:00', '03:00'),
    want: [
      ['2026-10-24T23:59:59Z', undefined],
      ['2026-10-25T00:00:00Z', '2026-10-25T02:00'],
      ['2026-10-25T01:30:00Z', '2026-10-25T02:00'],
      ['2026-10-25T02:00:00Z', undefined],
    ],
  },
  {
    name: 'a part of a doubled hour is muted twice, including the time between',
    hours: hoursOf(berlin, '02:00', '02:30'),
    want: [
      ['2026-10-25T00:29:59Z', '2026-10-25T00:30'],
      ['2026-10-25T00:30:00Z', undefined],
      ['2026-10-25T01:00:00Z', '2026-10-25T01:30'],
      ['2026-10-25T01:30:00Z', undefined],
    ],
  },
  {
    name: 'mute hours that end when the clock is set back start again when the time repeats',
    hours: hoursOf(berlin, '02:30', '04:00'),
    want: [
      ['2026-10-25T00:45:00Z', '2026-10-25T01:00'],
      ['2026-10-25T01:15:00Z', undefined],
      ['2026-10-25T01:30:00Z', '2026-10-25T03:00'],
    ],
  },
  {
    name: 'on Lord Howe summer is half an hour: forward from 02:00 to 02:30',
    hours: hoursOf('Australia/Lord_Howe', '02:15', '02:45'),
    want: [
      ['2026-10-03T15:29:59Z', undefined],
      ['2026-10-03T15:30:00Z', '2026-10-03T15:45'],
      ['2026-10-03T15:45:00Z', undefined],
    ],
  },
  {
    name: 'and back from 02:00 to 01:30',
    hours: hoursOf('Australia/Lord_Howe', '01:30', '01:45'),
    want: [
      ['2026-04-04T14:30:00Z', '2026-04-04T14:45'],
      ['2026-04-04T14:45:00Z', undefined],
      ['2026-04-04T15:00:00Z', '2026-04-04T15:15'],
      ['2026-04-04T15:15:00Z', undefined],
    ],
  },
  {
    name: 'Kolkata is half an hour off and has no summer time',
    hours: hoursOf('Asia/Kolkata', '22:00', '07:00'),
    want: [
      ['2026-03-29T16:29:59Z', undefined],
      ['2026-03-29T16:30:00Z', '2026-03-30T01:30'],
      ['2026-10-25T16:30:00Z', '2026-10-26T01:30'],
    ],
  },
  {
    name: 'where a day begins at one o’clock, its hours do too',
    hours: hoursOf('Africa/Cairo', '00:00', '06:00', [5]),
    want: [
      ['2026-04-23T21:59:59Z', undefined],
      ['2026-04-23T22:00:00Z', '2026-04-24T03:00'],
    ],
  },
  {
    name: 'from a time to the same time is a whole day, and days without a break are one',
    hours: hoursOf(berlin, '00:00', '00:00', [0, 6]),
    want: [
      ['2026-01-16T22:59:59Z', undefined],
      ['2026-01-16T23:00:00Z', '2026-01-18T23:00'],
      ['2026-01-18T23:00:00Z', undefined],
    ],
  },
];
for (const { name, hours, want } of muted) {
  test(`mute hours: ${name}`, () => {
    assert.deepEqual(
      want.map(([at]) => [at, iso(muteUntil(hours, Date.parse(at)))]),
      want,
    );
  });
}

test('endless mute hours are evaluated again after eight days', () => {
  const until = muteUntil(hoursOf(berlin, '00:00', '00:00'), 0);
  assert.ok(until !== undefined && until >= 8 * 86_400_000 && until <= 10 * 86_400_000, String(until));
});

test('one name may stand for several hours', () => {
  const mutes = [hoursOf(berlin, '22:00', '06:00', workdays), hoursOf(berlin, '00:00', '00:00', [0, 6])];
  assert.equal(iso(muteOf(mutes, 'nights', Date.parse('2026-01-17T12:00Z'))?.until), '2026-01-18T23:00');
  // Friday's night goes on into the weekend.
  assert.equal(iso(muteOf(mutes, 'nights', Date.parse('2026-01-16T22:00Z'))?.until), '2026-01-18T23:00');
  assert.equal(muteOf(mutes, 'nights', Date.parse('2026-01-16T22:00Z'))?.hours, mutes[0]);
  assert.equal(muteOf(mutes, 'nights', Date.parse('2026-01-14T12:00Z')), undefined);
  assert.equal(muteOf(mutes, 'weekends', Date.parse('2026-01-17T12:00Z')), undefined);
  assert.equal(muteOf(mutes, undefined, Date.parse('2026-01-17T12:00Z')), undefined);
});

const zones = [berlin, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'];

test('the hours hold at every moment before their end, and not at the end', () => {
  const at = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') });
  const time = fc.integer({ min: 0, max: 1_439 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.subarray(everyDay), time, time, at, (timezone, days, from, to, now) => {
      const hours = { ...hoursOf(timezone, '0:0', '0:0', days), from, to };
      const until = muteUntil(hours, now);
      if (until === undefined || until - now > 7 * 86_400_000) return;
      assert.equal(muteUntil(hours, until), undefined);
      for (let part = 0; part < 8; part += 1) {
        assert.equal(muteUntil(hours, Math.floor(now + ((until - now) * part) / 8)), until);
      }
    }),
  );
});

const nineOnWorkdays: Digest = { at: 9 * 60, days: workdays, skipEmpty: true };
const digests: readonly {
  readonly name: string;
  readonly digest?: Digest;
  readonly timezone: string;
  readonly want: readonly (readonly [after: string, due: string])[];
}[] = [
  {
    name: 'each workday at nine',
    timezone: berlin,
    want: [
      ['2026-01-16T07:59:59Z', '2026-01-16T08:00'],
      ['2026-01-16T08:00:00Z', '2026-01-19T08:00'],
    ],
  },
  {
    name: 'in wall-clock time, before and after the change',
    timezone: 'America/New_York',
    want: [
      ['2026-03-06T14:00:00Z', '2026-03-09T13:00'],
      ['2026-10-30T13:00:00Z', '2026-11-02T14:00'],
    ],
  },
  { name: 'in Kolkata', timezone: 'Asia/Kolkata', want: [['2026-01-15T22:00:00Z', '2026-01-16T03:30']] },
  {
    name: 'a skipped time moves to the next existing time',
    digest: { at: 2 * 60 + 10, days: everyDay, skipEmpty: true },
    timezone: 'Australia/Lord_Howe',
    want: [['2026-10-03T12:00:00Z', '2026-10-03T15:30']],
  },
  {
    name: 'a doubled time is due once, the first time',
    digest: { at: 2 * 60 + 30, days: everyDay, skipEmpty: true },
    timezone: berlin,
    want: [
      ['2026-10-25T00:00:00Z', '2026-10-25T00:30'],
      ['2026-10-25T00:30:00Z', '2026-10-26T01:30'],
    ],
  },
];
for (const { name, digest = nineOnWorkdays, timezone, want } of digests) {
  test(`digest: ${name}`, () => {
    assert.deepEqual(
      want.map(([after]) => [after, iso(digestAfter(digest, timezone, Date.parse(after)))]),
      want,
    );
  });
}

test('a digest that is off, or has no day, is never due', () => {
  assert.equal(digestAfter({ at: undefined, days: everyDay, skipEmpty: true }, 'UTC', 0), Number.POSITIVE_INFINITY);
  assert.equal(digestAfter({ at: 0, days: [], skipEmpty: true }, 'UTC', 0), Number.POSITIVE_INFINITY);
});
