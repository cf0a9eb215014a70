/** Thresholds that several signals about causes use. */
import { defineThresholds, factor, group, holdFor, leastCount, share, windowOf } from './thresholds.ts';

const minute = 60_000;

export const newFailureThresholds = defineThresholds({
  option: 'newFailure',
  description:
    'A new cause: this many failures, and this share of the attempts of the task. After a deploy a lower number is enough.',
  overriddenBy: 'tasks',
  fields: {
    min: leastCount(3),
    withinMs: windowOf(10 * minute),
    share: share(0.03),
    afterDeploy: group({ min: leastCount(2), forMs: holdFor(15 * minute) }),
  },
  sentence: ({ min, withinMs, share: part, afterDeploy }, { count, duration, share: shareText }) =>
    `A new cause: ${count(min, 'failure')} in ${duration(withinMs)} and ${shareText(part)} of the task’s attempts; ` +
    `for ${duration(afterDeploy.forMs)} after a deploy ${afterDeploy.min}.`,
});

export const surgeThresholds = defineThresholds({
  option: 'surge',
  description: 'A known cause: this many failures, and this factor above the rate that chance explains.',
  overriddenBy: 'tasks',
  fields: { min: leastCount(8), factor: factor(4), withinMs: windowOf(10 * minute) },
  sentence: ({ min, factor: times, withinMs }, { count, duration }) =>
    `A known cause: ${count(min, 'failure')} in ${duration(withinMs)} and ${times} times its baseline.`,
});
