/**
 * A store that goes on while the shared one is away: on what it last knew, for itself alone; and brings the two together when
 * it is back. A shared store that lost everything is given what we know, so that nothing is told again.
 *
 * Each update of the book asks whether the shared store is there; while it is not, ledgers do not wait for it.
 */

import type { Book, MessageRef } from '../alert/incident.ts';
import { mergeBooks, mergeLedgers } from '../alert/incidents/merge-books.ts';
import type { Ledger } from '../alert/outbox/ledger.ts';
import type { Millis } from '../event/ids.ts';
import { type AlertStore, type Change, ledgersMax } from './store.ts';

export interface SteadyStore extends AlertStore {
  /** Since when the shared store has not answered; undefined while it does. */
  awaySince(): Millis | undefined;
  /** Others can read what we write. */
  readonly isShared: boolean;
}

export interface SteadyStoreOptions {
  readonly isShared: boolean;
  readonly shared: AlertStore;
  readonly clock: { readonly now: () => Millis };
  /** Told once per outage, with the error. */
  readonly onAway: (error: unknown) => void;
  readonly onBack: (awayMs: Millis) => void;
  /** A root message of ours from the time alone, where the shared store has another one. */
  readonly onDuplicate?: (message: MessageRef) => void;
}

export function createSteadyStore(options: SteadyStoreOptions): SteadyStore {
  const { shared, isShared, clock } = options;
  let book: Book | undefined;
  /** What was changed without the shared store, and has to be brought to it. */
  let isBookAhead = false;
  const ledgers = new Map<string, Ledger>();
  const aheadLedgers = new Set<string>();
  let awaySince: Millis | undefined;

  async function updateSharedBook<Answer>(change: Change<Book, Answer>): Promise<Answer> {
    let result: Book | undefined;
    const answer = await shared.updateBook((stored, now) => {
      const base = based(stored, now);
      const step = change(base, now);
      result = step.next ?? base;
      return { next: result, answer: step.answer };
    });
    book = result;
    isBookAhead = false;
    return answer;
  }

  /** What a change starts from: what the store holds, with what it lost or has not heard of. */
  function based(stored: Book | undefined, now: Millis): Book | undefined {
    if (book === undefined) return stored;
    const isForgotten = stored === undefined || stored.begunAt > book.begunAt;
    if (stored?.begunAt === book.begunAt && !isBookAhead) return stored;
    const both = mergeBooks(stored, book);
    return isForgotten ? { ...both, lostAt: now } : both;
  }

  async function updateSharedLedger<Answer>(id: string, change: Change<Ledger, Answer>): Promise<Answer> {
    let result: Ledger | undefined;
    let duplicate: MessageRef | undefined;
    const answer = await shared.updateLedger(id, (stored, now) => {
      const known = ledgers.get(id);
      const base = stored === undefined || aheadLedgers.has(id) ? mergeLedgers(stored, known) : stored;
      duplicate = known?.root !== undefined && known.root.ts !== base?.root?.ts ? known.root : undefined;
      const step = change(base, now);
      result = step.next ?? base;
      return { next: result, answer: step.answer };
    });
    if (result !== undefined) remember(id, result);
    if (aheadLedgers.delete(id) && duplicate !== undefined) options.onDuplicate?.(duplicate);
    return answer;
  }

  function remember(id: string, ledger: Ledger): void {
    ledgers.delete(id);
    ledgers.set(id, ledger);
    const oldest = ledgers.size > ledgersMax ? ledgers.keys().next().value : undefined;
    if (oldest !== undefined) ledgers.delete(oldest);
  }

  /** `shared`, and when that fails `alone`; what `change` itself throws is no outage. */
  async function either<Kind, Answer>(
    change: Change<Kind, Answer>,
    together: (change: Change<Kind, Answer>) => Promise<Answer>,
    alone: () => Answer,
  ): Promise<Answer> {
    let bug: { readonly error: unknown } | undefined;
    try {
      return await together((record, now) => {
        try {
          return change(record, now);
        } catch (error) {
          bug = { error };
          throw error;
        }
      });
    } catch (error) {
      if (bug !== undefined) throw bug.error;
      if (awaySince === undefined) options.onAway(error);
      awaySince ??= clock.now();
      return alone();
    }
  }

  async function back(): Promise<void> {
    for (const id of [...aheadLedgers]) await updateSharedLedger(id, () => ({ next: undefined, answer: undefined }));
    if (awaySince === undefined) return;
    options.onBack(clock.now() - awaySince);
    awaySince = undefined;
  }

  return {
    isShared,
    awaySince: () => awaySince,

    updateBook: <Answer>(change: Change<Book, Answer>) =>
      either(
        change,
        async (guarded) => {
          const answer = await updateSharedBook(guarded);
          // Failing halfway, it is tried again with the next update: what this one did is done.
          await back().catch(() => {});
          return answer;
        },
        () => {
          const { next, answer } = change(book, clock.now());
          isBookAhead ||= next !== undefined && next !== book;
          book = next ?? book;
          return answer;
        },
      ),

    async updateLedger<Answer>(id: string, change: Change<Ledger, Answer>): Promise<Answer> {
      const alone = (): Answer => {
        const { next, answer } = change(ledgers.get(id), clock.now());
        if (next !== undefined) {
          remember(id, next);
          aheadLedgers.add(id);
        }
        return answer;
      };
      if (awaySince !== undefined) return alone();
      return either(change, (guarded) => updateSharedLedger(id, guarded), alone);
    },

    // What is usual is written down once a minute and can wait for the next one.
    updateBaselines: (change) => shared.updateBaselines(change),
    share: (batch) => shared.share(batch),
    takeShared: () => shared.takeShared(),
    stop: () => shared.stop(),
  };
}
