import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextGatherMs } from './redis-tap.ts';

const settled = (bytesPerMs: number): number => {
  let gatherMs = 2;
  for (let step = 0; step < 50; step += 1) gatherMs = nextGatherMs(gatherMs, bytesPerMs * gatherMs);
  return gatherMs;
};

test('a quiet stream is read twenty times a second', () => assert.equal(settled(100), 50));

test('a busy stream is read so often that no kernel has to hold more than 64 KB', () => {
  for (const bytesPerMs of [1_000, 5_000, 20_000]) {
    assert.ok(bytesPerMs * settled(bytesPerMs) <= 64 * 1_024, `${bytesPerMs} bytes a ms`);
  }
});

test('there is always a next reading, and soon', () => {
  assert.equal(settled(1e9), 2);
  assert.equal(nextGatherMs(50, 0), 50);
});
