/** An archived cause that got far worse than its baseline. */
import { judgeRate } from '../detection/cause-rate.ts';
import { surgeThresholds } from '../detection/cause-thresholds.ts';
import { defineCauseSignal } from '../detection/definition.ts';
import { failureJoins } from '../detection/joins.ts';
import { termsOf } from '../detection/thresholds.ts';
import { failureWords } from '../detection/words.ts';

/** An operator accepted the cause, so a few failures more are no reason to notify again. */
const leastFailures = 10;

export const escalated = defineCauseSignal({
  name: 'failures.escalated',
  severity: 'normal',
  needsHistory: false,
  thresholds: surgeThresholds,
  silences: 'task',
  joins: failureJoins,
  words: {
    ...failureWords,
    headline: 'Archived failure got worse',
    short: 'escalated',
    meaning: 'This failure was archived, and its rate is now far above the rate at that time.',
  },
  firesWhen: 'an archived cause surges, with at least ten failures',
  appliesTo: ({ isCritical, mark }) => !isCritical && mark?.state === 'archived',
  windowMs: ({ policy, task }) => termsOf(surgeThresholds, policy, task).withinMs,
  judge(context) {
    const terms = termsOf(surgeThresholds, context.policy, context.task);
    return judgeRate(context, { ...terms, min: Math.max(leastFailures, terms.min) }, 'archived');
  },
});
