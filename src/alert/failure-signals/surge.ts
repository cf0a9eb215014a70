/** A known cause that fails far more often than its baseline. */
import { isUnmarked } from '../detection/cause-context.ts';
import { judgeRate } from '../detection/cause-rate.ts';
import { surgeThresholds } from '../detection/cause-thresholds.ts';
import { defineCauseSignal } from '../detection/definition.ts';
import { failureJoins } from '../detection/joins.ts';
import { termsOf } from '../detection/thresholds.ts';
import { failureWords } from '../detection/words.ts';

export const surge = defineCauseSignal({
  name: 'failures.surge',
  severity: 'normal',
  needsHistory: true,
  thresholds: surgeThresholds,
  silences: 'task',
  joins: failureJoins,
  words: {
    ...failureWords,
    headline: 'Surge of a known failure',
    short: 'surge',
    meaning: 'This failure is known, but its rate is far above its baseline.',
  },
  firesWhen:
    'a known cause (at least three failures, the first an hour ago or more): `min`, and `factor` times the upper bound of its rate in the last 24 h',
  // New causes are judged by failures.new, which comes first in the registry.
  appliesTo: isUnmarked,
  windowMs: ({ policy, task }) => termsOf(surgeThresholds, policy, task).withinMs,
  judge: (context) => judgeRate(context, termsOf(surgeThresholds, context.policy, context.task), 'known-rate'),
});
