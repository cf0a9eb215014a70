/** The tasks that are tracked, bounded. Open ones are kept until they end; ended ones for a while, for late words. */
import type { Millis, TaskId } from '../event/ids.ts';
import { TaskRecord } from './task-record.ts';

export interface TableLimits {
  readonly openMax: number;
  readonly rememberMs: number;
}

interface Due {
  readonly at: Millis;
  readonly record: TaskRecord;
}

export class TaskTable {
  readonly #limits: TableLimits;
  /** Both in the order of arrival, so that the first is the oldest. */
  readonly #open = new Map<TaskId, TaskRecord>();
  readonly #ended = new Map<TaskId, TaskRecord>();
  /** Records whose new events wait to settle, by due time: the window is constant, so arrival order is that order. */
  #unsettled: TaskRecord[] = [];
  /** Records with a result that waits for its event, in the same order for the same reason. */
  #witnessed: Due[] = [];
  #walk: Iterator<TaskRecord> | undefined;
  readonly #evicted: (record: TaskRecord) => void;

  /** `evicted` is told of an open task that leaves for want of room. */
  constructor(limits: TableLimits, evicted: (record: TaskRecord) => void) {
    this.#limits = limits;
    this.#evicted = evicted;
  }

  get size(): number {
    return this.#open.size;
  }

  find(id: TaskId): TaskRecord | undefined {
    return this.#open.get(id) ?? this.#ended.get(id);
  }

  remove(record: TaskRecord): void {
    this.#open.delete(record.id);
    this.#ended.delete(record.id);
  }

  open(): Iterable<TaskRecord> {
    return this.#open.values();
  }

  *all(): Iterable<TaskRecord> {
    yield* this.#ended.values();
    yield* this.#open.values();
  }

  recordOf(id: TaskId): TaskRecord {
    const known = this.find(id);
    if (known !== undefined) return known;
    const record = new TaskRecord(id);
    this.#open.set(id, record);
    if (this.#open.size + this.#ended.size > this.#limits.openMax) this.#evict();
    return record;
  }

  settleAt(record: TaskRecord, at: Millis): void {
    if (record.dueAt !== undefined) return;
    record.dueAt = at;
    this.#unsettled.push(record);
  }

  witnessedAt(record: TaskRecord, at: Millis): void {
    this.#witnessed.push({ at, record });
  }

  takeSettled(now: Millis): TaskRecord[] {
    const count = this.#unsettled.findIndex((record) => (record.dueAt ?? 0) > now);
    const settled = this.#unsettled.splice(0, count < 0 ? this.#unsettled.length : count);
    for (const record of settled) record.dueAt = undefined;
    return settled;
  }

  /** Records whose result has waited long enough for its event. */
  takeWitnessed(now: Millis): TaskRecord[] {
    const count = this.#witnessed.findIndex(({ at }) => at > now);
    return this.#witnessed.splice(0, count < 0 ? this.#witnessed.length : count).map(({ record }) => record);
  }

  /** The next so many open records on an endless round through all of them. */
  *walk(count: number): Iterable<TaskRecord> {
    for (let steps = count; steps > 0; steps -= 1) {
      this.#walk ??= this.#open.values();
      const next = this.#walk.next();
      if (next.done === true) this.#walk = undefined;
      else yield next.value;
    }
  }

  ended(record: TaskRecord, at: Millis): void {
    record.endedAt = at;
    record.openRun = undefined;
    record.suspicion = undefined;
    record.comesBack = undefined;
    this.#open.delete(record.id);
    this.#ended.delete(record.id);
    this.#ended.set(record.id, record);
  }

  /** It was over, and goes on: its id was published or delivered again. */
  reopen(record: TaskRecord): void {
    if (record.endedAt === undefined) return;
    record.endedAt = undefined;
    this.#ended.delete(record.id);
    this.#open.set(record.id, record);
  }

  /** Lets go of tasks that ended long enough ago. */
  forget(now: Millis): void {
    for (const [id, record] of this.#ended) {
      if ((record.endedAt ?? 0) + this.#limits.rememberMs > now) return;
      if (record.dueAt === undefined) this.#ended.delete(id);
    }
  }

  /** Room for one more: an ended task costs only late words, an open one costs its truth and is counted. */
  #evict(): void {
    const ended = this.#ended.keys().next();
    if (!ended.done) {
      this.#ended.delete(ended.value);
      return;
    }
    const oldest = this.#open.entries().next();
    if (oldest.done) return;
    const [id, record] = oldest.value;
    this.#open.delete(id);
    this.#evicted(record);
  }
}
