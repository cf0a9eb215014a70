/**
 * Baseline of a rate: a count for each hour of the last day, and the rate that chance alone seldom exceeds. An upper bound
 * rather than the mean, because with the mean of one hour of history the sixth failure already counts as a surge.
 */
import type { Millis } from '../../event/ids.ts';

const hourMs = 3_600_000;
const hoursMax = 24;

/** Counts by hour since the epoch, oldest first; at most a day of them. */
export type HourlyCounts = readonly (readonly [hour: number, count: number])[];

export class BaselineRate {
  #hours = new Map<number, number>();

  constructor(counts: HourlyCounts = []) {
    for (const [hour, count] of counts) this.#hours.set(hour, count);
  }

  add(at: Millis, count = 1): void {
    const hour = Math.floor(at / hourMs);
    this.#hours.set(hour, (this.#hours.get(hour) ?? 0) + count);
    if (this.#hours.size > hoursMax + 1) this.#expireBefore(hour - hoursMax);
  }

  /** Count of the last 24 hours, the current one included. */
  total(now: Millis): number {
    const oldest = Math.floor(now / hourMs) - hoursMax;
    let sum = 0;
    for (const [hour, count] of this.#hours) if (hour > oldest) sum += count;
    return sum;
  }

  /** Takes the greater count of each hour: another replica counted the same events. */
  merge(counts: HourlyCounts): void {
    for (const [hour, count] of counts) this.#hours.set(hour, Math.max(this.#hours.get(hour) ?? 0, count));
  }

  counts(): HourlyCounts {
    return [...this.#hours].sort((a, b) => a[0] - b[0]);
  }

  #expireBefore(oldest: number): void {
    for (const hour of this.#hours.keys()) if (hour < oldest) this.#hours.delete(hour);
  }
}

/** Counts of two replicas: the greater one of each hour. */
export function mergedCounts(some: HourlyCounts, others: HourlyCounts): HourlyCounts {
  const rate = new BaselineRate(some);
  rate.merge(others);
  return rate.counts();
}

/**
 * Upper bound of the count to expect within `withinMs`, given `count` in `observedMs`: two standard deviations above the
 * mean of a Poisson distribution, scaled to the window. Infinity without observation.
 */
export function upperBound(count: number, observedMs: Millis, withinMs: Millis): number {
  if (observedMs <= 0) return Number.POSITIVE_INFINITY;
  return (count + 1 + 2 * Math.sqrt(count + 1)) * (withinMs / Math.max(observedMs, withinMs));
}
