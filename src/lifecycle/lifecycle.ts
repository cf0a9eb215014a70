/**
 * Events → what happened to each task. Keeps the events of the live tasks, sorted; a short settle window after the first
 * new event of a task lets the others of the same moment arrive; then the task's attempts are derived from all of its
 * events, and what has not been told yet becomes transitions. So order and duplicates cannot matter, and each transition
 * is told once.
 */
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import type { Event, TaskEvent, WorkerEvent } from '../event/task-event.ts';
import type { Redacted } from '../event/untrusted.ts';
import { type Life, livesOf, stateOf } from './lives.ts';
import { Running } from './running.ts';
import { type TaskRecord, TaskTable } from './task-table.ts';
import { spanIdOf, taskPart } from './trace-id.ts';
import type { Attempt, Cause, Task, Transition } from './transition.ts';
import { attemptOf, endingOf, taskOf } from './view.ts';
import { type WorkerOptions, WorkerTable, type WorkerTransition, type WorkerView } from './worker-table.ts';

export interface LifecycleOptions extends WorkerOptions {
  /** How long a task's events may come in any order before they are taken as told. */
  readonly settleMs: number;
  /** Tasks tracked at once; the oldest leaves first and is counted. */
  readonly openTasksMax: number;
  /** How long an ended task is remembered, for words about it that come late. */
  readonly rememberMs: number;
}

/** A worker holds back the events of its tasks for up to a second and a half when it has little to do. */
const idleGraceMs = 5_000;

export const defaultLifecycleOptions: LifecycleOptions = {
  settleMs: 1_500,
  openTasksMax: 100_000,
  rememberMs: 600_000,
  silentAfterMs: 30_000,
  workersMax: 10_000,
};

/** One line for each task: what is known of it now. */
export interface Verdict {
  readonly task: Task;
  /** Runs that were seen to start, over all lives of the id. */
  readonly startedCount: number;
  readonly outcome: string;
  readonly cause: string | undefined;
  readonly worker: Hostname | undefined;
}

export interface Lifecycle {
  apply(event: Event<Redacted>): WorkerTransition[];
  /** What has settled by `now`, and what time alone has shown. */
  sweep(now: Millis): { readonly tasks: Transition[]; readonly workers: WorkerTransition[] };
  /** Takes everything as settled: nothing more will be heard. */
  settleAll(now: Millis): Transition[];
  /** We were deaf from `from` to `to`. */
  gap(from: Millis, to: Millis): void;
  /** Tasks that left the table before they ended, since the last call. */
  takeEvicted(): number;
  trackedCount(): number;
  workers(): WorkerView[];
  verdicts(): Iterable<Verdict>;
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const table = new TaskTable({ openMax: options.openTasksMax, rememberMs: options.rememberMs });
  const workers = new WorkerTable(options);
  const running = new Running();

  function applyTask(event: TaskEvent<Redacted>): void {
    workers.sawTaskEvent(event.hostname, event.receivedAt);
    const record = table.recordOf(event);
    if (record.add(event)) table.settleAt(record, event.receivedAt + options.settleMs);
  }

  function settle(record: TaskRecord): Transition[] {
    const lives = livesOf(record.events);
    const state = stateOf(record.events);
    const transitions = lives.flatMap((life) => tell(record, life, state, parentSpanId(table, record)));
    const last = lives.at(-1);
    if (last !== undefined && endingOf(last) !== undefined) table.ended(record);
    running.note(record.about.id, last);
    return transitions;
  }

  /** Runs that are open on this worker although it is gone. It said how many it was at: no more than that were lost. */
  function loseAll({ hostname, pid, active }: WorkerTransition, now: Millis): Transition[] {
    const open = running.on(hostname).filter((run) => pid === undefined || run.pid === undefined || run.pid === pid);
    const lostCount = Math.min(open.length, active ?? open.length);
    return open.flatMap((run, index) => conclude(run.taskId, now, index < lostCount ? 'lost' : 'unknown'));
  }

  function conclude(id: TaskId, now: Millis, outcome: 'lost' | 'unknown'): Transition[] {
    const record = table.find(id);
    const life = record === undefined ? undefined : livesOf(record.events).at(-1);
    if (record === undefined || life === undefined || life.runs.at(-1)?.outcome !== undefined) return [];
    running.forget(id);
    const told = tellConcluded(record, life, now, outcome, parentSpanId(table, record));
    table.ended(record);
    return told;
  }

  return {
    apply(event) {
      if (!isWorkerEvent(event)) {
        applyTask(event);
        return [];
      }
      if (event.active === 0) running.sawIdle(event.hostname, event.at, event.receivedAt + idleGraceMs);
      return workers.apply(event);
    },
    sweep(now) {
      const lost = workers.sweep(now);
      const tasks = table.takeSettled(now).flatMap(settle);
      for (const worker of [...lost, ...workers.takeRestarted()]) tasks.push(...loseAll(worker, now));
      for (const id of running.takeEndedUnseen(now)) tasks.push(...conclude(id, now, 'unknown'));
      table.forget(now);
      return { tasks, workers: lost };
    },
    settleAll(now) {
      return table.takeSettled(Number.POSITIVE_INFINITY).flatMap(settle).concat(this.sweep(now).tasks);
    },
    gap: (_from, to) => workers.deafUntil(to),
    takeEvicted: () => table.takeEvicted(),
    trackedCount: () => table.size,
    workers: () => workers.views(),
    *verdicts() {
      for (const record of table.all()) yield verdictOf(record, parentSpanId(table, record));
    },
  };
}

function isWorkerEvent(event: Event<Redacted>): event is WorkerEvent {
  return event.type === 'worker-heartbeat' || event.type === 'worker-online' || event.type === 'worker-offline';
}

/** What one life of a task says that has not been told yet. */
function tell(record: TaskRecord, life: Life, state: Task['state'], parent: string | undefined): Transition[] {
  const ending = endingOf(life);
  const untold: ((task: Task) => Transition)[] = [];
  if (record.tell(`queued.${life.number}`)) untold.push((task) => ({ kind: 'task-queued', at: life.firstAt, task }));
  for (const run of life.runs) {
    const attempt = attemptOf(record.about.id, run);
    const { startedAt, endedAt } = run;
    if (startedAt !== undefined && record.tell(`started.${run.key}`)) {
      untold.push((task) => ({ kind: 'attempt-started', at: startedAt, task, attempt }));
    }
    if (endedAt !== undefined && record.tell(`ended.${run.key}`)) {
      untold.push((task) => ({ kind: 'attempt-ended', at: endedAt, task, attempt }));
    }
    if (endedAt === undefined && run.isSuperseded && ending !== undefined && record.tell(`ended.${run.key}`)) {
      const outcome = run.cause === 'replaced' ? 'replaced' : 'lost';
      const superseded = { ...attempt, outcome, endedAt: startOfNext(life, run.number) ?? life.lastAt } as const;
      untold.push((task) => ({ kind: 'attempt-ended', at: superseded.endedAt, task, attempt: superseded }));
    }
  }
  if (ending !== undefined && record.outcomes.get(life.number) !== ending.outcome) {
    const corrects = record.outcomes.get(life.number);
    record.outcomes.set(life.number, ending.outcome);
    const attempt = ending.run === undefined ? undefined : attemptOf(record.about.id, ending.run);
    const { at, outcome, cause } = ending;
    untold.push((task) => ({ kind: 'task-ended', at, task, outcome, cause, attempt, corrects }));
  }
  if (untold.length === 0) return [];
  const task = taskOf(record.about, life, state, parent);
  return untold.map((make) => make(task));
}

function startOfNext(life: Life, number: number): Millis | undefined {
  const next = life.runs[number];
  return next?.receivedAt ?? next?.startedAt;
}

/** Time, not an event, ended the open run; the task is told to be over with it, and a later event can correct that. */
function tellConcluded(
  record: TaskRecord,
  life: Life,
  now: Millis,
  outcome: 'lost' | 'unknown',
  parent: string | undefined,
): Transition[] {
  const run = life.runs.at(-1);
  if (run === undefined || !record.tell(`ended.${run.key}`)) return [];
  const cause: Cause | undefined = outcome === 'lost' ? 'worker-lost' : undefined;
  const attempt: Attempt = { ...attemptOf(record.about.id, run), outcome, cause, endedAt: now };
  const task = taskOf(record.about, life, stateOf(record.events), parent);
  const told: Transition[] = [{ kind: 'attempt-ended', at: now, task, attempt }];
  if (record.outcomes.get(life.number) === undefined) {
    record.outcomes.set(life.number, outcome);
    told.push({ kind: 'task-ended', at: now, task, outcome, cause, attempt, corrects: undefined });
  }
  return told;
}

/** Parents are walked no further than this; a deeper chain of calls keeps its parent without the check for a circle. */
const ancestorsMax = 100;

/**
 * The span of the parent task when that task was seen here, and when this task is not among its own ancestors: `replace()`
 * runs the last step of a chain under the id that the chain began with.
 */
function parentSpanId(table: TaskTable, record: TaskRecord): string | undefined {
  const { parentId, id } = record.about;
  const parent = parentId === undefined ? undefined : table.find(parentId);
  if (parent === undefined) return undefined;
  let ancestor: TaskId | undefined = parentId;
  for (let steps = 0; ancestor !== undefined && steps < ancestorsMax; steps += 1) {
    if (ancestor === id) return undefined;
    ancestor = table.find(ancestor)?.about.parentId;
  }
  return spanIdOf(parent.about.id, taskPart(Math.max(0, parent.outcomes.size - 1)));
}

function verdictOf(record: TaskRecord, parent: string | undefined): Verdict {
  const lives = livesOf(record.events);
  const life = lives.at(-1) as Life;
  const ending = endingOf(life);
  const runs = lives.flatMap(({ runs }) => runs);
  const last = life.runs.at(-1);
  return {
    task: taskOf(record.about, life, stateOf(record.events), parent),
    startedCount: runs.filter((run) => run.startedAt !== undefined).length,
    outcome: ending?.outcome ?? record.outcomes.get(life.number) ?? 'unknown',
    cause: ending?.cause ?? last?.cause,
    worker: last?.hostname ?? life.end?.hostname,
  };
}
