/** A failure of a task that the policy declares critical. */
import { causeCondition } from '../detection/cause-context.ts';
import { newFailureThresholds } from '../detection/cause-thresholds.ts';
import { plainFigures } from '../detection/condition.ts';
import { defineCauseSignal } from '../detection/definition.ts';
import { externalJoins } from '../detection/joins.ts';
import { termsOf } from '../detection/thresholds.ts';
import { failureWords } from '../detection/words.ts';

/** The condition holds this long after a failure, so that failures in quick succession are one incident. */
const holdsMs = 60_000;

export const critical = defineCauseSignal({
  name: 'failures.critical',
  severity: 'critical',
  needsHistory: false,
  thresholds: undefined,
  silences: 'task',
  joins: externalJoins,
  words: { ...failureWords, headline: 'Critical task failed', short: 'critical task failed', meaning: undefined },
  firesWhen: 'a critical task fails',
  appliesTo: ({ isCritical }) => isCritical,
  windowMs: ({ policy, task }) => termsOf(newFailureThresholds, policy, task).withinMs,
  judge(context) {
    const { cause, now, policy, task } = context;
    const { withinMs } = termsOf(newFailureThresholds, policy, task);
    return causeCondition(context, {
      level: now - cause.lastAt < holdsMs ? 'holds' : 'clear',
      figures: plainFigures(cause.window.count(now, withinMs), 1, withinMs),
      severity: 'critical',
      waitMs: 0,
      lastAt: 'last-failure',
    });
  },
});
