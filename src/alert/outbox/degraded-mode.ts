/**
 * When an instance may deliver although it cannot reach the store, and so cannot agree with the others: each instance in its
 * turn, and only a few messages an hour.
 */
import type { Millis } from '../../event/ids.ts';
import type { Book } from '../incident.ts';
import type { Policy } from '../policy.ts';
import { type ReceiverName, receiptOf } from '../receipts.ts';
import { idOf, type NextAction, type Postable } from './ledger.ts';
import { rankOf } from './replicas.ts';

/** A restarting store is back within this time. */
const patienceMs = 10_000;
/** Time for the previous instance to post, and for its message to become visible to the next one. */
const turnMs = 45_000;
const hourMs = 3_600_000;

export interface DegradedDelivery {
  readonly receiver: ReceiverName;
  /** undefined: not known yet; then only the turn is checked. */
  readonly action: NextAction | undefined;
  readonly book: Book;
  /** Deliveries to the receiver that the book does not know of yet. */
  readonly unrecordedCount: number;
  readonly instance: string;
  readonly policy: Pick<Policy, 'degradedPerHour'>;
  /** On the clock of `now`; undefined: the store is reachable, and everything may be delivered. */
  readonly awaySince: Millis | undefined;
  readonly now: Millis;
}

export function canDeliverDegraded(about: Postable, delivery: DegradedDelivery): boolean {
  const { receiver, action, book, unrecordedCount, instance, policy, awaySince, now } = delivery;
  if (awaySince === undefined) return true;
  const dueSince = about.kind === 'incident' ? (about.incident.openedAt ?? now) : about.bulletin.at;
  const turnAt = Math.max(awaySince, dueSince) + patienceMs + turnMs * rankOf(idOf(about), instance, book);
  if (now < turnAt) return false;
  if (action !== 'post' && action !== 'reminder') return true;
  const hours = Math.max(1, (now - awaySince) / hourMs);
  const posted = book.incidents.filter(
    (incident) => receiptOf(incident, receiver).ref !== undefined && (incident.openedAt ?? 0) >= awaySince,
  );
  return posted.length + unrecordedCount < policy.degradedPerHour * hours;
}
