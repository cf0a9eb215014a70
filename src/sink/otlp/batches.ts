/** A bounded queue before one deliver function: items leave in batches, one delivery at a time, and every loss is counted. */
import type { Report, SinkName } from '../../report.ts';
import { BoundedQueue } from '../../runtime/queue.ts';

export interface BatchOptions<Item> {
  readonly sink: SinkName;
  /** Items that wait for a delivery; beyond it the newest are dropped. */
  readonly itemsMax: number;
  /** True for items about a failure, which may fill half as many places again when the queue is full. */
  isImportant(item: Item): boolean;
  readonly batchMax: number;
  /** Longest time that an item waits for its batch to fill. */
  readonly waitMs: number;
  /** Sends one batch, with its own retries and deadline; rejects if the batch is lost. */
  deliver(batch: Item[]): Promise<void>;
  after(ms: number, run: () => void): Disposable;
  readonly report: Report;
}

/** Share of the limit up to which important items find room. */
const importantShare = 1.5;

export class Batches<Item> {
  readonly #options: BatchOptions<Item>;
  readonly #queue: BoundedQueue<Item>;
  #timer: Disposable | undefined;
  #delivery: Promise<void> | undefined;
  #deliveringCount = 0;

  constructor(options: BatchOptions<Item>) {
    const { itemsMax } = options;
    this.#options = options;
    this.#queue = new BoundedQueue(itemsMax);
  }

  /** Items that have not been delivered, including the batch that is being delivered. */
  get size(): number {
    return this.#queue.size + this.#deliveringCount;
  }

  offer(item: Item): void {
    const share = this.#queue.size >= this.#options.itemsMax && this.#options.isImportant(item) ? importantShare : 1;
    if (this.#queue.offer(item, share)) this.#scheduleDelivery();
  }

  /** Delivers everything. Resolves when the queue is empty. */
  async drain(): Promise<void> {
    while (this.#queue.size > 0 || this.#delivery !== undefined) {
      this.#deliverNext();
      await this.#delivery;
    }
  }

  #scheduleDelivery(): void {
    const { batchMax, waitMs, after } = this.#options;
    if (this.#queue.size >= batchMax) this.#deliverNext();
    else if (this.#queue.size > 0) this.#timer ??= after(waitMs, () => this.#deliverNext());
  }

  #deliverNext(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#delivery !== undefined || this.#queue.size === 0) return;
    const batch = this.#queue.take(this.#options.batchMax);
    this.#deliveringCount = batch.length;
    this.#delivery = this.#deliver(batch).finally(() => {
      this.#delivery = undefined;
      this.#deliveringCount = 0;
      this.#scheduleDelivery();
    });
  }

  async #deliver(batch: Item[]): Promise<void> {
    const { sink, report } = this.#options;
    const dropped = this.#queue.takeRefused();
    if (dropped > 0) report({ kind: 'items-dropped', queue: sink, reason: 'full', count: dropped });
    try {
      await this.#options.deliver(batch);
      report({ kind: 'delivered', sink, count: batch.length });
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      report({ kind: 'delivery-failed', sink, reason, count: batch.length, willRetry: false });
    }
  }
}
