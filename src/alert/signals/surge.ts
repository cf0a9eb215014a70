/** A known cause that fails far more often than its baseline. */
import {
  type CauseContext,
  causeCondition,
  causeSuppression,
  countAgainstBaseline,
  isUnmarked,
  longWindow,
} from '../detection/cause-context.ts';
import type { Finding } from '../detection/condition.ts';
import { defineCauseSignal } from '../detection/definition.ts';
import { failureJoins } from '../detection/joins.ts';
import { defineThresholds, factor, leastCount, type TermsOf, termsOf, windowOf } from '../detection/thresholds.ts';
import { failureWords } from '../detection/words.ts';
import type { SuppressedSignalReason } from '../signal.ts';

const minute = 60_000;
/** Failures that chance adds to a small baseline. */
const chance = 3;

export const surgeThresholds = defineThresholds({
  option: 'surge',
  description: 'A known cause: this many failures, and this factor above the rate that chance explains.',
  overriddenBy: 'tasks',
  fields: { min: leastCount(8), factor: factor(4), withinMs: windowOf(10 * minute) },
  sentence: ({ min, factor: times, withinMs }, { count, duration }) =>
    `A known cause: ${count(min, 'failure')} in ${duration(withinMs)} and ${times} times its baseline.`,
});

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

/** Compares the rate with the baseline, in the configured window and in a longer one with twice the count. */
export function judgeRate(
  context: CauseContext,
  { min, factor: times, withinMs }: TermsOf<typeof surgeThresholds.fields>,
  reason: SuppressedSignalReason,
): Finding {
  const limitOf = (least: number) => (baseline: number) => Math.max(least, Math.ceil(times * baseline + chance));
  const short = countAgainstBaseline(context, withinMs, limitOf(min));
  const long = countAgainstBaseline(context, longWindow(withinMs), limitOf(2 * min));
  const over = [short, long].find(({ count, limit }) => count >= limit);
  const figures = over ?? short;
  if (over === undefined && !context.isOpen) return causeSuppression(context, reason, figures);
  const isHigh = short.count >= short.limit / 2;
  const level = over !== undefined ? 'holds' : isHigh ? 'lingers' : 'clear';
  return causeCondition(context, { level, figures, lastAt: 'now' });
}
