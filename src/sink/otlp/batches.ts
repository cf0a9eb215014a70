/** A bounded queue in front of one deliver function: batches, one delivery at a time, every loss counted. */
import type { Report, SinkName } from '../../report.ts';

export interface BatchOptions<Item> {
  readonly sink: SinkName;
  /** Items held while a delivery is under way or the other side is away; beyond it the newest are dropped. */
  readonly itemsMax: number;
  /** Tells of a failure: it finds room when nothing else does. */
  matters(item: Item): boolean;
  readonly batchMax: number;
  /** Longest time an item waits for its batch to fill. */
  readonly waitMs: number;
  /** Sends one batch; rejects when it is lost for good. It does its own trying again, with a deadline. */
  deliver(batch: Item[]): Promise<void>;
  after(ms: number, run: () => void): Disposable;
  readonly report: Report;
}

const roomForFailures = 1.5;

export class Batches<Item> {
  readonly #options: BatchOptions<Item>;
  #items: Item[] = [];
  #dropped = 0;
  #timer: Disposable | undefined;
  #delivery: Promise<void> | undefined;
  #underWay = 0;

  constructor(options: BatchOptions<Item>) {
    this.#options = options;
  }

  /** Items that have not been delivered, those under way included. */
  get size(): number {
    return this.#items.length + this.#underWay;
  }

  offer(item: Item): void {
    const { itemsMax, matters } = this.#options;
    if (this.#items.length >= itemsMax && !(this.#items.length < itemsMax * roomForFailures && matters(item))) {
      this.#dropped += 1;
      return;
    }
    this.#items.push(item);
    if (this.#items.length >= this.#options.batchMax) this.#deliverNext();
    else this.#timer ??= this.#options.after(this.#options.waitMs, () => this.#deliverNext());
  }

  /** Delivers what is held. Resolves when the queue is empty. */
  async drain(): Promise<void> {
    while (this.#items.length > 0 || this.#delivery !== undefined) {
      this.#deliverNext();
      await this.#delivery;
    }
  }

  #deliverNext(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#delivery !== undefined || this.#items.length === 0) return;
    const batch = this.#items.splice(0, this.#options.batchMax);
    this.#underWay = batch.length;
    this.#delivery = this.#deliver(batch).finally(() => {
      this.#delivery = undefined;
      this.#underWay = 0;
      if (this.#items.length >= this.#options.batchMax) this.#deliverNext();
      else if (this.#items.length > 0)
        this.#timer ??= this.#options.after(this.#options.waitMs, () => this.#deliverNext());
    });
  }

  async #deliver(batch: Item[]): Promise<void> {
    const { sink, report } = this.#options;
    if (this.#dropped > 0) {
      report({ kind: 'items-dropped', queue: sink, reason: 'full', count: this.#dropped });
      this.#dropped = 0;
    }
    try {
      await this.#options.deliver(batch);
      report({ kind: 'delivered', sink, count: batch.length });
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      report({ kind: 'delivery-failed', sink, reason, count: batch.length, willRetry: false });
    }
  }
}
