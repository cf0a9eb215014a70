/** Joins the ledger of the shared store with the one that an instance kept while it could not reach the store. Pure. */
import type { Ledger } from './ledger.ts';

/** If both have delivered a root message, the shared one counts, and nothing of the other message belongs to it. */
export function mergeLedgers(shared: Ledger | undefined, own: Ledger | undefined): Ledger | undefined {
  if (shared === undefined || own === undefined) return shared ?? own;
  if (shared.ref !== undefined && own.ref !== undefined && shared.ref !== own.ref) return shared;
  const newer = own.deliveredAt > shared.deliveredAt ? own : shared;
  return {
    ...shared,
    ref: shared.ref ?? own.ref,
    rev: Math.max(shared.rev, own.rev),
    deliveredAt: newer.deliveredAt,
    phase: newer.phase,
    lines: Math.max(shared.lines, own.lines),
    reminders: Math.max(shared.reminders, own.reminders),
    links: Math.max(shared.links, own.links),
    // Keeps the active claim; the next delivery reconciles first.
    claim: shared.claim ?? own.claim,
    firstTryAt: shared.firstTryAt ?? own.firstTryAt,
  };
}
