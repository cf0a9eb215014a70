/** Which runs are open on which worker, and which of them a worker contradicts by what it says that it executes. */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { WorkerEvent } from '../../event/task-event.ts';
import type { Publication } from '../derive/attempts.ts';
import type { TaskRecord } from './task-record.ts';

/** A worker has said that it executes fewer tasks than are open on it. */
interface ActiveCount {
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly active: number;
  /** The worker's clock, which the starts of its runs are told in too. */
  readonly at: Millis;
  readonly dueAt: Millis;
}

export interface UnreportedEnd {
  readonly record: TaskRecord;
  /** False where the worker executes something, so that some of its open runs are true. */
  readonly isSure: boolean;
}

export class RunningAttempts {
  readonly #byHost = new Map<Hostname, Set<TaskRecord>>();
  #fewer: ActiveCount[] = [];

  /** Takes in what is known of the last life of a task. */
  update(record: TaskRecord, life: Publication | undefined): void {
    this.forget(record);
    const run = life?.attempts.at(-1);
    if (run === undefined || run.startedAt === undefined || run.outcome !== undefined || run.isSuperseded) return;
    const { hostname, pid, startedAt } = run;
    record.openAttempt = { hostname, pid, startedAt };
    const here = this.#byHost.get(hostname);
    if (here === undefined) this.#byHost.set(hostname, new Set([record]));
    else here.add(record);
  }

  forget(record: TaskRecord): void {
    const { openAttempt } = record;
    if (openAttempt === undefined) return;
    record.openAttempt = undefined;
    const here = this.#byHost.get(openAttempt.hostname);
    here?.delete(record);
    if (here?.size === 0) this.#byHost.delete(openAttempt.hostname);
  }

  /** The tasks with an open run on a worker, the latest begun first. */
  onWorker(hostname: Hostname): TaskRecord[] {
    const here = [...(this.#byHost.get(hostname) ?? [])];
    return here.sort((a, b) => (b.openAttempt?.startedAt ?? 0) - (a.openAttempt?.startedAt ?? 0));
  }

  /** What the worker says that it executes; the ends of its other runs may still be on their way until `dueAt`. */
  noteActiveCount({ hostname, pid, active, at }: WorkerEvent, dueAt: Millis): void {
    const openCount = this.#byHost.get(hostname)?.size ?? 0;
    if (active !== undefined && active < openCount) this.#fewer.push({ hostname, pid, active, at, dueAt });
  }

  /** Tasks whose run is open although their worker has said since that it executes nothing, or fewer than are open. */
  takeUnreportedEnds(now: Millis): UnreportedEnd[] {
    const count = this.#fewer.findIndex((fewer) => fewer.dueAt > now);
    const due = this.#fewer.splice(0, count < 0 ? this.#fewer.length : count);
    return due.flatMap(({ hostname, pid, active, at }) => {
      const before = this.onWorker(hostname).filter(({ openAttempt }) => {
        // A successor under the same name says nothing of what the old process still runs.
        const isHis = pid === undefined || openAttempt?.pid === undefined || openAttempt.pid === pid;
        return isHis && (openAttempt?.startedAt ?? at) < at;
      });
      return before.length > active ? before.map((record) => ({ record, isSure: active === 0 })) : [];
    });
  }
}
