import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BaselineRate, upperBound } from './baseline-rate.ts';

const hour = 3_600_000;

test('usual rate: a day of hours counts, the one before it does not', () => {
  const rate = new BaselineRate();
  rate.add(0, 5);
  rate.add(hour, 7);
  assert.equal(rate.total(23 * hour), 12);
  assert.equal(rate.total(24 * hour), 7);
});

test('baseline rate: two replicas merge to the greater count of each hour, not to the sum', () => {
  const rate = new BaselineRate([[10, 4]]);
  rate.merge([
    [10, 6],
    [11, 1],
  ]);
  assert.deepEqual(rate.counts(), [
    [10, 6],
    [11, 1],
  ]);
});

test('usual rate: holds no more than a day, however long it runs', () => {
  const rate = new BaselineRate();
  for (let at = 0; at < 1_000; at += 1) rate.add(at * hour);
  assert.ok(rate.counts().length <= 26);
});

const bounds = [
  { name: 'nothing in a day leaves a little room', count: 0, observedMs: 24 * hour, withinMs: hour, want: 3 / 24 },
  {
    name: 'one in an hour may be many by chance',
    count: 1,
    observedMs: hour,
    withinMs: hour,
    want: 2 + 2 * Math.sqrt(2),
  },
  {
    name: 'a window longer than what was watched is not scaled up',
    count: 0,
    observedMs: 1_000,
    withinMs: hour,
    want: 3,
  },
  {
    name: 'without a watch everything is possible',
    count: 0,
    observedMs: 0,
    withinMs: hour,
    want: Number.POSITIVE_INFINITY,
  },
];
for (const { name, count, observedMs, withinMs, want } of bounds) {
  test(`upper bound: ${name}`, () => assert.equal(upperBound(count, observedMs, withinMs), want));
}
