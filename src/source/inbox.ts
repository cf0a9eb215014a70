/**
 * Between a socket and the pipeline: takes what arrives at once, so that Redis never has to hold it for us, and hands it
 * on in slices, so that timers and probes get their turn. Bounded; what has no room is counted, and failures are the last to
 * have none.
 */
import type { Message } from './source.ts';

export interface InboxOptions {
  /** Characters held, about bytes. */
  readonly charsMax: number;
  handle(message: Message): void;
  /** Messages that had no room, told once they are over. */
  dropped(count: number, firstAt: number, lastAt: number): void;
}

/** Failures and lost work find room when nothing else does, and what names a task longer than that it went well. */
const roomForFailures = 1.5;
const roomForNames = 1.25;

/** How much of the inbox a message may fill. Read only once the inbox is full: the text of an event is behind base64. */
function roomFor({ payload, form }: Message, filled: number): number {
  if (filled < 0.99) return 1;
  const body = form === 'kombu-envelope' ? (/"body": "([A-Za-z0-9+/=]*)"/.exec(payload)?.[1] ?? '') : '';
  const text = body === '' ? payload : Buffer.from(body, 'base64').toString('latin1');
  if (/"task-(?:failed|retried|rejected|revoked|cancelled)"|"worker-|"FAILURE"/.test(text)) return roomForFailures;
  return /"task-(?:sent|received)"/.test(text) ? roomForNames : 1;
}

/** A slice takes about five milliseconds of one core. */
const sliceMax = 256;

export class Inbox {
  readonly #options: InboxOptions;
  #messages: Message[] = [];
  #next = 0;
  #chars = 0;
  #isScheduled = false;
  #dropped = { count: 0, firstAt: 0, lastAt: 0 };

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#messages.length - this.#next;
  }

  put(message: Message): void {
    const charsMax = this.#options.charsMax;
    if (this.#chars + message.payload.length > charsMax * roomFor(message, this.#chars / charsMax)) {
      const { count, firstAt } = this.#dropped;
      this.#dropped = {
        count: count + 1,
        firstAt: count === 0 ? message.receivedAt : firstAt,
        lastAt: message.receivedAt,
      };
      return;
    }
    this.#chars += message.payload.length;
    this.#messages.push(message);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#takeSlice());
  }

  /** Handles everything that is held. */
  drain(): void {
    while (this.size > 0) this.#takeOne();
    this.#tellDropped();
  }

  #takeSlice(): void {
    for (let taken = 0; taken < sliceMax && this.size > 0; taken += 1) this.#takeOne();
    if (this.size > 0) {
      setImmediate(() => this.#takeSlice());
      return;
    }
    this.#isScheduled = false;
    this.#tellDropped();
  }

  #takeOne(): void {
    const message = this.#messages[this.#next] as Message;
    this.#next += 1;
    this.#chars -= message.payload.length;
    if (this.#next === this.#messages.length || this.#next >= 10_000) {
      this.#messages = this.#messages.slice(this.#next);
      this.#next = 0;
    }
    this.#options.handle(message);
  }

  #tellDropped(): void {
    const { count, firstAt, lastAt } = this.#dropped;
    if (count === 0) return;
    this.#dropped = { count: 0, firstAt: 0, lastAt: 0 };
    this.#options.dropped(count, firstAt, lastAt);
  }
}
