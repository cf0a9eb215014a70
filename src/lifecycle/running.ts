/** Which runs are open on which worker, and which of them a worker contradicts by saying that it executes nothing. */
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import type { Life } from './lives.ts';

export interface OpenRun {
  readonly taskId: TaskId;
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly startedAt: Millis;
}

interface Idle {
  readonly hostname: Hostname;
  /** The worker's clock, which the starts of its runs are told in too. */
  readonly at: Millis;
  readonly dueAt: Millis;
}

export class Running {
  readonly #byTask = new Map<TaskId, OpenRun>();
  readonly #byHost = new Map<Hostname, Map<TaskId, OpenRun>>();
  #idle: Idle[] = [];

  /** Takes in what is known of the last life of a task. */
  note(taskId: TaskId, life: Life | undefined): void {
    this.forget(taskId);
    const run = life?.runs.at(-1);
    if (run === undefined || run.startedAt === undefined || run.outcome !== undefined) return;
    const open = { taskId, hostname: run.hostname, pid: run.pid, startedAt: run.startedAt };
    this.#byTask.set(taskId, open);
    const here = this.#byHost.get(run.hostname) ?? new Map<TaskId, OpenRun>();
    here.set(taskId, open);
    this.#byHost.set(run.hostname, here);
  }

  forget(taskId: TaskId): void {
    const open = this.#byTask.get(taskId);
    if (open === undefined) return;
    this.#byTask.delete(taskId);
    const here = this.#byHost.get(open.hostname);
    here?.delete(taskId);
    if (here?.size === 0) this.#byHost.delete(open.hostname);
  }

  /** The open runs of a worker, the latest first. */
  on(hostname: Hostname): OpenRun[] {
    return [...(this.#byHost.get(hostname)?.values() ?? [])].sort((a, b) => b.startedAt - a.startedAt);
  }

  /** The worker said at `at` that it executes nothing; the ends of its runs may still be on their way until `dueAt`. */
  sawIdle(hostname: Hostname, at: Millis, dueAt: Millis): void {
    this.#idle.push({ hostname, at, dueAt });
  }

  /** Tasks whose run is open although their worker has said since that it executes nothing. */
  takeEndedUnseen(now: Millis): TaskId[] {
    const count = this.#idle.findIndex((idle) => idle.dueAt > now);
    const due = this.#idle.splice(0, count < 0 ? this.#idle.length : count);
    return due.flatMap(({ hostname, at }) =>
      this.on(hostname)
        .filter((run) => run.startedAt < at)
        .map((run) => run.taskId),
    );
  }
}
