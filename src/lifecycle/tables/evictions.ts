import type { TaskRecord } from './task-record.ts';

/** Evicted tasks that are reported per sweep; more leave only when the table is far too small. */
const reportedMax = 1_000;

/** Open tasks that left the table because it was full, until the next sweep. */
export class Evictions {
  #records: TaskRecord[] = [];
  #count = 0;

  add(record: TaskRecord): void {
    this.#count += 1;
    if (this.#records.length < reportedMax) this.#records.push(record);
  }

  /** The evicted tasks that are to be reported, since the last call. */
  takeRecords(): readonly TaskRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  /** The number of evicted tasks since the last call. */
  takeCount(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}
