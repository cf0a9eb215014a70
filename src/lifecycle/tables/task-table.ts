/** The tasks that are tracked, bounded. Open ones are kept until they end; ended ones for a while, for late words. */
import type { Millis, TaskId } from '../../event/ids.ts';
import { TaskRecord } from './task-record.ts';

export interface TableLimits {
  readonly openMax: number;
  readonly rememberMs: number;
}

interface Due {
  readonly at: Millis;
  readonly record: TaskRecord;
}

/** Of those that ended and were let go so many are held in the list at most. */
const passedOverMax = 10_000;
/** What left the table says that it ended then. */
const gone: Millis = 0;

export class TaskTable {
  readonly #limits: TableLimits;
  /** Open and ended ones in the order of arrival: to look for a task in a large map is what costs, so there is one. */
  readonly #tasks = new Map<TaskId, TaskRecord>();
  #openCount = 0;
  /** In the order of ending. What has gone on since, or ended again, is passed over. */
  #ended: Due[] = [];
  #firstEnded = 0;
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

  get openCount(): number {
    return this.#openCount;
  }

  find(id: TaskId): TaskRecord | undefined {
    return this.#tasks.get(id);
  }

  remove(record: TaskRecord): void {
    if (record.endedAt === gone) return;
    if (record.endedAt === undefined) this.#openCount -= 1;
    record.endedAt = gone;
    this.#tasks.delete(record.id);
  }

  *open(): Iterable<TaskRecord> {
    for (const record of this.#tasks.values()) if (record.endedAt === undefined) yield record;
  }

  all(): Iterable<TaskRecord> {
    return this.#tasks.values();
  }

  recordOf(id: TaskId): TaskRecord {
    const known = this.#tasks.get(id);
    if (known !== undefined) return known;
    const record = new TaskRecord(id);
    this.#tasks.set(id, record);
    this.#openCount += 1;
    if (this.#tasks.size > this.#limits.openMax) this.#evict();
    return record;
  }

  settleAt(record: TaskRecord, at: Millis): void {
    if (record.dueAt !== undefined) return;
    record.dueAt = at;
    this.#unsettled.push(record);
  }

  addResultDue(record: TaskRecord, at: Millis): void {
    this.#witnessed.push({ at, record });
  }

  takeSettled(now: Millis): TaskRecord[] {
    const count = this.#unsettled.findIndex((record) => (record.dueAt ?? 0) > now);
    const settled = this.#unsettled.splice(0, count < 0 ? this.#unsettled.length : count);
    for (const record of settled) record.dueAt = undefined;
    // What left meanwhile was told of with all that was known of it.
    return settled.filter(({ endedAt }) => endedAt !== gone);
  }

  /** Records whose result has waited long enough for its event. */
  takeResultsDue(now: Millis): TaskRecord[] {
    const count = this.#witnessed.findIndex(({ at }) => at > now);
    const witnessed = this.#witnessed.splice(0, count < 0 ? this.#witnessed.length : count);
    return witnessed.map(({ record }) => record).filter(({ endedAt }) => endedAt !== gone);
  }

  /** The open records in the next of `parts` parts of an endless round through all of them. */
  *walk(parts: number): Iterable<TaskRecord> {
    for (let steps = Math.ceil(this.#tasks.size / parts); steps > 0; steps -= 1) {
      this.#walk ??= this.#tasks.values();
      const next = this.#walk.next();
      if (next.done === true) this.#walk = undefined;
      else if (next.value.endedAt === undefined) yield next.value;
    }
  }

  ended(record: TaskRecord, at: Millis): void {
    if (record.endedAt === gone) return;
    if (record.endedAt === undefined) this.#openCount -= 1;
    record.endedAt = at;
    record.openAttempt = undefined;
    record.suspicion = undefined;
    record.nextAttempt = undefined;
    this.#ended.push({ at, record });
  }

  /** It was over, and goes on: its id was published or delivered again. */
  reopen(record: TaskRecord): void {
    if (record.endedAt === gone || record.endedAt === undefined) return;
    this.#openCount += 1;
    record.endedAt = undefined;
  }

  /** Lets go of tasks that ended long enough ago. */
  forget(now: Millis): void {
    for (let first = this.#oldestEnded(); first !== undefined; first = this.#oldestEnded()) {
      if (first.at + this.#limits.rememberMs > now) return;
      this.remove(first.record);
    }
  }

  /** Room for one more: an ended task costs only late words, an open one costs its truth and is counted. */
  #evict(): void {
    const ended = this.#oldestEnded()?.record;
    const oldest = ended ?? this.#tasks.values().next().value;
    if (oldest === undefined) return;
    this.remove(oldest);
    if (ended === undefined) this.#evicted(oldest);
  }

  #oldestEnded(): Due | undefined {
    for (; this.#firstEnded < this.#ended.length; this.#firstEnded += 1) {
      const first = this.#ended[this.#firstEnded] as Due;
      // Late words that wait to settle end it again, or open it.
      if (first.record.endedAt === first.at && first.record.dueAt === undefined) return first;
      if (this.#firstEnded < passedOverMax) continue;
      this.#ended = this.#ended.slice(this.#firstEnded);
      this.#firstEnded = 0;
    }
    return undefined;
  }
}
