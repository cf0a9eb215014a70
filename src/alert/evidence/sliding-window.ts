/**
 * How many in the last minutes: counts in buckets of ten seconds, so that a window of 10 min sees between 10:00 and 10:10
 * of the past and costs a few dozen numbers however much happens.
 */
import type { Millis } from '../../event/ids.ts';

export const bucketMs = 10_000;

export class Window {
  readonly #counts: number[];
  /** The bucket that was counted into last, since the epoch. */
  #newest = 0;
  #lastAt: Millis | undefined;

  /** `spanMs`: how far back `count` can look. */
  constructor(spanMs: Millis) {
    this.#counts = new Array<number>(Math.ceil(spanMs / bucketMs) + 1).fill(0);
  }

  add(at: Millis, count = 1): void {
    const bucket = Math.floor(at / bucketMs);
    this.#moveTo(bucket);
    const age = this.#newest - bucket;
    if (age >= this.#counts.length) return;
    this.#counts[bucket % this.#counts.length]! += count;
    this.#lastAt = Math.max(this.#lastAt ?? at, at);
  }

  /** Counted in the last `withinMs`, the running bucket and the one that the window begins in taken whole. */
  count(now: Millis, withinMs: Millis): number {
    const last = Math.floor(now / bucketMs);
    return this.#sum(last - Math.ceil(withinMs / bucketMs), last);
  }

  /** Counted between `from` and `to`, in whole buckets. */
  between(from: Millis, to: Millis): number {
    return this.#sum(Math.floor(from / bucketMs), Math.ceil(to / bucketMs) - 1);
  }

  lastAt(): Millis | undefined {
    return this.#lastAt;
  }

  #sum(from: number, to: number): number {
    const size = this.#counts.length;
    const oldest = this.#newest - size + 1;
    let sum = 0;
    for (let bucket = Math.max(from, oldest); bucket <= Math.min(to, this.#newest); bucket += 1) {
      sum += this.#counts[bucket % size]!;
    }
    return sum;
  }

  #moveTo(bucket: number): void {
    if (bucket <= this.#newest) return;
    const size = this.#counts.length;
    const stale = Math.min(bucket - this.#newest, size);
    for (let i = 1; i <= stale; i += 1) this.#counts[(bucket - stale + i) % size] = 0;
    this.#newest = bucket;
  }
}
