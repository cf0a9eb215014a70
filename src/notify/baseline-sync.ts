/** Shares baselines with the other instances: merges them with the stored ones at the start and once a minute. */

import { mergeSnapshots } from '../alert/engine/engine.ts';
import type { BaselineSnapshot } from '../alert/evidence/evidence.ts';
import type { Millis } from '../event/ids.ts';
import { errorName, type Report } from '../report.ts';
import type { AlertStore } from '../store/store.ts';

export interface BaselineSyncOptions {
  readonly store: Pick<AlertStore, 'updateBaselines'>;
  readonly clock: { readonly now: () => Millis };
  readonly report: Report;
  /** The baselines of this instance; undefined before the first event. */
  readonly snapshot: () => BaselineSnapshot | undefined;
  readonly restore: (baselines: BaselineSnapshot) => void;
}

const intervalMs = 60_000;

export class BaselineSync {
  readonly #options: BaselineSyncOptions;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(options: BaselineSyncOptions) {
    this.#options = options;
  }

  async runIfDue(): Promise<void> {
    if (this.#options.clock.now() - this.#lastAt >= intervalMs) await this.run();
  }

  /** Never rejects: baselines can wait for the next minute. */
  async run(): Promise<void> {
    const { store, clock, report, snapshot, restore } = this.#options;
    this.#lastAt = clock.now();
    try {
      const merged = await store.updateBaselines((stored) => {
        const own = snapshot();
        const next = own === undefined ? stored : mergeSnapshots(stored, own);
        return { next, answer: next };
      });
      if (merged !== undefined) restore(merged);
    } catch (error) {
      report({ kind: 'delivery-failed', sink: 'store', reason: errorName(error), count: 1, willRetry: true });
    }
  }
}
