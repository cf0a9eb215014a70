/**
 * The state about alerts that instances share: the book of incidents, a ledger per incident and receiver, baselines, and the
 * evidence of the instance that decides, for its successor.
 */
import type { BaselineSnapshot } from '../alert/evidence/evidence.ts';
import type { Book } from '../alert/incident.ts';
import type { Ledger, LedgerKey } from '../alert/outbox/ledger.ts';
import type { Millis } from '../event/ids.ts';

/**
 * Pure, because it runs again each time another instance has changed the record meanwhile. `now` is the store's clock, the only
 * one that alert state is written by, so that leases do not depend on how well the clocks of several machines agree.
 * `next: undefined`, or the same object as `record`, writes nothing.
 */
export type Change<Record, Answer> = (
  record: Record | undefined,
  now: Millis,
) => { readonly next: Record | undefined; readonly answer: Answer };

/**
 * Each update applies its change once, also if other instances change the record at the same time, and resolves to its answer.
 * An update rejects if the store is unreachable or the contention does not end. Whether the change was applied is then unknown, so a
 * change must be safe to apply again.
 */
export interface AlertStore {
  updateBook<Answer>(change: Change<Book, Answer>): Promise<Answer>;
  updateLedger<Answer>(key: LedgerKey, change: Change<Ledger, Answer>): Promise<Answer>;
  updateBaselines<Answer>(change: Change<BaselineSnapshot, Answer>): Promise<Answer>;
  /** Hands a batch of observations to the instance that decides for the fleet. The oldest are evicted if none takes them. */
  share(batch: string): Promise<void>;
  /** Takes batches that other instances shared, each once, the oldest first. */
  takeShared(): Promise<readonly string[]>;
  /** Replaces the saved evidence of the instance that decides. It expires after a day. */
  saveEvidence(text: string): Promise<void>;
  /** The evidence that an instance saved last; undefined if there is none. */
  loadEvidence(): Promise<string | undefined>;
  /** May be called twice. Updates in progress may still be applied. */
  stop(): Promise<void>;
}

/** Waiting batches: a minute of a hundred sidecars. The oldest are evicted. */
export const sharedMax = 6_000;
export const takenAtOnceMax = 500;
/** Ledgers of one namespace in memory. The oldest are evicted. */
export const ledgersMax = 20_000;

/** `slack:7d3f9a1c2b`: the key as text, unique because receiver names have no colon. */
export function ledgerText({ receiver, id }: LedgerKey): string {
  return `${receiver}:${id}`;
}
