/** A cause that an operator resolved and that fails again. */

import { causeCondition, causeSuppression } from '../detection/cause-context.ts';
import { newFailureThresholds } from '../detection/cause-thresholds.ts';
import { plainFigures } from '../detection/condition.ts';
import { defineCauseSignal } from '../detection/definition.ts';
import { deployBefore } from '../detection/deploys.ts';
import { externalJoins } from '../detection/joins.ts';
import { termsOf } from '../detection/thresholds.ts';
import { failureWords } from '../detection/words.ts';
import { bucketMs } from '../evidence/sliding-window.ts';

const minute = 60_000;
const windowMs = 10 * minute;
/** Attempts that ran while the operator resolved the cause may still fail. */
const graceMs = 5 * minute;

export const regressed = defineCauseSignal({
  name: 'failures.regressed',
  severity: 'high',
  needsHistory: false,
  thresholds: undefined,
  silences: 'task',
  joins: externalJoins,
  words: {
    ...failureWords,
    headline: 'Regression',
    short: 'regression',
    meaning: 'This failure was resolved and has occurred again.',
  },
  firesWhen: 'a resolved cause fails twice (once in a newer release), five minutes after it was resolved or later',
  appliesTo: ({ isCritical, mark }) => !isCritical && mark?.state === 'resolved',
  windowMs: ({ policy, task }) => termsOf(newFailureThresholds, policy, task).withinMs,
  judge(context) {
    const { now, cause, subject, mark, isOpen } = context;
    const resolvedAt = mark?.at ?? now;
    const from = Math.max(resolvedAt + graceMs, now - windowMs);
    const count = from >= now ? 0 : cause.window.between(from, now + bucketMs);
    const isNewRelease = deployBefore(context, subject.pools, now, now - resolvedAt) !== undefined;
    const limit = isNewRelease ? 1 : 2;
    const figures = plainFigures(count, limit, windowMs);
    if (count < limit && !isOpen) return causeSuppression(context, 'below-threshold', figures);
    return causeCondition(context, {
      level: count >= limit ? 'holds' : 'clear',
      figures,
      severity: 'high',
      lastAt: 'last-failure',
    });
  },
});
