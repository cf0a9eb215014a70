/** The latest ledgers that this instance knows, which it changes alone while the shared store is unreachable. */
import type { Ledger, LedgerKey } from '../alert/outbox/ledger.ts';
import { mergeLedgers } from '../alert/outbox/merge-ledgers.ts';
import type { DeliveryRef } from '../alert/receipts.ts';
import type { Millis } from '../event/ids.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { type Change, ledgersMax, ledgerText } from './store.ts';

export class LocalLedgers {
  readonly #ledgers = new BoundedMap<string, Ledger>({ itemsMax: ledgersMax });
  /** Ledgers with changes that the shared store does not have. */
  readonly #ahead = new BoundedMap<string, LedgerKey>({ itemsMax: ledgersMax });

  /** The ledger that a change of the shared store starts from: with changes made alone, or brought back to a store that lost it. */
  base(key: LedgerKey, stored: Ledger | undefined): Ledger | undefined {
    const isOwnNeeded = stored === undefined || this.#ahead.has(ledgerText(key));
    return isOwnNeeded ? mergeLedgers(stored, this.#known(key)) : stored;
  }

  /** The root message that this instance delivered alone, if the shared store has another one of the same incident. */
  duplicate(key: LedgerKey, base: Ledger | undefined): DeliveryRef | undefined {
    const own = this.#known(key)?.ref;
    return this.#ahead.has(ledgerText(key)) && own !== base?.ref ? own : undefined;
  }

  /** Takes over the ledger of the shared store after an update. */
  synchronized(key: LedgerKey, ledger: Ledger | undefined): void {
    this.#ahead.delete(ledgerText(key));
    if (ledger !== undefined) this.#remember(key, ledger);
  }

  updateAlone<Answer>(key: LedgerKey, change: Change<Ledger, Answer>, now: Millis): Answer {
    const { next, answer } = change(this.#known(key), now);
    if (next !== undefined) {
      this.#remember(key, next);
      this.#ahead.set(ledgerText(key), key);
    }
    return answer;
  }

  /** Ledgers that have to be written to the shared store when it is back. */
  ahead(): readonly LedgerKey[] {
    return [...this.#ahead.values()];
  }

  #known(key: LedgerKey): Ledger | undefined {
    return this.#ledgers.get(ledgerText(key));
  }

  #remember(key: LedgerKey, ledger: Ledger): void {
    const text = ledgerText(key);
    this.#ledgers.touch(text);
    this.#ledgers.set(text, ledger);
  }
}
