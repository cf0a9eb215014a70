import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { taskPolicy } from '../../../test/fakes/detector.ts';
import {
  defaultTerms,
  defineThresholds,
  duration,
  factor,
  fixedCount,
  group,
  holdFor,
  leastCount,
  optionalDuration,
  queueTermsOf,
  share,
  termsOf,
  windowOf,
} from './thresholds.ts';

const second = 1_000;
const minute = 60 * second;

const fields = {
  min: leastCount(3),
  least: leastCount(3, 2, 10),
  periods: fixedCount(3, 60),
  withinMs: windowOf(10 * minute),
  overMs: optionalDuration(second, minute),
  part: share(0.2),
  times: factor(4),
  after: group({ min: leastCount(5), forMs: holdFor(minute) }),
};

const set = defineThresholds({
  option: 'sample',
  description: 'A sample.',
  overriddenBy: 'tasks',
  fields,
  sentence: ({ min, overMs }, format) => `${format.count(min, 'failure')}, ${overMs ?? 'no limit'}`,
});

describe('profiles', () => {
  const cases = [
    { profile: 'quiet', min: 6, least: 6, after: 10 },
    { profile: 'balanced', min: 3, least: 3, after: 5 },
    // Half of three is rounded up; a least of the range is kept.
    { profile: 'sensitive', min: 2, least: 2, after: 3 },
  ] as const;
  for (const { profile, min, least, after } of cases) {
    test(`${profile} scales the least counts and nothing else`, () => {
      assert.deepEqual(defaultTerms(fields, profile), {
        min,
        least,
        periods: 3,
        withinMs: 10 * minute,
        overMs: undefined,
        part: 0.2,
        times: 4,
        after: { min: after, forMs: minute },
      });
    });
  }

  test('sensitive never halves below the least of a range', () => {
    assert.deepEqual(defaultTerms({ min: leastCount(2, 2, 10), one: leastCount(1) }, 'sensitive'), { min: 2, one: 1 });
  });
});

describe('ranges', () => {
  const cases = [
    { title: 'a least count', field: leastCount(3), range: { least: 1, most: 10_000, isScaled: true } },
    { title: 'a fixed count', field: fixedCount(3, 60), range: { least: 1, most: 60, isScaled: false } },
    { title: 'a window', field: windowOf(minute), range: { leastMs: 10 * second, mostMs: 30 * minute } },
    { title: 'a time to last', field: holdFor(minute), range: { leastMs: 0, mostMs: 1_440 * minute } },
    { title: 'a duration', field: duration(minute, 1, 2 * minute), range: { leastMs: 1, mostMs: 2 * minute } },
    { title: 'a factor', field: factor(4), range: { default: 4, most: 1_000 } },
  ];
  for (const { title, field, range } of cases) {
    test(title, () => assert.partialDeepStrictEqual(field, range));
  }
});

describe('terms of a task', () => {
  const thresholds = { sample: { min: 3, withinMs: 10 * minute }, other: { min: 50 } };
  const tasks = [
    taskPolicy({ match: ['mail.*'], thresholds: { sample: { min: 9 } } }),
    taskPolicy({ match: ['mail.send', 'news.*'], thresholds: { sample: { min: 20 }, other: { min: 1 } } }),
  ];
  const cases = [
    { title: 'a task without an entry has the terms of the policy', task: 'billing.charge', min: 3 },
    { title: 'an unknown task has the terms of the policy', task: undefined, min: 3 },
    { title: 'the first entry that matches applies', task: 'mail.send', min: 9 },
    { title: 'a later entry applies to other tasks', task: 'news.send', min: 20 },
  ];
  for (const { title, task, min } of cases) {
    test(`${title}; other values stay`, () => {
      assert.deepEqual(termsOf(set, { thresholds, tasks }, task), { min, withinMs: 10 * minute });
    });
  }
});

describe('terms of a queue', () => {
  const thresholds = { sample: { min: 3, times: 4 } };
  const queues = [
    { match: ['bulk', 'mail*'], thresholds: { sample: { min: 9 } } },
    { match: ['*'], thresholds: { sample: { min: 20 } } },
  ];
  const cases = [
    { queue: 'bulk', min: 9 },
    { queue: 'mail-low', min: 9 },
    { queue: 'reports', min: 20 },
  ];
  for (const { queue, min } of cases) {
    test(`${queue}: the first entry that matches applies`, () => {
      assert.deepEqual(queueTermsOf(set, { thresholds, queues }, queue), { min, times: 4 });
    });
  }

  test('a queue without an entry has the terms of the policy', () => {
    assert.deepEqual(queueTermsOf(set, { thresholds, queues: [] }, 'bulk'), { min: 3, times: 4 });
  });
});

test('the sentence reads the values that it is given', () => {
  const format = {
    count: (count: number, noun: string) => `${count} ${noun}`,
    duration: (ms: number) => `${ms}ms`,
    share: (part: number) => `${part}`,
  };
  assert.equal(set.sentence({ min: 7, overMs: undefined }, format), '7 failure, no limit');
  assert.equal(set.sentence({ min: 1, overMs: 5 }, format), '1 failure, 5');
});
