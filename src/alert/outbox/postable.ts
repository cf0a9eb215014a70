/** What of the book the channel may have to be told, and what is known of it where nobody wrote a ledger. Pure. */
import type { Book, Incident } from '../incident.ts';
import { emptyLedger, type Ledger, type Postable } from './ledger.ts';

const order: Readonly<Record<Incident['severity'], number>> = { critical: 0, high: 1, normal: 2 };

const beginningMs = 60_000;

/**
 * What the channel has not heard of first, so that edits of many messages hold up none; then the worst, and of those the one
 * that waits for longest.
 */
export function postables(book: Book): Postable[] {
  const incidents = book.incidents
    .filter(({ rev, phase }) => rev > 0 && phase.name !== 'pending')
    .sort((a, b) => order[a.severity] - order[b.severity] || a.firstAt - b.firstAt);
  const all = [
    ...incidents.map((incident): Postable => ({ kind: 'incident', incident })),
    ...book.bulletins.map((bulletin): Postable => ({ kind: 'bulletin', bulletin })),
  ];
  return [...all.filter((about) => !hasRoot(about)), ...all.filter(hasRoot)];
}

function hasRoot(about: Postable): boolean {
  return (about.kind === 'incident' ? about.incident.root : about.bulletin.root) !== undefined;
}

/** All that a delivery can depend on, in one text. */
export function stateOf(about: Postable): string {
  if (about.kind === 'bulletin') return `${about.bulletin.rev}`;
  const { rev, lines, also, hidden, phase } = about.incident;
  return [rev, lines.length, about.incident.reminders, also.length, hidden?.reason, phase.name].join(' ');
}

/** Somebody has told the book that all of it is in the channel: no ledger need be asked. Lines go before edits. */
export function isDelivered(about: Postable): boolean {
  if (about.kind === 'bulletin') return about.bulletin.shownRev >= about.bulletin.rev;
  const { shownRev, rev, root, reminders, also } = about.incident;
  return shownRev >= rev && root !== undefined && reminders === 0 && also.length === 0;
}

/** Changes that the channel does not show, as far as the book and `done` (id → rev) know. */
export function owedOf(about: Postable, done: ReadonlyMap<string, number>): number {
  if (about.kind === 'incident' && about.incident.hidden !== undefined) return 0;
  const { id, rev, shownRev } = about.kind === 'incident' ? about.incident : about.bulletin;
  return Math.max(0, rev - Math.max(shownRev, done.get(id) ?? 0));
}

/**
 * The ledger, or what takes its place. One that was lost with the store: the book knows where the root message is, and then all
 * that hangs on it counts as told. Without a root, what was wanted before the loss may be in the channel, and has to be looked for.
 */
export function ledgerOf(
  about: Postable,
  stored: Ledger | undefined,
  { begunAt, lostAt = 0 }: Pick<Book, 'begunAt' | 'lostAt'>,
): Ledger {
  const { root, shownRev: shown } = about.kind === 'incident' ? about.incident : about.bulletin;
  if (stored?.root !== undefined) return stored;
  if (root !== undefined) return { ...(stored ?? emptyLedger), root, shown, ...allOf(about) };
  // A book that has just begun may be the next of one that was lost, with the instance or with the store that had it.
  const isDoubtful = wantedAt(about) <= Math.max(lostAt, begunAt + beginningMs);
  return stored === undefined && isDoubtful ? unsure(emptyLedger, about) : (stored ?? emptyLedger);
}

/** Another one may have posted it: the channel is looked into first. */
export function unsure(ledger: Ledger, about: Postable): Ledger {
  return { ...ledger, firstTryAt: ledger.firstTryAt ?? wantedAt(about) };
}

function wantedAt(about: Postable): number {
  return about.kind === 'incident' ? (about.incident.openedAt ?? about.incident.firstAt) : about.bulletin.at;
}

function allOf(about: Postable): Pick<Ledger, 'lines' | 'reminders' | 'links'> {
  if (about.kind === 'bulletin') return { lines: 0, reminders: 0, links: 0 };
  const { lines, also } = about.incident;
  return { lines: lines.length, reminders: about.incident.reminders, links: also.length };
}
