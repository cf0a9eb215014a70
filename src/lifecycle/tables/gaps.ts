/** The gaps in which no events could be received. An attempt that was open in a gap may have ended in it. */
import type { Millis } from '../../event/ids.ts';

/** The latest gaps are kept one by one; of older ones only the latest end is kept. */
const gapsMax = 100;

export class Gaps {
  #ends: Millis[] = [];
  #droppedUntil = 0;

  add(end: Millis): void {
    this.#ends.push(end);
    if (this.#ends.length <= gapsMax) return;
    this.#droppedUntil = Math.max(this.#droppedUntil, this.#ends.shift() ?? 0);
  }

  /** True if a gap ended after `at`. */
  hasOneAfter(at: Millis): boolean {
    return this.#droppedUntil > at || this.#ends.some((end) => end > at);
  }
}
