/**
 * Counts of the last minutes in buckets of ten seconds. A window of 10 min therefore covers between 10:00 and 10:10, and
 * takes a few dozen numbers of memory at any rate.
 */
import type { Millis } from '../../event/ids.ts';
import type { Trend } from '../signal.ts';

/** Receipt may lag behind the clock of an evaluation, so counts up to now extend one bucket into the future. */
export const bucketMs = 10_000;
const trendMs = 5 * 60_000;
const trendFactor = 1.34;
/** Occurrences in the earlier period that a later one can be compared with. */
const comparableMin = 3;
/** Average gaps between occurrences without any, after which they have stopped. */
const goesOnGaps = 3;

type SavedWindow = readonly number[];

export class Window {
  readonly #counts: number[];
  /** Number, since the epoch, of the newest bucket. */
  #newest = 0;
  #lastAt: Millis | undefined;

  /** `spanMs`: the longest time that `count` covers. */
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

  /** Count of the last `withinMs`. The current bucket and the one in which the window starts count as a whole. */
  count(now: Millis, withinMs: Millis): number {
    const last = Math.floor(now / bucketMs);
    return this.#sum(last - Math.ceil(withinMs / bucketMs), last);
  }

  /** Count between `from` and `to`, in whole buckets. */
  between(from: Millis, to: Millis): number {
    return this.#sum(Math.floor(from / bucketMs), Math.ceil(to / bucketMs) - 1);
  }

  lastAt(): Millis | undefined {
    return this.#lastAt;
  }

  /** Number of the newest bucket, time of the last addition, and the counts from the newest bucket back to the oldest one. */
  save(): SavedWindow {
    const saved = [this.#newest, this.#lastAt ?? 0];
    const size = this.#counts.length;
    let length = 0;
    for (let age = 0; age < size && this.#lastAt !== undefined; age += 1) {
      const count = this.#counts[(this.#newest + size - age) % size]!;
      saved.push(count);
      if (count > 0) length = saved.length;
    }
    saved.length = length;
    return saved;
  }

  /** Adds what `save` returned. */
  load([newest = 0, lastAt = 0, ...counts]: SavedWindow): void {
    for (const [age, count] of counts.entries()) if (count > 0) this.add((newest - age) * bucketMs, count);
    if (counts.length > 0) this.#lastAt = Math.max(this.#lastAt ?? 0, lastAt);
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

/**
 * A change by a third against the five minutes before is a trend. Without complete observation since `observedSince`, or with
 * too few occurrences before, the two periods do not compare. A count whose occurrences have stopped is not rising.
 */
export function trendOf(window: Window, now: Millis, observedSince: Millis): Trend {
  if (observedSince > now - 2 * trendMs) return 'steady';
  const last = window.between(now - trendMs, now);
  const before = window.between(now - 2 * trendMs, now - trendMs);
  if (last > trendFactor * before + 1) {
    const silenceMs = now - (window.lastAt() ?? 0);
    const goesOn = silenceMs <= Math.max(bucketMs, (goesOnGaps * trendMs) / last);
    return before >= comparableMin && goesOn ? 'rising' : 'steady';
  }
  return before > trendFactor * last + 1 ? 'falling' : 'steady';
}
