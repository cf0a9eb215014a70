/** Comparison of two deliveries with the same retries: the same message again, or another one. Pure. */
import type { AttemptRecord, Delivery, Publication } from './publication.ts';

type Digested = { readonly digest?: number | undefined };

/** True if the two are known to differ. */
export function isOtherMessage(a: Digested, b: Digested): boolean {
  return a.digest !== undefined && b.digest !== undefined && a.digest !== b.digest;
}

/** A broker delivers a message again to a process that holds it only after a timeout, which is longer than this. */
const redeliveryMinMs = 2_000;

/**
 * True if `next` brought another message than `attempt`: `replace()` publishes the task's own id again and ends the attempt
 * without an event. The same message comes again if its worker died or held it for too long.
 */
export function isReplacedBy(
  { sends, attempts, waiting }: Publication,
  attempt: AttemptRecord,
  next: Delivery | AttemptRecord | undefined,
): boolean {
  const { retries, hostname, pid } = attempt;
  if (next !== undefined && isOtherMessage(attempt, next)) return true;
  const nextAt = next === undefined || 'at' in next ? next?.at : next.receivedAt;
  const sinceMs = (nextAt ?? Number.POSITIVE_INFINITY) - (attempt.receivedAt ?? attempt.startedAt ?? 0);
  const isSameProcess = next?.hostname === hostname && next.pid === pid && pid !== undefined;
  if (isSameProcess && sinceMs < redeliveryMinMs) return true;
  const isSame = ({ retries: other }: { readonly retries: number }): boolean => other === retries;
  const sendCount = sends.filter(isSame).length;
  // A message with the same content was published again if every delivery has a send of its own.
  return sendCount > 1 && sendCount >= attempts.filter(isSame).length + waiting.filter(isSame).length;
}
