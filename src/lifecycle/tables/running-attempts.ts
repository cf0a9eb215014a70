/** The open attempts of each worker, and which of them the worker contradicts with the number of tasks it executes. */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { WorkerEvent } from '../../event/task-event.ts';
import type { Publication } from '../derive/publication.ts';
import type { TaskRecord } from './task-record.ts';

/** A worker reported fewer active tasks than attempts are open on it. */
interface ActiveCount {
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly active: number;
  /** Sent then, by our clock. */
  readonly at: Millis;
  readonly dueAt: Millis;
}

/** Two times of one worker are corrected by estimates of its clock that may differ by this much. */
const clockStepMs = 1_000;

export interface UnreportedEnd {
  readonly record: TaskRecord;
  /** False if the worker executes some tasks, so that some of its open attempts are real. */
  readonly isSure: boolean;
}

export class RunningAttempts {
  readonly #byHost = new Map<Hostname, Set<TaskRecord>>();
  #counts: ActiveCount[] = [];

  /** Sets `openAttempt` of the record from the last publication of its task. */
  update(record: TaskRecord, publication: Publication | undefined): void {
    this.remove(record);
    const attempt = publication?.attempts.at(-1);
    if (attempt === undefined || attempt.startedAt === undefined) return;
    if (attempt.outcome !== undefined || attempt.isSuperseded) return;
    const { hostname, pid, startedAt } = attempt;
    record.openAttempt = { hostname, pid, startedAt };
    const records = this.#byHost.get(hostname);
    if (records === undefined) this.#byHost.set(hostname, new Set([record]));
    else records.add(record);
  }

  remove(record: TaskRecord): void {
    const { openAttempt } = record;
    if (openAttempt === undefined) return;
    record.openAttempt = undefined;
    const records = this.#byHost.get(openAttempt.hostname);
    records?.delete(record);
    if (records?.size === 0) this.#byHost.delete(openAttempt.hostname);
  }

  /** Tasks with an open attempt on a worker, the latest start first. */
  onWorker(hostname: Hostname): TaskRecord[] {
    const records = [...(this.#byHost.get(hostname) ?? [])];
    return records.sort((a, b) => (b.openAttempt?.startedAt ?? 0) - (a.openAttempt?.startedAt ?? 0));
  }

  /** Takes the active count of a heartbeat; end events of the worker may still arrive until `dueAt`. */
  noteActiveCount({ hostname, pid, active, at }: WorkerEvent, dueAt: Millis): void {
    const openCount = this.#byHost.get(hostname)?.size ?? 0;
    if (active !== undefined && active < openCount) this.#counts.push({ hostname, pid, active, at, dueAt });
  }

  /** Tasks whose attempt started before their worker reported fewer active tasks than were open, once that is due. */
  takeUnreportedEnds(now: Millis): UnreportedEnd[] {
    const count = this.#counts.findIndex(({ dueAt }) => dueAt > now);
    const due = this.#counts.splice(0, count < 0 ? this.#counts.length : count);
    return due.flatMap(({ hostname, pid, active, at }) => {
      const started = this.onWorker(hostname).filter(({ openAttempt }) => {
        // The active count of a successor with the same name does not include the tasks of the old process.
        const isSameProcess = pid === undefined || openAttempt?.pid === undefined || openAttempt.pid === pid;
        return isSameProcess && (openAttempt?.startedAt ?? at) < at - clockStepMs;
      });
      return started.length > active ? started.map((record) => ({ record, isSure: active === 0 })) : [];
    });
  }
}
