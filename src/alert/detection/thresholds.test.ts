import assert from 'node:assert/strict';
import test from 'node:test';
import { taskPolicy } from '../../../test/fakes/detector.ts';
import {
  defaultTerms,
  defineThresholds,
  duration,
  factor,
  fixedCount,
  group,
  leastCount,
  optionalDuration,
  queueTermsOf,
  share,
  termsOf,
} from './thresholds.ts';

const set = defineThresholds({
  option: 'late',
  description: 'Late.',
  overriddenBy: 'tasks',
  fields: {
    min: leastCount(3),
    loops: leastCount(3, 2),
    periods: fixedCount(3, 60),
    overMs: optionalDuration(1, 10),
    forMs: duration(60_000, 0, 90_000),
    share: share(0.03),
    factor: factor(4),
    afterDeploy: group({ min: leastCount(1) }),
  },
  sentence: ({ min, afterDeploy }, { count }) => `${count(min, 'failure')}, ${afterDeploy.min} after a deploy`,
});

const same = { periods: 3, overMs: undefined, forMs: 60_000, share: 0.03, factor: 4 };
const profiles = [
  { profile: 'balanced', want: { ...same, min: 3, loops: 3, afterDeploy: { min: 1 } } },
  { profile: 'quiet', want: { ...same, min: 6, loops: 6, afterDeploy: { min: 2 } } },
  // Half of 3 is rounded up; half of 1 stays 1.
  { profile: 'sensitive', want: { ...same, min: 2, loops: 2, afterDeploy: { min: 1 } } },
] as const;
for (const { profile, want } of profiles) {
  test(`the profile ${profile} scales least counts and nothing else`, () => {
    assert.deepEqual(defaultTerms(set.fields, profile), want);
  });
}

test('a scaled count does not fall below the least of its range', () => {
  assert.equal(defaultTerms({ times: leastCount(2, 2) }, 'sensitive').times, 2);
  assert.equal(defaultTerms({ times: leastCount(2) }, 'sensitive').times, 1);
});

const thresholds = { late: defaultTerms(set.fields, 'balanced') };

test('a task has the values of the first entry that matches, and those of the policy otherwise', () => {
  const tasks = [
    taskPolicy({ match: ['mail.*'], thresholds: { late: { min: 9 } } }),
    taskPolicy({ match: ['mail.send'], thresholds: { late: { min: 5 } } }),
  ];
  assert.equal(termsOf(set, { thresholds, tasks }, 'mail.send').min, 9);
  assert.equal(termsOf(set, { thresholds, tasks }, 'mail.send').factor, 4);
  assert.equal(termsOf(set, { thresholds, tasks }, 'web.render').min, 3);
  assert.equal(termsOf(set, { thresholds, tasks }).min, 3, 'a task of unknown name');
});

test('a queue has the values of the first entry that matches', () => {
  const queues = [{ match: ['pay*'], thresholds: { late: { overMs: 5 } } }];
  assert.equal(queueTermsOf(set, { thresholds, queues }, 'payments').overMs, 5);
  assert.equal(queueTermsOf(set, { thresholds, queues }, 'mail').overMs, undefined);
});

test('the sentence receives the values and a format', () => {
  const format = { count: (n: number, noun: string) => `${n} ${noun}`, duration: String, share: String };
  assert.equal(set.sentence(thresholds.late, format), '3 failure, 1 after a deploy');
});
