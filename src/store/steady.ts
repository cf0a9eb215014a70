/**
 * A store that goes on while the shared one is away: on what it last knew, for itself alone; and brings the two together when
 * it is back. A shared store that lost everything is given what we know, so that nothing is told again.
 */

import type { Book } from '../alert/incident.ts';
import { emptyLedger, type Ledger } from '../alert/ledger.ts';
import { merged } from '../alert/merge.ts';
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
  /** Told once per outage, with the name of the error. */
  readonly onAway: (error: unknown) => void;
  readonly onBack: (awayMs: Millis) => void;
}

export function createSteadyStore({ shared, isShared, clock, onAway, onBack }: SteadyStoreOptions): SteadyStore {
  let book: Book | undefined;
  /** What was changed without the shared store, and has to be brought to it. */
  let isBookAhead = false;
  const ledgers = new Map<string, Ledger>();
  const aheadLedgers = new Set<string>();
  let awaySince: Millis | undefined;

  function remember(id: string, ledger: Ledger): void {
    ledgers.delete(id);
    ledgers.set(id, ledger);
    const oldest = ledgers.size > ledgersMax ? ledgers.keys().next().value : undefined;
    if (oldest !== undefined) ledgers.delete(oldest);
  }

  function answered(): void {
    if (awaySince === undefined) return;
    onBack(clock.now() - awaySince);
    awaySince = undefined;
  }

  function missed(error: unknown): void {
    if (awaySince === undefined) onAway(error);
    awaySince ??= clock.now();
  }

  return {
    isShared,
    awaySince: () => awaySince,

    async updateBook<Answer>(change: Change<Book, Answer>): Promise<Answer> {
      try {
        let result: Book | undefined;
        const answer = await shared.updateBook((stored, now) => {
          const base =
            stored !== undefined && !isBookAhead ? stored : book === undefined ? stored : merged(stored, book);
          const step = change(base, now);
          result = step.next ?? base;
          return { next: result, answer: step.answer };
        });
        book = result;
        isBookAhead = false;
        answered();
        return answer;
      } catch (error) {
        missed(error);
        const { next, answer } = change(book, clock.now());
        if (next !== undefined && next !== book) {
          book = next;
          isBookAhead = true;
        }
        return answer;
      }
    },

    async updateLedger<Answer>(id: string, change: Change<Ledger, Answer>): Promise<Answer> {
      try {
        let result: Ledger | undefined;
        const answer = await shared.updateLedger(id, (stored, now) => {
          const known = ledgers.get(id);
          const base = stored === undefined || aheadLedgers.has(id) ? mergedLedger(stored, known) : stored;
          const step = change(base, now);
          result = step.next ?? base;
          return { next: result, answer: step.answer };
        });
        if (result !== undefined) remember(id, result);
        aheadLedgers.delete(id);
        answered();
        return answer;
      } catch (error) {
        missed(error);
        const { next, answer } = change(ledgers.get(id), clock.now());
        if (next !== undefined) {
          remember(id, next);
          aheadLedgers.add(id);
        }
        return answer;
      }
    },

    // What is usual is written down once a minute and can wait for the next one.
    updateMemory: (change) => shared.updateMemory(change),
    share: (batch) => shared.share(batch),
    takeShared: () => shared.takeShared(),
    stop: () => shared.stop(),
  };
}

/** What is known to be in the channel by either; a claim of ours from then is void. */
function mergedLedger(stored: Ledger | undefined, known: Ledger | undefined): Ledger | undefined {
  if (stored === undefined || known === undefined)
    return stored ?? (known === undefined ? undefined : { ...known, claim: undefined });
  const sameRoot = stored.root === undefined || known.root === undefined || stored.root.ts === known.root.ts;
  const more = (of: (ledger: Ledger) => number): number => (sameRoot ? Math.max(of(stored), of(known)) : of(stored));
  return {
    ...emptyLedger,
    ...stored,
    root: stored.root ?? known.root,
    shown: more(({ shown }) => shown),
    lines: more(({ lines }) => lines),
    reminders: more(({ reminders }) => reminders),
    links: more(({ links }) => links),
  };
}
