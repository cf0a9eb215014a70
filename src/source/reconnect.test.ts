import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconnectMs } from './reconnect.ts';

const cases = [
  { failures: 1, random: 1, want: 500 },
  { failures: 2, random: 1, want: 1_000 },
  { failures: 5, random: 1, want: 8_000 },
  { failures: 6, random: 1, want: 10_000 },
  { failures: 1_000, random: 1, want: 10_000 },
  { failures: 6, random: 0.5, want: 5_000 },
  { failures: 1, random: 0, want: 50 },
  { failures: 1, random: 0.1, want: 50 },
  { failures: 1, random: 0.102, want: 51 },
];
for (const { failures, random, want } of cases) {
  test(`after ${failures} failures and a draw of ${random} the wait is ${want} ms`, () => {
    assert.equal(
      reconnectMs(failures, () => random),
      want,
    );
  });
}
