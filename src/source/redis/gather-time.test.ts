import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextGatherMs } from './gather-time.ts';

const settled = (bytesPerMs: number): number => {
  let gatherMs = 2;
  for (let step = 0; step < 50; step += 1) gatherMs = nextGatherMs(gatherMs, bytesPerMs * gatherMs);
  return gatherMs;
};

test('a quiet stream is read ten times a second', () => assert.equal(settled(1_000), 100));

test('a busy stream is read so often that less than a megabyte is buffered for it', () => {
  for (const bytesPerMs of [8_000, 40_000, 160_000]) {
    assert.ok(bytesPerMs * settled(bytesPerMs) <= 1_024 * 1_024, `${bytesPerMs} bytes a ms`);
  }
});

test('the time to gather stays between 2 ms and 100 ms', () => {
  assert.equal(settled(1e9), 2);
  assert.equal(nextGatherMs(100, 0), 100);
});
