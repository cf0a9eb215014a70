/** Evaluates each cause of failures with the first signal of the registry that applies to it. */

import { matchesSome } from '../../event/glob.ts';
import { type CauseEvidence, isCountedByPool } from '../evidence/causes.ts';
import type { SuppressedSignalReason } from '../signal.ts';
import { type CauseContext, causeContext, causeSuppression } from './cause-context.ts';
import { type Evaluation, type Finding, isSuppression, plainFigures } from './condition.ts';
import type { CauseSignal } from './definition.ts';

export interface CauseFinding {
  readonly definition: CauseSignal;
  readonly finding: Finding;
}

/** Causes that failed since the last evaluation, and causes whose signal has not cleared. */
export function detectCauses(evaluation: Evaluation, signals: readonly CauseSignal[]): CauseFinding[] {
  const { evidence, episodes } = evaluation;
  const open = episodes.of('cause').flatMap(({ fingerprint }) => evidence.causes.get(fingerprint) ?? []);
  return [...new Set([...evidence.causes.touched(), ...open])].flatMap((cause) => {
    // Deaths of workers are reported by pool, unless a signal about the cause waits to clear.
    if (isCountedByPool(cause.last) && cause.unreported === 0) return [];
    const found = judgeCause(evaluation, cause, signals);
    return found === undefined || (isSuppression(found.finding) && cause.unreported === 0) ? [] : [found];
  });
}

function judgeCause(
  evaluation: Evaluation,
  cause: CauseEvidence,
  signals: readonly CauseSignal[],
): CauseFinding | undefined {
  const context = causeContext(evaluation, cause);
  const definition = signals.find((signal) => signal.appliesTo(context));
  if (definition === undefined) return undefined;
  const reason = exclusionOf(context, definition);
  if (reason === undefined) return { definition, finding: definition.judge(context) };
  const withinMs = definition.windowMs(context);
  const figures = plainFigures(cause.window.count(evaluation.now, withinMs), 1, withinMs);
  return { definition, finding: causeSuppression(context, reason, figures) };
}

/** Reason not to judge a cause at all. */
function exclusionOf(context: CauseContext, { needsHistory }: CauseSignal): SuppressedSignalReason | undefined {
  const { cause, taskPolicy, subject, evidence, now, policy, isOpen } = context;
  if (cause.last.class === 'cancelled') return 'cancelled';
  if (taskPolicy !== undefined && subject.exceptions.some((name) => matchesSome(taskPolicy.ignore, name)))
    return 'ignored';
  return needsHistory && !isOpen && evidence.isLearning(now, policy.learningMs) ? 'learning' : undefined;
}
