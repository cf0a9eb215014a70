/**
 * A queue between a socket and the pipeline. It accepts messages at once, because Redis drops a subscriber that reads too
 * slowly, and passes them on in slices, so that timers and probes run in between. Bounded: it counts a message that finds no
 * room, and the last room is kept for failures.
 */
import type { Millis } from '../event/ids.ts';
import { BoundedQueue } from '../runtime/queue.ts';
import type { Message } from './source.ts';

/**
 * Messages to keep when room runs out. `failure`: an attempt that did not succeed, or an event of a worker. `name`: the
 * event that names the task, which the other events do not repeat.
 */
export type MessagePriority = 'failure' | 'name' | 'other';

export interface InboxOptions {
  /** Limit in characters, which are about bytes. */
  readonly charsMax: number;
  /** Called only when the inbox is nearly full, so it may read the text. */
  readonly priorityOf: (message: Message) => MessagePriority;
  handle(message: Message): void;
  /** Called when the inbox has room again, with the messages dropped since the last call. */
  dropped(count: number, firstAt: Millis, lastAt: Millis): void;
}

/** How far past the limit a message of each priority may fill the inbox. */
const shares: Readonly<Record<MessagePriority, number>> = { failure: 1.5, name: 1.25, other: 1 };
/** Below this share every message has room, and none is read for its priority. */
const nearlyFull = 0.99;
/** Messages without text take no characters; they are limited by number. */
const messagesMax = 1_000_000;
/** A slice takes about five milliseconds of one core. */
const sliceMax = 256;

export class Inbox {
  readonly #options: InboxOptions;
  readonly #messages: BoundedQueue<Message>;
  #isScheduled = false;
  #dropped = { count: 0, firstAt: 0, lastAt: 0 };

  constructor(options: InboxOptions) {
    this.#options = options;
    const sizes = { max: options.charsMax, of: ({ payload }: Message) => payload.length };
    this.#messages = new BoundedQueue(messagesMax, sizes);
  }

  get size(): number {
    return this.#messages.size;
  }

  put(message: Message): void {
    const isNearlyFull = this.#messages.bytes >= this.#options.charsMax * nearlyFull;
    const share = isNearlyFull ? shares[this.#options.priorityOf(message)] : 1;
    if (!this.#messages.offer(message, share)) {
      this.#noteDropped(message.receivedAt);
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#handleSlice());
  }

  /** Handles every message in the inbox now. */
  drain(): void {
    this.#handle(Number.POSITIVE_INFINITY);
    this.#reportDropped();
  }

  #handleSlice(): void {
    this.#handle(sliceMax);
    if (this.size > 0) {
      setImmediate(() => this.#handleSlice());
      return;
    }
    this.#isScheduled = false;
    this.#reportDropped();
  }

  #handle(countMax: number): void {
    for (let count = 0; count < countMax; count += 1) {
      const message = this.#messages.shift();
      if (message === undefined) return;
      this.#options.handle(message);
    }
  }

  #noteDropped(at: Millis): void {
    const { count, firstAt } = this.#dropped;
    this.#dropped = { count: count + 1, firstAt: count === 0 ? at : firstAt, lastAt: at };
  }

  #reportDropped(): void {
    const { count, firstAt, lastAt } = this.#dropped;
    if (count === 0) return;
    this.#dropped = { count: 0, firstAt: 0, lastAt: 0 };
    this.#options.dropped(count, firstAt, lastAt);
  }
}
