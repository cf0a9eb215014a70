/**
 * Events → transitions. Stores the events of the tracked tasks, sorted. A short settle window after the first new event of a
 * task lets the other events of the same moment arrive; then the attempts of the task are derived from all of its events, and
 * what is not reported yet becomes transitions. So order and duplicates do not matter, and each transition is reported once.
 * Silent tasks become suspects, and witnesses are asked about them.
 */
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import type { Event, TaskEvent, TaskResult, WorkerEvent } from '../event/task-event.ts';
import type { Redacted } from '../event/untrusted.ts';
import { resultGraceMs } from './derive/evidence.ts';
import { releaseWorkers, restoreState, type SavedWork, saveState } from './handover.ts';
import type { LifecycleOptions } from './lifecycle-options.ts';
import { createLifecycleState, type LifecycleState } from './lifecycle-state.ts';
import { settle } from './settle.ts';
import { Suspicions, type TaskTestimony } from './suspicions.ts';
import type { TaskRecord } from './tables/task-record.ts';
import type { WorkerView } from './tables/worker-table.ts';
import type { WorkerTransition } from './tables/worker-transition.ts';
import { summaryOf, type TaskSummary } from './task-summary.ts';
import { concludeEvicted } from './timed-end.ts';
import type { Transition } from './transition.ts';

/** An idle worker buffers the events of its tasks for up to a second and a half. */
const idleGraceMs = 5_000;
/** Sweeps in which all open tasks are checked once: ten seconds at the usual interval of 100 ms. */
const sweepsPerRound = 100;

export interface SweepResult {
  readonly tasks: Transition[];
  readonly workers: readonly WorkerTransition[];
  /** Tasks to ask every witness about; each answer goes to `testify`. */
  readonly questions: TaskId[];
}

export class Lifecycle {
  readonly #state: LifecycleState;
  readonly #suspicions: Suspicions;
  #isListening = true;

  constructor(options: LifecycleOptions) {
    this.#state = createLifecycleState(options);
    this.#suspicions = new Suspicions(this.#state);
  }

  /** Stores an event. Transitions of workers follow at once, those of tasks with a later `sweep`. */
  apply(event: Event<Redacted>): readonly WorkerTransition[] {
    if (event.type === 'task-result') {
      this.#applyResult(event);
      return none;
    }
    if (!isWorkerEvent(event)) {
      this.#applyTaskEvent(event);
      return none;
    }
    const { clocks, running, workers } = this.#state;
    clocks.note(event.hostname, event.at, event.receivedAt);
    const offset = clocks.offsetOf(event.hostname);
    const corrected = offset === 0 ? event : { ...event, at: event.at - offset };
    const transitions = workers.apply(corrected);
    const active = workers.activeWith(event);
    running.noteActiveCount(
      active === event.active ? corrected : { ...corrected, active },
      event.receivedAt + idleGraceMs,
    );
    return transitions;
  }

  #applyTaskEvent(event: TaskEvent<Redacted>): void {
    const { tasks, workers, clocks, baseline, options } = this.#state;
    // Producers send no worker events, and no other task event is sent without a delay in a buffer.
    if (event.type === 'task-sent') clocks.note(event.hostname, event.at, event.receivedAt);
    workers.noteTaskEvent(event.hostname, event.pid, event.receivedAt);
    if (event.type === 'task-received') baseline.noteReceived(event.name);
    const record = tasks.recordOf(event.id);
    if (record.add(event, clocks.offsetOf(event.hostname))) tasks.settleAt(record, event.receivedAt + options.settleMs);
  }

  /** The result of a task without events may be all that arrives of it, so an end is tracked like any other task. */
  #applyResult(result: TaskResult<Redacted>): void {
    const { tasks } = this.#state;
    const record = result.status === 'started' ? tasks.find(result.id) : tasks.recordOf(result.id);
    if (record !== undefined) this.#addResult(record, result);
  }

  #addResult(record: TaskRecord, result: TaskResult<Redacted>): void {
    record.addResult(result);
    if (result.status !== 'started') this.#state.tasks.addResultDue(record, result.receivedAt + resultGraceMs);
  }

  /** The transitions of all tasks that have settled by `now`, and of all that silence or testimony decided. */
  sweep(now: Millis): SweepResult {
    const { tasks, workers, running } = this.#state;
    const suspicions = this.#suspicions;
    if (!this.#isListening) workers.skipGap(now);
    const { lost, gone } = workers.sweep(now);
    const transitions = suspicions.takePending();
    for (const record of tasks.takeSettled(now)) transitions.push(...settle(this.#state, record, now));
    for (const record of tasks.takeResultsDue(now)) transitions.push(...settle(this.#state, record, now));
    for (const record of tasks.takeUnfinished(now)) transitions.push(...settle(this.#state, record, now));
    for (const worker of gone) transitions.push(...suspicions.suspectLostWith(worker, now));
    for (const end of running.takeUnreportedEnds(now)) transitions.push(...suspicions.suspectUnreportedEnd(end, now));
    if (this.#isListening) {
      for (const record of tasks.walk(sweepsPerRound)) transitions.push(...suspicions.check(record, now));
    }
    transitions.push(...concludeEvicted(this.#state, now));
    tasks.expire(now);
    return { tasks: transitions, workers: lost, questions: suspicions.takeQuestions(now) };
  }

  /** Settles every task at once, for the end of a run. */
  settleAll(now: Millis): Transition[] {
    const { tasks } = this.#state;
    const settled = tasks.takeSettled(Number.POSITIVE_INFINITY).flatMap((record) => settle(this.#state, record, now));
    const resultsDue = tasks.takeResultsDue(Number.POSITIVE_INFINITY);
    return settled.concat(
      resultsDue.flatMap((record) => settle(this.#state, record, Number.POSITIVE_INFINITY)),
      this.sweep(now).tasks,
    );
  }

  /** Takes the answer of a witness; the next sweep returns the transitions that follow. */
  testify(testimony: TaskTestimony): void {
    this.#suspicions.addTestimony(testimony);
  }

  /** While events cannot arrive, silence is no evidence. */
  setListening(isListening: boolean): void {
    this.#isListening = isListening;
  }

  /** This process read no events until `at`, but none is lost: silence before that time is no evidence. */
  skipSilence(at: Millis): void {
    this.#state.workers.skipGap(at);
  }

  /** No events could arrive until `end`: open tasks are uncertain until an event or a witness reports them. */
  addGap(end: Millis): void {
    this.#state.gaps.add(end);
    this.#state.workers.skipGap(end);
    this.#suspicions.suspectAllOpen(end);
  }

  /** Tasks that left the table before they ended, since the last call. */
  takeEvicted(): number {
    return this.#state.evictions.takeCount();
  }

  /** Open tasks. */
  trackedCount(): number {
    return this.#state.tasks.openCount;
  }

  /** Open tasks whose end event may have been missed. */
  uncertainCount(): number {
    return this.#state.uncertain.size;
  }

  isTracked(id: TaskId): boolean {
    return this.#state.tasks.find(id) !== undefined;
  }

  workers(): WorkerView[] {
    const { clocks, workers } = this.#state;
    return workers.views((hostname) => clocks.offsetOf(hostname));
  }

  *summaries(): Iterable<TaskSummary> {
    for (const record of this.#state.tasks.all()) yield summaryOf(this.#state, record);
  }

  /** The open tasks and the workers as text for another instance, at most `charsMax` characters. */
  save(charsMax: number, isIncluded?: (hostname: Hostname) => boolean): SavedWork {
    return saveState(this.#state, charsMax, isIncluded);
  }

  /** Takes over what another instance saved. */
  restore(saved: string, now: Millis): void {
    restoreState(this.#state, saved, now);
  }

  /** Removes the workers that `isReleased` accepts, with the tasks that execute on them: another instance owns them. */
  release(isReleased: (hostname: Hostname) => boolean): void {
    releaseWorkers(this.#state, isReleased);
  }
}

const none: readonly WorkerTransition[] = [];

function isWorkerEvent(event: Event<Redacted>): event is WorkerEvent {
  return event.type === 'worker-heartbeat' || event.type === 'worker-online' || event.type === 'worker-offline';
}
