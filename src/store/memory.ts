/** The store of an instance that is alone: nothing is shared and nothing outlives the process. */
import type { BaselineSnapshot } from '../alert/evidence/evidence.ts';
import type { Book } from '../alert/incident.ts';
import type { Ledger } from '../alert/outbox/ledger.ts';
import type { Millis } from '../event/ids.ts';
import { type AlertStore, type Change, ledgersMax, sharedMax, takenAtOnceMax } from './store.ts';

/** `now` is the clock that changes are given. */
export function createMemoryStore({ now }: { readonly now: () => Millis }): AlertStore {
  let book: Book | undefined;
  let memory: BaselineSnapshot | undefined;
  const ledgers = new Map<string, Ledger>();
  const shared: string[] = [];

  // Nothing can come between reading and writing, because nothing here waits.
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
    updateLedger: (id, change) =>
      apply(ledgers.get(id), change, (next) => {
        ledgers.set(id, next);
        const oldest = ledgers.size > ledgersMax ? ledgers.keys().next().value : undefined;
        if (oldest !== undefined) ledgers.delete(oldest);
      }),
    updateBaselines: (change) =>
      apply(memory, change, (next) => {
        memory = next;
      }),
    async share(batch) {
      shared.push(batch);
      if (shared.length > sharedMax) shared.shift();
    },
    takeShared: async () => shared.splice(0, takenAtOnceMax),
    async stop() {},
  };
}
