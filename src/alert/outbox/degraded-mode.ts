/** When an instance may show something although it cannot agree with the others: in its turn, and not too much. */

import type { Millis } from '../../event/ids.ts';
import type { Book } from '../incident.ts';
import { rankOf } from '../incidents/replicas.ts';
import type { Policy } from '../policy.ts';
import { idOf, type NextAction, type Postable } from './ledger.ts';

/** A store that restarts is back by then. */
export const patienceMs = 10_000;
/** Time for the one before to post and for the channel to show it. */
export const turnMs = 45_000;
const hourMs = 3_600_000;

export interface DegradedDelivery {
  /** undefined: not known yet; then the answer is about the turn. */
  readonly wanted: NextAction | undefined;
  readonly book: Book;
  /** Deliveries that the book does not know of yet. */
  readonly untold: number;
  readonly instance: string;
  readonly policy: Pick<Policy, 'degradedPerHour'>;
  /** On the clock of `now`; undefined: the store is there, and everything may be shown. */
  readonly awaySince: Millis | undefined;
  readonly now: Millis;
}

export function canDeliverDegraded(
  about: Postable,
  { wanted, untold, book, instance, policy, awaySince, now }: DegradedDelivery,
): boolean {
  if (awaySince === undefined) return true;
  const wantedSince = about.kind === 'incident' ? (about.incident.openedAt ?? now) : about.bulletin.at;
  const turn = Math.max(awaySince, wantedSince) + patienceMs + turnMs * rankOf(idOf(about), instance, book);
  if (now < turn) return false;
  if (wanted !== 'post' && wanted !== 'reminder') return true;
  const hours = Math.max(1, (now - awaySince) / hourMs);
  const posted = book.incidents.filter(({ root, openedAt }) => root !== undefined && (openedAt ?? 0) >= awaySince);
  return posted.length + untold < policy.degradedPerHour * hours;
}
