/**
 * Keeps the evidence of the instance that decides in the store, so that its successor continues: the same instance after a
 * restart, a standby, or another sidecar. Saved soon after a change, and less often the larger it is.
 */
import type { SavedEvidence } from '../alert/engine/saved-evidence.ts';
import type { Observation } from '../alert/evidence/observation.ts';
import type { Millis } from '../event/ids.ts';
import { errorName, type Report } from '../report.ts';
import type { FallbackStore } from '../store/fallback-store.ts';

export interface EvidenceKeeperOptions {
  readonly store: Pick<FallbackStore, 'isShared' | 'awaySince' | 'saveEvidence' | 'loadEvidence'>;
  readonly report: Report;
  /** True in one of the instances that decide. */
  readonly isSaving: () => boolean;
  readonly save: () => SavedEvidence;
  /** Returns the time at which the text was saved; undefined if this release cannot read it. */
  readonly load: (text: string) => Millis | undefined;
  readonly observe: (observation: Observation) => void;
}

/** A failure, a death or a further delivery may be the one that an alert lacks; the rest only adds to large counts. */
const urgentMs = 1_000;
const otherMs = 5_000;
/** A text of 1 MB is written every five seconds. */
const charsPerMs = 200;
/** Observations of the half minute that a standby needs to notice the end of the leader, in a busy fleet. */
const standbyMax = 20_000;

export class EvidenceKeeper {
  readonly #options: EvidenceKeeperOptions;
  #savedAt = Number.NEGATIVE_INFINITY;
  #chars = 0;
  #change: 'none' | 'urgent' | 'other' = 'none';
  #wasCut = false;
  #isStandby = false;
  /** While another instance saves: the latest observations, the oldest first. */
  #standby: Observation[] = [];

  constructor(options: EvidenceKeeperOptions) {
    this.#options = options;
  }

  noteChange(observation: Observation): void {
    const { kind } = observation;
    if (this.#isStandby) this.#standby.push(observation);
    if (this.#standby.length > 2 * standbyMax) this.#standby = this.#standby.slice(-standbyMax);
    if (kind === 'failed' || kind === 'noted') this.#change = 'urgent';
    else if (this.#change === 'none') this.#change = 'other';
  }

  /**
   * Loads the evidence of the instance that saved before. Never rejects: without the store this instance continues with its
   * own evidence.
   */
  async load(): Promise<void> {
    const { store, report, load, observe } = this.#options;
    if (!store.isShared) return;
    await this.#attempt(async () => {
      const text = await store.loadEvidence();
      if (text === undefined) return;
      const savedAt = load(text);
      if (savedAt === undefined)
        report({ kind: 'items-dropped', queue: 'evidence', reason: 'unreadable-record', count: 1 });
      else for (const observation of this.#standby) if (observation.at > savedAt) observe(observation);
    });
  }

  /**
   * A standby decides by its own evidence, which began with its start. When it begins to save, it continues with the evidence
   * of its predecessor, and with what it observed since that was saved.
   */
  async followSaver(): Promise<void> {
    const isStandby = this.#options.store.isShared && !this.#options.isSaving();
    const wasStandby = this.#isStandby;
    if (wasStandby && !isStandby) await this.load();
    this.#isStandby = isStandby;
    if (!isStandby) this.#standby = [];
  }

  async saveIfDue(now: Millis): Promise<void> {
    if (this.#change === 'none' || this.#options.store.awaySince() !== undefined) return;
    const everyMs = Math.max(this.#change === 'urgent' ? urgentMs : otherMs, this.#chars / charsPerMs);
    if (now - this.#savedAt >= everyMs) await this.save(now);
  }

  /** Never rejects. */
  async save(now: Millis): Promise<void> {
    const { store, report, isSaving, save } = this.#options;
    if (!store.isShared || !isSaving()) return;
    const { text, isCut } = save();
    this.#change = 'none';
    this.#savedAt = now;
    this.#chars = text.length;
    if (isCut && !this.#wasCut) report({ kind: 'items-dropped', queue: 'evidence', reason: 'full', count: 1 });
    this.#wasCut = isCut;
    await this.#attempt(() => store.saveEvidence(text));
  }

  async #attempt(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#options.report({
        kind: 'delivery-failed',
        sink: 'store',
        reason: errorName(error),
        count: 0,
        willRetry: true,
      });
    }
  }
}
