/** The store of a single instance: nothing is shared, and nothing outlives the process. */
import type { BaselineSnapshot } from '../alert/evidence/evidence.ts';
import type { Book } from '../alert/incident.ts';
import type { Ledger } from '../alert/outbox/ledger.ts';
import type { Millis } from '../event/ids.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { type AlertStore, type Change, ledgersMax, ledgerText, sharedMax, takenAtOnceMax } from './store.ts';

/** `now` is the clock that is passed to changes. */
export function createMemoryStore({ now }: { readonly now: () => Millis }): AlertStore {
  let book: Book | undefined;
  let baselines: BaselineSnapshot | undefined;
  let evidence: string | undefined;
  const ledgers = new BoundedMap<string, Ledger>({ itemsMax: ledgersMax });
  const shared: string[] = [];

  // Atomic, because nothing here waits between reading and writing.
  async function apply<Record, Answer>(
    record: Record | undefined,
    change: Change<Record, Answer>,
    write: (next: Record) => void,
  ): Promise<Answer> {
    const { next, answer } = change(record, now());
    if (next !== undefined && next !== record) write(next);
    return answer;
  }

  return {
    updateBook: (change) =>
      apply(book, change, (next) => {
        book = next;
      }),
    updateLedger: (key, change) =>
      apply(ledgers.get(ledgerText(key)), change, (next) => {
        ledgers.set(ledgerText(key), next);
      }),
    updateBaselines: (change) =>
      apply(baselines, change, (next) => {
        baselines = next;
      }),
    async share(batch) {
      shared.push(batch);
      if (shared.length > sharedMax) shared.shift();
    },
    takeShared: async () => shared.splice(0, takenAtOnceMax),
    async saveEvidence(text) {
      evidence = text;
    },
    loadEvidence: async () => evidence,
    async stop() {},
  };
}
