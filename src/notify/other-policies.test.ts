import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtherPolicies } from './other-policies.ts';

/** Observations as [time in ms, count of other policies] → the counts that are reported. */
const cases: readonly { name: string; observations: readonly [number, number][]; want: readonly number[] }[] = [
  {
    name: 'reports nothing while all policies are equal',
    observations: [
      [0, 0],
      [120_000, 0],
    ],
    want: [],
  },
  {
    name: 'reports no difference of less than a minute',
    observations: [
      [0, 1],
      [59_999, 1],
      [60_001, 0],
    ],
    want: [],
  },
  {
    name: 'reports a difference after a minute, once',
    observations: [
      [0, 1],
      [60_000, 1],
      [90_000, 1],
    ],
    want: [1],
  },
  {
    name: 'reports each change of the count',
    observations: [
      [0, 1],
      [60_000, 1],
      [61_000, 3],
    ],
    want: [1, 3],
  },
  {
    name: 'reports the end at once',
    observations: [
      [0, 2],
      [60_000, 2],
      [60_001, 0],
    ],
    want: [2, 0],
  },
  {
    name: 'waits a minute again after an end',
    observations: [
      [0, 1],
      [60_000, 1],
      [61_000, 0],
      [62_000, 1],
      [121_999, 1],
      [122_000, 1],
    ],
    want: [1, 0, 1],
  },
];
for (const { name, observations, want } of cases) {
  test(name, () => {
    const policies = new OtherPolicies();
    const reported = observations.map(([at, count]) => policies.observe(count, at));
    assert.deepEqual(
      reported.filter((count) => count !== undefined),
      want,
    );
  });
}
