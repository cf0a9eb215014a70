/** Limit of messages per channel: token buckets in the book, so that all instances share them. */
import type { Millis } from '../../event/ids.ts';
import type { Book } from '../incident.ts';
import type { Policy } from '../policy.ts';

const hourMs = 3_600_000;

/** The buckets after one more message. Not granted if the bucket is empty. */
export function takeBudgetToken(
  budgets: Book['budgets'],
  { budgets: limits }: Pick<Policy, 'budgets'>,
  channel: string,
  now: Millis,
): { readonly budgets: Book['budgets']; readonly isGranted: boolean } {
  const { burst, perHour } = limits.byChannel[channel] ?? limits.default;
  const known = budgets[channel] ?? { tokens: burst, at: now };
  const tokens = Math.min(burst, known.tokens + ((now - known.at) * perHour) / hourMs);
  const isGranted = tokens >= 1;
  return { budgets: { ...budgets, [channel]: { tokens: isGranted ? tokens - 1 : tokens, at: now } }, isGranted };
}
