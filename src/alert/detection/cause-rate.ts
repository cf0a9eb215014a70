/** Rate of a cause against its baseline. */
import type { SuppressedSignalReason } from '../signal.ts';
import {
  type CauseContext,
  causeCondition,
  causeSuppression,
  countAgainstBaseline,
  longWindow,
} from './cause-context.ts';
import type { surgeThresholds } from './cause-thresholds.ts';
import type { Finding } from './condition.ts';
import type { TermsOf } from './thresholds.ts';

/** Failures that chance adds to a small baseline. */
const chance = 3;

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
