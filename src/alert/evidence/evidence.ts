/**
 * Evidence of one instance: recent counts, baselines, workers, and attempts that run or wait. Every part is bounded. Replicas
 * do not share evidence; they agree on the book of incidents.
 */
import type { Fingerprint, Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { type KeyText, keyText, type SignalKey } from '../key.ts';
import { type CauseBaseline, Causes, isCountedByPool } from './causes.ts';
import { Lost } from './lost-runs.ts';
import type { Observation, ObservedFailure } from './observation.ts';
import { OpenAttempts } from './open-runs.ts';
import { Queues } from './queues.ts';
import { Redeliveries } from './redeliveries.ts';
import { Retries } from './retries.ts';
import { Schedules } from './scheduled-runs.ts';
import { type TaskBaseline, Tasks } from './tasks.ts';
import { Workers } from './workers.ts';

/** Baselines, for another replica or the next start. */
export interface BaselineSnapshot {
  /** Time of the first event that any replica of the namespace received. */
  readonly since: Millis;
  readonly causes: readonly (readonly [Fingerprint, CauseBaseline])[];
  readonly tasks: readonly (readonly [string, TaskBaseline])[];
}

interface SavedTimes {
  readonly since: Millis | undefined;
  readonly lastEventAt: Millis | undefined;
  readonly listeningSince: Millis;
  readonly openKeys: readonly KeyText[];
  readonly queueByTask: readonly (readonly [task: string, queue: string])[];
}

/** After a gap absence proves nothing until each worker has had time to send a heartbeat. */
const settleAfterGapMs = 30_000;
const queuesOfTasksMax = 5_000;
const dayMs = 24 * 3_600_000;

export interface EvidenceOptions {
  /** Queue of a task, for fleets whose events do not contain it. */
  readonly queueOf: (task: string) => string | undefined;
  /** True if the policy ignores such an exception of a task. */
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
  readonly redeliveries = new Redeliveries();
  /** Keys with an open incident: their events do not count towards a baseline. */
  openIncidentKeys: ReadonlySet<KeyText> = new Set();
  /** Time of the first event, of any replica. */
  since: Millis | undefined;
  /** The silence of the fleet counts from here: the last event, or the end of an interval that is not recorded. */
  lastEventAt: Millis | undefined;
  /** Start of the time without a gap. */
  listeningSince: Millis = 0;
  readonly #options: EvidenceOptions;
  readonly #queueByTask = new BoundedMap<string, string>({ itemsMax: queuesOfTasksMax });

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  observe(observation: Observation): void {
    switch (observation.kind) {
      case 'event':
        this.noteEvent(observation.at);
        break;
      case 'attempt-started':
        this.#attemptStarted(observation);
        break;
      case 'attempt-ended':
        this.#attemptEnded(observation);
        break;
      case 'waiting':
        this.#waiting(observation);
        break;
      case 'taken':
        this.queues.drop(observation.taskId);
        break;
      case 'failed':
        this.#failed(observation.failure, observation.at);
        break;
      case 'noted':
        this.redeliveries.note(observation);
        break;
      case 'worker':
        this.#worker(observation);
        break;
      case 'depth':
        this.queues.noteDepth(observation.queue, observation.length, observation.at);
        break;
      case 'gap':
        this.#gap(observation);
        break;
      default:
        observation satisfies never;
    }
  }

  /** Records an event of any kind. Equivalent to an observation, without the cost of creating one. */
  noteEvent(at: Millis): void {
    this.since ??= at;
    if (this.lastEventAt === undefined) this.listeningSince = at;
    this.lastEventAt = Math.max(this.lastEventAt ?? at, at);
  }

  /** Records workers that fell silent, and removes their attempts. */
  sweep(now: Millis): void {
    const gone = this.workers.sweep(now, this.lastEventAt ?? now);
    if (gone.size > 0) this.runs.forget(({ host }) => gone.has(host));
  }

  /** Subtracts failures that a signal or a suppression about `key` reported. */
  markReported(key: SignalKey, failures: number): void {
    if (failures === 0) return;
    const counted = this.#countedBy(key);
    if (counted !== undefined) counted.unreported -= failures;
  }

  #countedBy(key: SignalKey): { unreported: number } | undefined {
    if (key.kind === 'cause') return this.causes.get(key.fingerprint);
    if (key.kind === 'pool' && key.condition === 'lost') return this.lost.get(key.pool);
    if (key.kind !== 'task' || key.condition !== 'redelivery') return undefined;
    return this.redeliveries.of('poison-loop', key.task === '' ? undefined : key.task);
  }

  /** Forgets which causes and retries were added to since the last evaluation. */
  clearTouched(): void {
    this.causes.clearTouched();
    this.retries.clearTouched();
  }

  /** Absence is evidence only after a while without a gap. */
  canJudgeAbsence(now: Millis): boolean {
    return this.lastEventAt !== undefined && now - this.listeningSince >= settleAfterGapMs;
  }

  isLearning(now: Millis, learningMs: Millis): boolean {
    return this.since === undefined || now - this.since < learningMs;
  }

  /** Time that the baseline covers, at most a day. */
  observedMs(now: Millis): Millis {
    return Math.min(dayMs, now - (this.since ?? now));
  }

  snapshot(): BaselineSnapshot | undefined {
    if (this.since === undefined) return undefined;
    return { since: this.since, causes: this.causes.snapshot(), tasks: this.tasks.snapshot() };
  }

  restore({ since, causes, tasks }: BaselineSnapshot): void {
    this.since = Math.min(this.since ?? since, since);
    this.causes.restore(causes);
    this.tasks.restore(tasks);
  }

  /** State beside the parts that save themselves. */
  save(): SavedTimes {
    const { since, lastEventAt, listeningSince } = this;
    const openKeys = [...this.openIncidentKeys];
    return { since, lastEventAt, listeningSince, openKeys, queueByTask: [...this.#queueByTask] };
  }

  load({ since, lastEventAt, listeningSince, openKeys, queueByTask }: SavedTimes): void {
    this.since = since;
    this.lastEventAt = lastEventAt;
    this.listeningSince = listeningSince;
    this.openIncidentKeys = new Set(openKeys);
    for (const [task, queue] of queueByTask) this.#queueByTask.set(task, queue);
  }

  /** Continues evidence of another process: silence before this process listened proves nothing. */
  resume({ listeningSince, lastEventAt }: Pick<SavedTimes, 'listeningSince' | 'lastEventAt'>): void {
    this.listeningSince = Math.max(this.listeningSince, listeningSince);
    this.workers.noteGap(listeningSince);
    if (this.lastEventAt !== undefined) this.noteEvent(Math.max(listeningSince, lastEventAt ?? listeningSince));
  }

  #attemptStarted(started: Extract<Observation, { kind: 'attempt-started' }>): void {
    const { attempt, task, host, at, taskId, traceId, retries } = started;
    const queue = started.queue ?? this.#queueOf(task);
    this.workers.noteActivity(host, at);
    this.runs.start({ attempt, task, queue, host, startedAt: at, example: { taskId, traceId } });
    this.queues.take(taskId, retries, at, queue);
    this.schedules.noteRun(task, at);
    this.redeliveries.noteStart(taskId, at, host);
  }

  #attemptEnded(ended: Extract<Observation, { kind: 'attempt-ended' }>): void {
    const { attempt, task, taskId, retries, host, at } = ended;
    const queue = ended.queue ?? this.#queueOf(task);
    // Silence ended the other attempts, so they prove no life.
    if (ended.outcome !== 'lost' && ended.outcome !== 'unknown') this.workers.noteActivity(host, at);
    const wasRunning = this.runs.end(attempt);
    if (!wasRunning) this.queues.take(taskId, retries, at, queue);
    this.schedules.noteRun(task, at);
    if (task !== undefined) this.tasks.of(task).addAttempt({ ...ended, queue }, !this.#isTaskInIncident(task));
    this.retries.add(ended);
  }

  #waiting({ taskId, retries, task, queue: known, eta, at }: Extract<Observation, { kind: 'waiting' }>): void {
    if (known !== undefined && task !== undefined) this.#queueByTask.set(task, known);
    if (retries === 0) this.schedules.noteRun(task, at);
    const queue = known ?? this.#queueOf(task);
    if (queue !== undefined) this.queues.wait({ taskId, retries, task, queue, since: Math.max(at, eta ?? at) });
  }

  #worker(event: Extract<Observation, { kind: 'worker' }>): void {
    this.workers.observe(event);
    if (event.active !== undefined) this.runs.noteActive(event.host, event.active, event.at);
  }

  #gap({ from, to, isUnrecorded = false }: Extract<Observation, { kind: 'gap' }>): void {
    if (isUnrecorded && this.lastEventAt !== undefined) this.lastEventAt = Math.max(this.lastEventAt, to);
    this.listeningSince = Math.max(this.listeningSince, to);
    this.workers.noteGap(to);
    // The next heartbeat counts the running attempts of its worker, and removes those that ended in the gap.
    this.runs.forget(({ startedAt, host }) => startedAt <= to && !this.workers.isKnown(host));
    this.queues.noteGap(to);
    this.schedules.noteGap(from, to);
  }

  #failed(failure: ObservedFailure, at: Millis): void {
    const { fingerprint, task } = failure;
    const isBaseline = !this.openIncidentKeys.has(keyText({ kind: 'cause', fingerprint }));
    if (!this.causes.add(failure, at, isBaseline)) return;
    if (isCountedByPool(failure)) this.lost.add(failure, at);
    if (task === undefined || this.#isExpected(task, failure)) return;
    this.tasks.of(task).addFailure(failure, at, isBaseline && !this.#isTaskInIncident(task));
  }

  /** Cancelled tasks and ignored exceptions do not count towards the failure rate of a task. */
  #isExpected(task: string, { class: kind, exception }: ObservedFailure): boolean {
    return kind === 'cancelled' || (exception !== undefined && this.#options.isIgnored(task, exception));
  }

  #isTaskInIncident(task: string): boolean {
    return this.openIncidentKeys.has(keyText({ kind: 'task', task }));
  }

  #queueOf(task: string | undefined): string | undefined {
    return task === undefined ? undefined : (this.#options.queueOf(task) ?? this.#queueByTask.get(task));
  }
}
