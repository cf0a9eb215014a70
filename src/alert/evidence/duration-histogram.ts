/** Run times of a task: counts in steps of 10 %, so that every percentile is exact to 10 %. */

const step = Math.log(1.1);
/** Beyond this total older counts weigh less, because run times change with the releases of a task. */
const totalMax = 2_000;
/** With fewer attempts of its own, a replica takes the histogram of another one. */
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

  /** Takes the counts of another replica if they are more and this one has just started. */
  learn(counts: DurationCounts): void {
    if (this.#total >= youngMax || totalOf(counts) <= this.#total) return;
    this.#counts.clear();
    this.#total = 0;
    for (const [at, count] of counts) this.#put(at, count);
  }

  /** Weighted number of attempts. */
  get total(): number {
    return this.#total;
  }

  /** Run time that this share of the attempts does not exceed. Undefined without attempts. */
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

/** The histogram of the replica with more attempts. */
export function richerTimes(some: DurationCounts, others: DurationCounts): DurationCounts {
  return totalOf(others) > totalOf(some) ? others : some;
}
