/** Which runs are open on which worker, and which of them a worker contradicts by saying that it executes nothing. */
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import type { WorkerEvent } from '../event/task-event.ts';
import type { Life } from './lives.ts';
import type { TaskRecord } from './task-record.ts';

interface Idle {
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  /** The worker's clock, which the starts of its runs are told in too. */
  readonly at: Millis;
  readonly dueAt: Millis;
}

export class Running {
  readonly #byHost = new Map<Hostname, Map<TaskId, TaskRecord>>();
  #idle: Idle[] = [];

  /** Takes in what is known of the last life of a task. */
  note(record: TaskRecord, life: Life | undefined): void {
    this.forget(record);
    const run = life?.runs.at(-1);
    if (run === undefined || run.startedAt === undefined || run.outcome !== undefined || run.isSuperseded) return;
    const { hostname, pid, receivedAt, startedAt } = run;
    record.openRun = { hostname, pid, receivedAt: receivedAt ?? startedAt, startedAt };
    let here = this.#byHost.get(run.hostname);
    if (here === undefined) {
      here = new Map();
      this.#byHost.set(run.hostname, here);
    }
    here.set(record.about.id, record);
  }

  forget(record: TaskRecord): void {
    const { openRun } = record;
    if (openRun === undefined) return;
    record.openRun = undefined;
    const here = this.#byHost.get(openRun.hostname);
    here?.delete(record.about.id);
    if (here?.size === 0) this.#byHost.delete(openRun.hostname);
  }

  /** The tasks with an open run on a worker, the latest begun first. */
  on(hostname: Hostname): TaskRecord[] {
    const here = [...(this.#byHost.get(hostname)?.values() ?? [])];
    return here.sort((a, b) => (b.openRun?.startedAt ?? 0) - (a.openRun?.startedAt ?? 0));
  }

  /** The worker said at `at` that it executes nothing; the ends of its runs may still be on their way until `dueAt`. */
  sawIdle({ hostname, pid, at }: WorkerEvent, dueAt: Millis): void {
    if (this.#byHost.has(hostname)) this.#idle.push({ hostname, pid, at, dueAt });
  }

  /** Tasks whose run is open although their worker has said since that it executes nothing. */
  takeEndedUnseen(now: Millis): TaskRecord[] {
    const count = this.#idle.findIndex((idle) => idle.dueAt > now);
    const due = this.#idle.splice(0, count < 0 ? this.#idle.length : count);
    return due.flatMap(({ hostname, pid, at }) =>
      // A successor under the same name says nothing of what the old process still runs.
      this.on(hostname).filter(({ openRun }) => {
        const isHis = pid === undefined || openRun?.pid === undefined || openRun.pid === pid;
        return isHis && (openRun?.startedAt ?? at) < at;
      }),
    );
  }
}
