import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DurationHistogram } from './duration-histogram.ts';

test('run times: 99 of 100 stay below the quantile, within a tenth', () => {
  const times = new DurationHistogram();
  for (let ms = 1; ms <= 1_000; ms += 1) times.add(ms);
  const p99 = times.quantile(0.99) ?? 0;
  assert.ok(p99 >= 990 && p99 <= 990 * 1.1, `${p99}`);
});

test('run times: one slow run in twenty is the slowest that they know', () => {
  const times = new DurationHistogram();
  for (let count = 0; count < 19; count += 1) times.add(100);
  times.add(60_000);
  assert.ok((times.quantile(0.5) ?? 0) <= 110);
  assert.ok((times.quantile(0.99) ?? 0) >= 60_000);
});

test('run times: without attempts there is no percentile; an attempt of 0 ms counts', () => {
  const times = new DurationHistogram();
  assert.equal(times.quantile(0.99), undefined);
  times.add(0);
  assert.equal(times.quantile(0.99), 1);
});

test('run times: the old count less and less, so a release that made a task faster is believed', () => {
  const times = new DurationHistogram();
  for (let count = 0; count < 2_000; count += 1) times.add(10_000);
  for (let count = 0; count < 40_000; count += 1) times.add(100);
  assert.ok((times.quantile(0.99) ?? 0) <= 110);
  assert.ok(times.total <= 2_001);
});

test('run times: written down and read again they are the same', () => {
  const times = new DurationHistogram();
  for (const ms of [1, 20, 300, 300, 4_000]) times.add(ms);
  assert.deepEqual(new DurationHistogram(times.counts()).counts(), times.counts());
});
