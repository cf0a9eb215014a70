/** All tracked tasks, bounded. Open tasks stay until they end; ended ones stay for a while, for late events. */
import type { Millis, TaskId } from '../../event/ids.ts';
import { TaskRecord } from './task-record.ts';

export interface TableLimits {
  /** Records held at once, open and ended. */
  readonly openMax: number;
  /** Time for which an ended task is kept. */
  readonly rememberMs: number;
}

interface Due {
  readonly at: Millis;
  readonly record: TaskRecord;
}

/** Entries of the list of ended tasks that may be stale before the list is copied without them. */
const staleEndedMax = 10_000;
/** `endedAt` of a record that was removed from the table. */
const removedAt: Millis = 0;

export class TaskTable {
  readonly #limits: TableLimits;
  /** Open and ended tasks in order of arrival, in one map: the lookup of a task in a large map is the main cost. */
  readonly #tasks = new Map<TaskId, TaskRecord>();
  #openCount = 0;
  /** In order of ending. Entries of tasks that were reopened or ended again since are stale. */
  #ended: Due[] = [];
  #firstEnded = 0;
  /** Records with new events in the settle window. The window is constant, so order of arrival is order of due time. */
  #unsettled: TaskRecord[] = [];
  /** Records with a result that waits for its end event, in order of due time for the same reason. */
  readonly #resultsDue: Due[] = [];
  /** Ended tasks with an open attempt, in order of due time. */
  readonly #unfinished: Due[] = [];
  #walk: Iterator<TaskRecord> | undefined;
  readonly #onEvict: (record: TaskRecord) => void;

  /** `onEvict` is called for each open task that the limit evicts, not for an ended one. */
  constructor(limits: TableLimits, onEvict: (record: TaskRecord) => void) {
    this.#limits = limits;
    this.#onEvict = onEvict;
  }

  get openCount(): number {
    return this.#openCount;
  }

  find(id: TaskId): TaskRecord | undefined {
    return this.#tasks.get(id);
  }

  remove(record: TaskRecord): void {
    if (record.endedAt === removedAt) return;
    if (record.endedAt === undefined) this.#openCount -= 1;
    record.endedAt = removedAt;
    this.#tasks.delete(record.id);
  }

  *open(): Iterable<TaskRecord> {
    for (const record of this.#tasks.values()) if (record.endedAt === undefined) yield record;
  }

  all(): Iterable<TaskRecord> {
    return this.#tasks.values();
  }

  /** The record of a task, created if there is none. */
  recordOf(id: TaskId): TaskRecord {
    const existing = this.#tasks.get(id);
    if (existing !== undefined) return existing;
    const record = new TaskRecord(id);
    this.#tasks.set(id, record);
    this.#openCount += 1;
    if (this.#tasks.size > this.#limits.openMax) this.#evict();
    return record;
  }

  /** Schedules the record for `takeSettled`, unless it is scheduled already. */
  settleAt(record: TaskRecord, at: Millis): void {
    if (record.dueAt !== undefined) return;
    record.dueAt = at;
    this.#unsettled.push(record);
  }

  addResultDue(record: TaskRecord, at: Millis): void {
    this.#resultsDue.push({ at, record });
  }

  /** An attempt of the ended task is open. `at` must not be before that of earlier calls. */
  addUnfinished(record: TaskRecord, at: Millis): void {
    this.#unfinished.push({ at, record });
  }

  /** Records to look at again because of an open attempt. */
  takeUnfinished(now: Millis): TaskRecord[] {
    return takeDue(this.#unfinished, now);
  }

  takeSettled(now: Millis): TaskRecord[] {
    const count = this.#unsettled.findIndex((record) => (record.dueAt ?? 0) > now);
    const settled = this.#unsettled.splice(0, count < 0 ? this.#unsettled.length : count);
    for (const record of settled) record.dueAt = undefined;
    // A record that was evicted in between was reported with everything known of it.
    return settled.filter(({ endedAt }) => endedAt !== removedAt);
  }

  /** Records whose result has waited long enough for its end event. */
  takeResultsDue(now: Millis): TaskRecord[] {
    return takeDue(this.#resultsDue, now);
  }

  /** The open records in the next of `parts` parts of an endless round through all records. */
  *walk(parts: number): Iterable<TaskRecord> {
    for (let steps = Math.ceil(this.#tasks.size / parts); steps > 0; steps -= 1) {
      this.#walk ??= this.#tasks.values();
      const next = this.#walk.next();
      if (next.done === true) this.#walk = undefined;
      else if (next.value.endedAt === undefined) yield next.value;
    }
  }

  end(record: TaskRecord, at: Millis): void {
    if (record.endedAt === removedAt) return;
    if (record.endedAt === undefined) this.#openCount -= 1;
    record.endedAt = at;
    record.openAttempt = undefined;
    record.suspicion = undefined;
    record.nextAttempt = undefined;
    this.#ended.push({ at, record });
  }

  /** Opens an ended task again: its id was sent or delivered once more. */
  reopen(record: TaskRecord): void {
    if (record.endedAt === removedAt || record.endedAt === undefined) return;
    this.#openCount += 1;
    record.endedAt = undefined;
  }

  /** Removes the tasks that ended `rememberMs` ago or earlier. */
  expire(now: Millis): void {
    for (let first = this.#oldestEnded(); first !== undefined; first = this.#oldestEnded()) {
      if (first.at + this.#limits.rememberMs > now) return;
      this.remove(first.record);
    }
  }

  /** An ended task is evicted first, because that costs only late events; an open one costs its outcome and is counted. */
  #evict(): void {
    const ended = this.#oldestEnded()?.record;
    const oldest = ended ?? this.#tasks.values().next().value;
    if (oldest === undefined) return;
    this.remove(oldest);
    if (ended === undefined) this.#onEvict(oldest);
  }

  #oldestEnded(): Due | undefined {
    for (; this.#firstEnded < this.#ended.length; this.#firstEnded += 1) {
      const first = this.#ended[this.#firstEnded] as Due;
      // A record with late events in the settle window ends again or reopens when they settle.
      if (first.record.endedAt === first.at && first.record.dueAt === undefined) return first;
      if (this.#firstEnded < staleEndedMax) continue;
      this.#ended = this.#ended.slice(this.#firstEnded);
      this.#firstEnded = 0;
    }
    return undefined;
  }
}

/** Takes the records that are due from `list`, which is in order of due time, without those that were removed. */
function takeDue(list: Due[], now: Millis): TaskRecord[] {
  const count = list.findIndex(({ at }) => at > now);
  const due = list.splice(0, count < 0 ? list.length : count);
  return due.map(({ record }) => record).filter(({ endedAt }) => endedAt !== removedAt);
}
