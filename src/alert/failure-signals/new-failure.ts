/** A cause without a baseline that fails several times. */
import {
  type CauseContext,
  causeCondition,
  causeSuppression,
  countAgainstBaseline,
  isKnown,
  isUnmarked,
  longWindow,
} from '../detection/cause-context.ts';
import { newFailureThresholds, surgeThresholds } from '../detection/cause-thresholds.ts';
import type { Finding } from '../detection/condition.ts';
import { defineCauseSignal } from '../detection/definition.ts';
import { deployBefore } from '../detection/deploys.ts';
import { failureJoins } from '../detection/joins.ts';
import { type TermsOf, termsOf } from '../detection/thresholds.ts';
import { failureWords } from '../detection/words.ts';

/** Failures that chance adds to a small baseline: rare old causes come three at a time. */
const chance = 2;

type Terms = TermsOf<typeof newFailureThresholds.fields>;

export const newFailure = defineCauseSignal({
  name: 'failures.new',
  severity: 'normal',
  needsHistory: true,
  thresholds: newFailureThresholds,
  silences: 'task',
  joins: failureJoins,
  words: { ...failureWords, headline: 'New failure', short: 'new failure', meaning: undefined },
  firesWhen:
    "a cause without a baseline: `min` failures `within`, and `share` of the task's attempts since the first one. After a deploy, `after_deploy.min`",
  appliesTo: (context) => isUnmarked(context) && !isKnown(context, termsFor(context).withinMs),
  windowMs: (context) => termsFor(context).withinMs,
  judge,
});

/**
 * A cause that failed before needs more failures than `min`: more than chance makes of its rate. A slow leak shows in a
 * longer window first, which needs two failures more.
 */
function judge(context: CauseContext): Finding {
  const { policy, subject, now, cause, isOpen } = context;
  const { min, withinMs, share: part, afterDeploy } = termsFor(context);
  const { factor } = termsOf(surgeThresholds, { thresholds: policy.thresholds, tasks: [] });
  const limitOf = (least: number) => (baseline: number) => Math.max(least, Math.round(factor * baseline + chance));
  const deploy = deployBefore(context, subject.pools, now, afterDeploy.forMs);
  const isSinceDeploy = deploy !== undefined && cause.firstAt >= deploy.at;
  const short = countAgainstBaseline(
    context,
    withinMs,
    isSinceDeploy ? () => Math.min(min, afterDeploy.min) : limitOf(min),
  );
  const long = countAgainstBaseline(context, longWindow(withinMs), limitOf(min + 2));
  const over = [short, long].find(({ count, limit, of }) => count >= limit && count >= part * (of ?? 0));
  const figures = over ?? short;
  if (over === undefined && !isOpen) return causeSuppression(context, 'below-threshold', figures);
  return causeCondition(context, { level: over === undefined ? 'clear' : 'holds', figures, lastAt: 'last-failure' });
}

function termsFor({ policy, task }: CauseContext): Terms {
  return termsOf(newFailureThresholds, policy, task);
}
