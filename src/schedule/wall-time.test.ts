import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  dayMs,
  instantsOf,
  isTimezone,
  jumpBetween,
  jumpOver,
  minuteMs,
  startOfDay,
  wallAt,
  weekdayOf,
  withoutJump,
} from './wall-time.ts';

const hourMs = 60 * minuteMs;
const utc = (text: string): number => Date.parse(`${text}Z`);
const textOf = (at: number): string => new Date(at).toISOString().slice(0, 16);

describe('names of time zones', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu'])
    test(`${name} is one`, () => assert.equal(isTimezone(name), true));
  for (const name of ['', '+01:00', 'Europe/Nowhere', 'berlin time', '5'])
    test(`"${name}" is none`, () => assert.equal(isTimezone(name), false));
});

describe('wall-clock time', () => {
  const cases = [
    { zone: 'UTC', at: '2026-07-01T12:00', want: '2026-07-01T12:00' },
    { zone: 'Europe/Berlin', at: '2026-01-15T12:00', want: '2026-01-15T13:00' },
    { zone: 'Europe/Berlin', at: '2026-07-15T12:00', want: '2026-07-15T14:00' },
    { zone: 'America/New_York', at: '2026-01-15T03:00', want: '2026-01-14T22:00' },
    { zone: 'Asia/Kathmandu', at: '2026-01-15T00:00', want: '2026-01-15T05:45' },
    { zone: 'America/St_Johns', at: '2026-01-15T00:00', want: '2026-01-14T20:30' },
    { zone: 'Pacific/Kiritimati', at: '2026-01-15T12:00', want: '2026-01-16T02:00' },
  ];
  for (const { zone, at, want } of cases)
    test(`${at} UTC is ${want} in ${zone}`, () => assert.equal(textOf(wallAt(zone, utc(at))), want));

  test('an unknown zone is an error', () => assert.throws(() => wallAt('Europe/Nowhere', 0), RangeError));
});

describe('instants of a wall-clock time', () => {
  const cases = [
    { name: 'an ordinary time exists once', wall: '2026-07-15T14:00', want: ['2026-07-15T12:00'] },
    { name: 'a time in the skipped hour of spring never exists', wall: '2026-03-29T02:30', want: [] },
    { name: 'the last minute before the skipped hour', wall: '2026-03-29T01:59', want: ['2026-03-29T00:59'] },
    { name: 'the first minute after it', wall: '2026-03-29T03:00', want: ['2026-03-29T01:00'] },
    {
      name: 'a time in the repeated hour of autumn exists twice',
      wall: '2026-10-25T02:30',
      want: ['2026-10-25T00:30', '2026-10-25T01:30'],
    },
    { name: 'the minute before the repeated hour exists once', wall: '2026-10-25T01:59', want: ['2026-10-24T23:59'] },
    { name: 'the minute after it exists once', wall: '2026-10-25T03:00', want: ['2026-10-25T02:00'] },
  ];
  for (const { name, wall, want } of cases)
    test(name, () => assert.deepEqual(instantsOf('Europe/Berlin', utc(wall)).map(textOf), want));

  test('a zone that changes by half an hour', () => {
    assert.deepEqual(instantsOf('Australia/Lord_Howe', utc('2026-10-04T02:15')).map(textOf), []);
    assert.equal(instantsOf('Australia/Lord_Howe', utc('2026-04-05T01:45')).length, 2);
  });

  test('every instant of a wall-clock time shows that time', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    const minutes = fc.integer({ min: utc('2025-01-01T00:00') / minuteMs, max: utc('2027-01-01T00:00') / minuteMs });
    fc.assert(
      fc.property(zones, minutes, (zone, minute) => {
        const at = minute * minuteMs;
        assert.ok(instantsOf(zone, wallAt(zone, at)).includes(at));
      }),
      { numRuns: 300 },
    );
  });
});

describe('changes of the clock', () => {
  test('a skipped time begins when the clock jumps', () => {
    assert.equal(textOf(jumpOver('Europe/Berlin', utc('2026-03-29T02:30'))), '2026-03-29T01:00');
  });

  test('a skipped time without the change would be half an hour later', () => {
    assert.equal(textOf(withoutJump('Europe/Berlin', utc('2026-03-29T02:30'))), '2026-03-29T01:30');
  });

  test('the first change in an interval is found to the millisecond', () => {
    const from = utc('2026-03-28T12:00');
    assert.equal(jumpBetween('Europe/Berlin', from, from + 2 * dayMs), utc('2026-03-29T01:00'));
  });

  test('an interval without a change ends at its end', () => {
    const from = utc('2026-05-01T00:00');
    assert.equal(jumpBetween('Europe/Berlin', from, from + dayMs), from + dayMs);
    assert.equal(jumpBetween('UTC', from, from + dayMs), from + dayMs);
  });
});

describe('days', () => {
  const cases = [
    { wall: '2026-11-29T00:00', day: 0 },
    { wall: '2026-11-30T23:59', day: 1 },
    { wall: '2026-12-05T12:00', day: 6 },
  ];
  for (const { wall, day } of cases)
    test(`${wall} is weekday ${day}`, () => {
      assert.equal(weekdayOf(utc(wall)), day);
      assert.equal(textOf(startOfDay(utc(wall))), `${wall.slice(0, 10)}T00:00`);
    });

  test('days before 1970 start at midnight too', () => {
    assert.equal(startOfDay(-hourMs), -dayMs);
  });
});
