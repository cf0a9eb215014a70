/**
 * All that one instance has heard, as far as signals need it: windows, what is usual, who is there, what runs and waits.
 * Bounded everywhere, and never shared as such: what instances agree on is the book.
 */

import type { Fingerprint, Hostname, Millis, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { type KeyText, keyText } from '../key.ts';
import { type CauseBaseline, Causes, forgetFirst, isCountedByPool } from './causes.ts';
import { Lost } from './lost-runs.ts';
import type { Observation, ObservedFailure } from './observation.ts';
import { OpenAttempts } from './open-runs.ts';
import { Queues } from './queues.ts';
import { Schedules } from './scheduled-runs.ts';
import { Retries, type TaskBaseline, Tasks } from './tasks.ts';
import { Workers } from './workers.ts';

/** A message that is begun again and again, or work that was done twice. */
export interface RepeatedDelivery {
  readonly what: 'poison-loop' | 'run-twice';
  readonly taskId: TaskId;
  readonly traceId: string;
  readonly task: Redacted | undefined;
  readonly queue: string | undefined;
  readonly hosts: Hostname[];
  readonly firstAt: Millis;
  lastAt: Millis;
  times: number;
}

/** What is usual, for an instance that starts. */
export interface BaselineSnapshot {
  /** The first event that anybody of this namespace heard. */
  readonly since: Millis;
  readonly causes: readonly (readonly [Fingerprint, CauseBaseline])[];
  readonly tasks: readonly (readonly [string, TaskBaseline])[];
}

const odditiesMax = 500;
/** After a time of deafness nobody's absence counts until the fleet has had time to speak. */
const settleAfterGapMs = 30_000;

export interface EvidenceOptions {
  /** Where a task's messages wait, when no event tells. */
  readonly queueOf: (task: string) => string | undefined;
  /** Whether such an exception of a task is never alone a reason to tell. */
  readonly isIgnored: (task: string, exception: string) => boolean;
}

export class Evidence {
  readonly causes = new Causes();
  readonly tasks = new Tasks();
  readonly retries = new Retries();
  readonly workers = new Workers();
  readonly runs = new OpenAttempts();
  readonly queues = new Queues();
  readonly lost = new Lost();
  readonly schedules = new Schedules();
  readonly repeatedDeliveries = new Map<TaskId, RepeatedDelivery>();
  /** Causes, tasks and pools in an incident: what they do now is not usual. */
  openIncidentKeys: ReadonlySet<KeyText> = new Set();
  /** When the first event was heard, by whoever was there. */
  since: Millis | undefined;
  lastEventAt: Millis | undefined;
  /** Since when we have heard without a break. */
  listeningSince: Millis = 0;
  readonly #options: EvidenceOptions;
  readonly #queueByTask = new Map<string, string>();

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  observe(observation: Observation): void {
    switch (observation.kind) {
      case 'heard':
        this.noteEvent(observation.at);
        return;
      case 'attempt-started': {
        const { attempt, task, queue, host, at, taskId, traceId, retries } = observation;
        this.workers.noteActivity(host, at);
        const waitedIn = queue ?? this.#queueOf(task);
        this.runs.start({ attempt, task, queue: waitedIn, host, startedAt: at, example: { taskId, traceId } });
        this.queues.take(taskId, retries, at, waitedIn);
        this.schedules.noteRun(task, at);
        this.#oddityGoesOn(taskId, at, host);
        return;
      }
      case 'attempt-ended': {
        const { attempt, task, taskId, retries, host, at } = observation;
        const queue = observation.queue ?? this.#queueOf(task);
        this.workers.noteActivity(host, at);
        const wasRunning = this.runs.end(attempt);
        if (!wasRunning) this.queues.take(taskId, retries, at, queue);
        this.schedules.noteRun(task, at);
        if (task !== undefined)
          this.tasks
            .of(task)
            .ended({ ...observation, queue }, !this.openIncidentKeys.has(keyText({ kind: 'task', task: task })));
        this.retries.add(observation);
        return;
      }
      case 'waiting': {
        const { taskId, retries, task, eta, at } = observation;
        if (observation.queue !== undefined && task !== undefined) this.#learnQueue(task, observation.queue);
        if (retries === 0) this.schedules.noteRun(task, at);
        const queue = observation.queue ?? this.#queueOf(task);
        if (queue !== undefined) this.queues.wait({ taskId, retries, task, queue, since: Math.max(at, eta ?? at) });
        return;
      }
      case 'taken':
        this.queues.drop(observation.taskId);
        return;
      case 'failed':
        this.#failed(observation.failure, observation.at);
        return;
      case 'noted':
        this.#noted(observation);
        return;
      case 'worker':
        this.workers.observe(observation);
        if (observation.active !== undefined)
          this.runs.noteActive(observation.host, observation.active, observation.at);
        return;
      case 'depth':
        this.queues.noteDepth(observation.queue, observation.length, observation.at);
        return;
      case 'gap':
        this.#deaf(observation.from, observation.to);
        return;
      default:
        observation satisfies never;
    }
  }

  /** Takes note of who has gone silent, and with whom what ran there. */
  sweep(now: Millis): void {
    const gone = this.workers.sweep(now, this.lastEventAt ?? now);
    if (gone.size > 0) this.runs.forget(({ host }) => gone.has(host));
  }

  /** Absence can be judged: we have heard long enough without a break. */
  canJudgeAbsence(now: Millis): boolean {
    return this.lastEventAt !== undefined && now - this.listeningSince >= settleAfterGapMs;
  }

  isLearning(now: Millis, learningMs: Millis): boolean {
    return this.since === undefined || now - this.since < learningMs;
  }

  /** How long what is usual has been watched, at most a day. */
  observedMs(now: Millis): Millis {
    return Math.min(24 * 3_600_000, now - (this.since ?? now));
  }

  snapshot(): BaselineSnapshot | undefined {
    if (this.since === undefined) return undefined;
    return { since: this.since, causes: this.causes.snapshot(), tasks: this.tasks.snapshot() };
  }

  restore(memory: BaselineSnapshot): void {
    this.since = Math.min(this.since ?? memory.since, memory.since);
    this.causes.restore(memory.causes);
    this.tasks.restore(memory.tasks);
  }

  /** Something was heard; as an observation, but without making one. */
  noteEvent(at: Millis): void {
    this.since ??= at;
    if (this.lastEventAt === undefined) this.listeningSince = at;
    this.lastEventAt = Math.max(this.lastEventAt ?? at, at);
  }

  #deaf(from: Millis, to: Millis): void {
    this.listeningSince = Math.max(this.listeningSince, to);
    this.workers.noteGap(to);
    this.runs.forget(({ startedAt }) => startedAt <= to);
    this.queues.noteGap(to);
    this.schedules.noteGap(from, to);
  }

  #failed(failure: ObservedFailure, at: Millis): void {
    const isUsual = !this.openIncidentKeys.has(keyText({ kind: 'cause', fingerprint: failure.fingerprint }));
    if (!this.causes.add(failure, at, isUsual)) return;
    if (isCountedByPool(failure)) this.lost.add(failure, at);
    if (failure.task === undefined || this.#isExpected(failure.task, failure)) return;
    const isTaskUsual = !this.openIncidentKeys.has(keyText({ kind: 'task', task: failure.task })) && isUsual;
    this.tasks.of(failure.task).failedOnce(at, failure.exception, failure.host, isTaskUsual);
  }

  /** What somebody wanted, or said is no reason to tell: it is no sign of a task that fails. */
  #isExpected(task: string, { class: kind, exception }: ObservedFailure): boolean {
    return kind === 'cancelled' || (exception !== undefined && this.#options.isIgnored(task, exception));
  }

  #noted({ what, taskId, traceId, task, queue, host, times, at }: Extract<Observation, { kind: 'noted' }>): void {
    const known = this.repeatedDeliveries.get(taskId);
    if (known !== undefined) {
      known.lastAt = at;
      known.times = Math.max(known.times, times);
      return;
    }
    const hosts = host === undefined ? [] : [host];
    this.repeatedDeliveries.set(taskId, { what, taskId, traceId, task, queue, hosts, firstAt: at, lastAt: at, times });
    if (this.repeatedDeliveries.size > odditiesMax) forgetFirst(this.repeatedDeliveries);
  }

  #oddityGoesOn(taskId: TaskId, at: Millis, host: Hostname): void {
    const oddity = this.repeatedDeliveries.get(taskId);
    if (oddity === undefined || oddity.what !== 'poison-loop') return;
    oddity.lastAt = at;
    oddity.times += 1;
    if (!oddity.hosts.includes(host) && oddity.hosts.length < 20) oddity.hosts.push(host);
  }

  #queueOf(task: string | undefined): string | undefined {
    return task === undefined ? undefined : (this.#options.queueOf(task) ?? this.#queueByTask.get(task));
  }

  #learnQueue(task: string, queue: string): void {
    this.#queueByTask.set(task, queue);
    if (this.#queueByTask.size > 5_000) forgetFirst(this.#queueByTask);
  }
}
