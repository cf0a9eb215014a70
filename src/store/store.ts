/** What instances agree on about alerts: the book of incidents, a ledger for each message, and what is usual. */
import type { BaselineSnapshot } from '../alert/evidence/evidence.ts';
import type { Book } from '../alert/incident.ts';
import type { Ledger } from '../alert/outbox/ledger.ts';
import type { Millis } from '../event/ids.ts';

/**
 * Pure, because it may run several times before it wins: the record changes when somebody else was faster. `now` is the
 * store's clock, the only one that alert state is written by, so that leases do not depend on how well the clocks of several
 * machines agree. `next: undefined` or the same object as `record` writes nothing.
 */
export type Change<Record, Answer> = (
  record: Record | undefined,
  now: Millis,
) => { readonly next: Record | undefined; readonly answer: Answer };

/**
 * Each update applies its change once, whoever else changes the record at the same time, and gives its answer. It rejects when
 * the store cannot be reached or the contention does not end; whether the change was applied is then unknown, so changes must
 * bear being applied again.
 */
export interface AlertStore {
  updateBook<Answer>(change: Change<Book, Answer>): Promise<Answer>;
  updateLedger<Answer>(id: string, change: Change<Ledger, Answer>): Promise<Answer>;
  updateBaselines<Answer>(change: Change<BaselineSnapshot, Answer>): Promise<Answer>;
  /** Hands a batch of observations to whoever decides for the fleet; the oldest leave when nobody takes them. */
  share(batch: string): Promise<void>;
  /** Takes what others shared, each batch once, the oldest first. */
  takeShared(): Promise<readonly string[]>;
  /** May be called twice. Updates under way may still be applied. */
  stop(): Promise<void>;
}

/** Batches that wait for the one who decides: a minute of a hundred sidecars. Beyond that the oldest leave. */
export const sharedMax = 6_000;
export const takenAtOnceMax = 500;
/** Ledgers of one namespace in memory; the oldest leave. */
export const ledgersMax = 20_000;
