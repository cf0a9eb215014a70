/**
 * A store that keeps working while the shared one is unreachable. It continues alone with its latest knowledge, and joins both when the
 * shared store is back. A shared store that lost its data gets it back, so that nothing is delivered twice.
 *
 * Each update of the book tries the shared store. While that fails, updates of ledgers do not try it, so that a store that
 * answers slowly does not delay deliveries.
 */
import type { Book } from '../alert/incident.ts';
import type { Ledger, LedgerKey } from '../alert/outbox/ledger.ts';
import type { DeliveryRef, ReceiverName } from '../alert/receipts.ts';
import type { Millis } from '../event/ids.ts';
import { LocalBook } from './local-book.ts';
import { LocalLedgers } from './local-ledgers.ts';
import type { AlertStore, Change } from './store.ts';

export interface FallbackStore extends AlertStore {
  /** Time of the first failed update of the current outage; undefined while the shared store answers. */
  awaySince(): Millis | undefined;
  /** True if other instances read what this one writes. */
  readonly isShared: boolean;
}

export interface FallbackStoreOptions {
  readonly isShared: boolean;
  readonly shared: AlertStore;
  readonly clock: { readonly now: () => Millis };
  /** Called once per outage. */
  readonly onAway: (error: unknown) => void;
  readonly onBack: (awayMs: Millis) => void;
  /** Called with a root message that this instance delivered alone, if the shared store has another one. */
  readonly onDuplicate?: (duplicate: { readonly receiver: ReceiverName; readonly ref: DeliveryRef }) => void;
}

export function createFallbackStore(options: FallbackStoreOptions): FallbackStore {
  const { shared, isShared } = options;
  const outage = createOutage(options);
  const book = new LocalBook();
  const ledgers = new LocalLedgers();

  async function updateSharedBook<Answer>(change: Change<Book, Answer>): Promise<Answer> {
    let result: Book | undefined;
    const answer = await shared.updateBook((stored, now) => {
      const base = book.base(stored, now);
      const step = change(base, now);
      result = step.next ?? base;
      return { next: result, answer: step.answer };
    });
    book.synchronized(result);
    // If this fails halfway, the next update tries again; the update of the book is done.
    await synchronizeLedgers().catch(() => {});
    return answer;
  }

  async function synchronizeLedgers(): Promise<void> {
    const writeOwn: Change<Ledger, undefined> = () => ({ next: undefined, answer: undefined });
    for (const key of ledgers.ahead()) await updateSharedLedger(key, writeOwn);
    outage.end();
  }

  async function updateSharedLedger<Answer>(key: LedgerKey, change: Change<Ledger, Answer>): Promise<Answer> {
    let result: Ledger | undefined;
    let duplicate: DeliveryRef | undefined;
    const answer = await shared.updateLedger(key, (stored, now) => {
      const base = ledgers.base(key, stored);
      duplicate = ledgers.duplicate(key, base);
      const step = change(base, now);
      result = step.next ?? base;
      return { next: result, answer: step.answer };
    });
    ledgers.synchronized(key, result);
    if (duplicate !== undefined) options.onDuplicate?.({ receiver: key.receiver, ref: duplicate });
    return answer;
  }

  return {
    isShared,
    awaySince: outage.since,
    updateBook: (change) => outage.guard(change, updateSharedBook, (now) => book.updateAlone(change, now)),
    async updateLedger(key, change) {
      const updateAlone = (now: Millis) => ledgers.updateAlone(key, change, now);
      if (outage.since() !== undefined) return updateAlone(options.clock.now());
      return outage.guard(change, (guarded) => updateSharedLedger(key, guarded), updateAlone);
    },
    // Baselines are written once a minute, so a failed update can wait for the next one.
    updateBaselines: (change) => shared.updateBaselines(change),
    share: (batch) => shared.share(batch),
    takeShared: () => shared.takeShared(),
    saveEvidence: (text) => shared.saveEvidence(text),
    loadEvidence: () => shared.loadEvidence(),
    stop: () => shared.stop(),
  };
}

interface Outage {
  since(): Millis | undefined;
  end(): void;
  /** Runs `shared`, or `alone` if the store fails. An error that `change` itself throws is passed on: it is no outage. */
  guard<Kind, Answer>(
    change: Change<Kind, Answer>,
    shared: (change: Change<Kind, Answer>) => Promise<Answer>,
    alone: (now: Millis) => Answer,
  ): Promise<Answer>;
}

function createOutage({ clock, onAway, onBack }: FallbackStoreOptions): Outage {
  let since: Millis | undefined;
  return {
    since: () => since,
    end() {
      if (since === undefined) return;
      onBack(clock.now() - since);
      since = undefined;
    },
    async guard(change, shared, alone) {
      let bug: { readonly error: unknown } | undefined;
      try {
        return await shared((record, now) => {
          try {
            return change(record, now);
          } catch (error) {
            bug = { error };
            throw error;
          }
        });
      } catch (error) {
        if (bug !== undefined) throw bug.error;
        if (since === undefined) onAway(error);
        since ??= clock.now();
        return alone(clock.now());
      }
    },
  };
}
