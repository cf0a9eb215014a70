import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from './backoff.ts';

const cases = [
  { name: 'the first wait is at most the first', failures: 1, random: 1, want: 100 },
  { name: 'it doubles', failures: 3, random: 1, want: 400 },
  { name: 'it is capped', failures: 20, random: 1, want: 5_000 },
  { name: 'it stays capped for ever', failures: 1e9, random: 1, want: 5_000 },
  { name: 'half of chance is half of the wait', failures: 3, random: 0.5, want: 200 },
  { name: 'it may be nothing', failures: 3, random: 0, want: 0 },
  { name: 'no failure counts as the first', failures: 0, random: 1, want: 100 },
];
for (const { name, failures, random, want } of cases) {
  test(name, () => assert.equal(backoffMs(failures, { firstMs: 100, mostMs: 5_000, random: () => random }), want));
}
