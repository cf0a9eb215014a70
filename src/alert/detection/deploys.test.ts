import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultPolicy } from '../default-policy.ts';
import { matchesEverything } from '../matcher.ts';
import type { DeployMark, Subject } from '../signal.ts';
import { emptySubject } from './condition.ts';
import { deployBefore, isInDeployGrace, markOf } from './deploys.ts';

const minute = 60_000;
const at = 1_000 * minute;
const deploys: readonly DeployMark[] = [
  { version: 'v1', at: at - 30 * minute, pools: [] },
  { version: 'v2', at: at - 10 * minute, pools: ['celery@mail*'] },
];

const cases = [
  { name: 'the newest deploy of the pool', pools: ['celery@mail'], withinMs: 60 * minute, want: 'v2' },
  { name: 'a deploy without pools is one of every pool', pools: ['celery@web'], withinMs: 60 * minute, want: 'v1' },
  { name: 'a deploy at the edge of the time', pools: ['celery@mail'], withinMs: 10 * minute, want: 'v2' },
  { name: 'no deploy within the time', pools: ['celery@mail'], withinMs: 10 * minute - 1, want: undefined },
  { name: 'without a known pool only deploys of every pool count', pools: [], withinMs: 60 * minute, want: 'v1' },
];
for (const { name, pools, withinMs, want } of cases) {
  test(`deploy before a failure: ${name}`, () => {
    assert.equal(deployBefore({ deploys }, pools, at, withinMs)?.version, want);
  });
}

test('a deploy after the failure does not count', () => {
  assert.equal(deployBefore({ deploys }, ['celery@mail'], at - 20 * minute, 60 * minute)?.version, 'v1');
});

test('workers may be missing during the grace time, both ends included', () => {
  const policy = defaultPolicy('#alerts');
  const graceMs = policy.deploys.workerGraceMs;
  const inGrace = (now: number): boolean => isInDeployGrace({ deploys, policy, now }, 'celery@mail');
  assert.equal(inGrace(at - 10 * minute), true);
  assert.equal(inGrace(at - 10 * minute + graceMs), true);
  assert.equal(inGrace(at - 10 * minute + graceMs + 1), false);
});

test('the latest mark that matches the subject counts', () => {
  const subject = { ...emptySubject, tasks: ['mail.send'], title: '' as Subject['title'] };
  const mark = { match: matchesEverything, state: 'resolved', at: 0, by: 'U1', incident: undefined } as const;
  const marks = [
    mark,
    { ...mark, state: 'archived' },
    { ...mark, match: { ...matchesEverything, tasks: ['x'] } },
  ] as const;
  assert.equal(markOf({ marks }, subject)?.state, 'archived');
  assert.equal(markOf({ marks: [] }, subject), undefined);
});
