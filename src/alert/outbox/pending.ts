/** Incidents and bulletins that may need delivery to one receiver, and the ledger to assume if none is stored. Pure. */
import type { Book, Incident } from '../incident.ts';
import { type ReceiverName, receiptOf } from '../receipts.ts';
import { emptyLedger, type Ledger, type Postable, revOf, type SupportedActions } from './ledger.ts';

const order: Readonly<Record<Incident['severity'], number>> = { critical: 0, high: 1, normal: 2 };

/** A book this young may be the successor of a lost one. */
const youngBookMs = 60_000;

/**
 * First messages go before edits, so that edits of many messages delay none of them. Then the most severe come first, and of
 * those the oldest. Bulletins follow incidents.
 */
export function postables(book: Book, receiver: ReceiverName): Postable[] {
  const incidents = book.incidents
    .filter(({ rev, phase }) => rev > 0 && phase.name !== 'pending')
    .sort((a, b) => order[a.severity] - order[b.severity] || a.firstAt - b.firstAt);
  const all = [
    ...incidents.map((incident): Postable => ({ kind: 'incident', incident })),
    ...book.bulletins.map((bulletin): Postable => ({ kind: 'bulletin', bulletin })),
  ];
  const hasRoot = (about: Postable): boolean => receiptOf(itemOf(about), receiver).ref !== undefined;
  return [...all.filter((about) => !hasRoot(about)), ...all.filter(hasRoot)];
}

function itemOf(about: Postable): Pick<Incident, 'rev' | 'receipts'> {
  return about.kind === 'incident' ? about.incident : about.bulletin;
}

/** Everything that a delivery can depend on, as one text. */
export function stateOf(about: Postable): string {
  if (about.kind === 'bulletin') return `${about.bulletin.rev}`;
  const { rev, lines, also, hidden, phase, reminders } = about.incident;
  return [rev, lines.length, reminders, also.length, hidden?.reason, phase.name].join(' ');
}

/** True if the book's receipt proves that nothing remains to deliver, so that the ledger need not be read. */
export function isDelivered(about: Postable, receiver: ReceiverName, supported: SupportedActions): boolean {
  const receipt = receiptOf(itemOf(about), receiver);
  if (receipt.rev < revOf(about)) return false;
  if (about.kind === 'bulletin') return true;
  const { reminders, also } = about.incident;
  // A delivered revision includes its lines, because lines are delivered before edits.
  const mayRemain = (supported.has('reminder') && reminders > 0) || (supported.has('link') && also.length > 0);
  return receipt.ref !== undefined && !mayRemain;
}

/** Number of revisions that the receiver does not have, by the book and by `delivered` (id → revision). */
export function undeliveredOf(about: Postable, receiver: ReceiverName, delivered: ReadonlyMap<string, number>): number {
  if (about.kind === 'incident' && about.incident.hidden !== undefined) return 0;
  const item = about.kind === 'incident' ? about.incident : about.bulletin;
  const known = Math.max(receiptOf(item, receiver).rev, delivered.get(item.id) ?? 0);
  return Math.max(0, item.rev - known);
}

/**
 * The stored ledger, or one rebuilt from the book if the store lost it. If the book has the receiver's reference, everything up
 * to now counts as delivered. Without a reference, a message that was due before the loss may have been delivered, so the
 * receiver reconciles first.
 */
export function ledgerOf(
  about: Postable,
  stored: Ledger | undefined,
  { book, receiver }: { readonly book: Pick<Book, 'begunAt' | 'lostAt'>; readonly receiver: ReceiverName },
): Ledger {
  if (stored?.ref !== undefined) return stored;
  const { ref, rev } = receiptOf(itemOf(about), receiver);
  if (ref !== undefined) return { ...(stored ?? emptyLedger), ref, rev, ...additionsOf(about) };
  if (stored !== undefined) return stored;
  const isDoubtful = dueSince(about) <= Math.max(book.lostAt ?? 0, book.begunAt + youngBookMs);
  return isDoubtful ? doubtful(emptyLedger, about) : emptyLedger;
}

/** A ledger that makes the receiver reconcile, because another instance may have delivered. */
export function doubtful(ledger: Ledger, about: Postable): Ledger {
  return { ...ledger, firstTryAt: ledger.firstTryAt ?? dueSince(about) };
}

function dueSince(about: Postable): number {
  return about.kind === 'incident' ? (about.incident.openedAt ?? about.incident.firstAt) : about.bulletin.at;
}

function additionsOf(about: Postable): Pick<Ledger, 'lines' | 'reminders' | 'links'> {
  if (about.kind === 'bulletin') return { lines: 0, reminders: 0, links: 0 };
  const { lines, also, reminders } = about.incident;
  return { lines: lines.length, reminders, links: also.length };
}
