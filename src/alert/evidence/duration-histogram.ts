/** How long runs of a task usually take: counts in steps of a tenth, so that a share of 99 in 100 is known within 10 %. */

const step = Math.log(1.1);
/** More than so many, and the old ones begin to count less: a task's run times change with its releases. */
const totalMax = 2_000;
/** Fewer are no knowledge of one's own: what another instance has seen is taken instead. */
const youngMax = 100;

/** Counts by step, `[step, count]`. */
export type DurationCounts = readonly (readonly [step: number, count: number])[];

export class DurationHistogram {
  #counts = new Map<number, number>();
  #total = 0;

  constructor(counts: DurationCounts = []) {
    for (const [at, count] of counts) this.#put(at, count);
  }

  add(ms: number): void {
    this.#put(Math.max(0, Math.ceil(Math.log(Math.max(1, ms)) / step)), 1);
    if (this.#total > totalMax) this.#halve();
  }

  /** Takes what another instance knows, where that is more and we have just begun. */
  learn(counts: DurationCounts): void {
    if (this.#total >= youngMax || totalOf(counts) <= this.#total) return;
    this.#counts.clear();
    this.#total = 0;
    for (const [at, count] of counts) this.#put(at, count);
  }

  /** Runs that it knows of, the old ones counting less. */
  get total(): number {
    return this.#total;
  }

  /** The time that such a share of the runs stays below; undefined when none is known. */
  quantile(share: number): number | undefined {
    let rest = this.#total * share;
    for (const at of [...this.#counts.keys()].sort((a, b) => a - b)) {
      rest -= this.#counts.get(at) as number;
      if (rest <= 1e-9) return Math.exp(at * step);
    }
    return undefined;
  }

  counts(): DurationCounts {
    return [...this.#counts];
  }

  #put(at: number, count: number): void {
    this.#counts.set(at, (this.#counts.get(at) ?? 0) + count);
    this.#total += count;
  }

  #halve(): void {
    this.#total = 0;
    for (const [at, count] of this.#counts) {
      const half = count / 2;
      if (half < 0.01) this.#counts.delete(at);
      else {
        this.#counts.set(at, half);
        this.#total += half;
      }
    }
  }
}

function totalOf(counts: DurationCounts): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

/** Of two instances the one that has seen more. */
export function richerTimes(some: DurationCounts, others: DurationCounts): DurationCounts {
  return totalOf(others) > totalOf(some) ? others : some;
}
