/** What is known of each cause of failures: how often lately, how often usually, where, and how it shows. */
import type { Fingerprint, Hostname, Millis } from '../../event/ids.ts';
import { namesMax, type Subject, type Trend } from '../signal.ts';
import { BaselineRate, type HourlyCounts, mergedCounts } from './baseline-rate.ts';
import type { ObservedFailure } from './observation.ts';
import { Window } from './sliding-window.ts';
import { poolOf } from './worker-pool.ts';

/** A fleet has hundreds of causes; thousands mean fingerprints that do not group. The longest silent leaves first. */
const causesMax = 5_000;
/** Failures known by id, so that one that several hear or that is told twice counts once. */
const idsMax = 20_000;
const causesPerTaskMax = 20;
const spanMs = 30 * 60_000;
const trendMs = 5 * 60_000;

export class CauseEvidence {
  readonly fingerprint: Fingerprint;
  readonly window = new Window(spanMs);
  readonly baseline: BaselineRate;
  firstAt: Millis;
  lastAt: Millis;
  last: ObservedFailure;
  /** Counted here since the start of this process. */
  total = 0;
  exhausted = 0;
  /** Not yet spoken of by a signal or by what was held back; those that are counted by pool are spoken of there. */
  unreported = 0;
  readonly #tasks = new Set<string>();
  readonly #exceptions = new Set<string>();
  readonly #hosts = new Set<Hostname>();
  readonly #queues = new Set<string>();

  constructor(failure: ObservedFailure, at: Millis, remembered: CauseBaseline | undefined) {
    this.fingerprint = failure.fingerprint;
    this.baseline = new BaselineRate(remembered?.hours);
    this.firstAt = remembered?.firstAt ?? at;
    this.lastAt = at;
    this.last = failure;
  }

  add(failure: ObservedFailure, at: Millis, isUsual: boolean): void {
    this.window.add(at);
    if (isUsual) this.baseline.add(at);
    this.firstAt = Math.min(this.firstAt, at);
    this.lastAt = Math.max(this.lastAt, at);
    this.last = failure;
    this.total += 1;
    if (!isCountedByPool(failure)) this.unreported += 1;
    if (failure.isExhausted) this.exhausted += 1;
    remember(this.#tasks, failure.task);
    remember(this.#exceptions, failure.exception);
    remember(this.#hosts, failure.host);
    remember(this.#queues, failure.queue);
  }

  trend(now: Millis): Trend {
    return trendOf(this.window, now);
  }

  subject(): Subject {
    const { last } = this;
    return {
      tasks: [...this.#tasks],
      exceptions: [...this.#exceptions],
      hosts: [...this.#hosts],
      pools: poolsOf(this.#hosts),
      queues: [...this.#queues],
      title: last.title,
      fingerprint: this.fingerprint,
      class: last.class,
      cause: last.cause,
      example: { taskId: last.taskId, traceId: last.traceId },
    };
  }
}

export interface CauseBaseline {
  readonly firstAt: Millis;
  readonly hours: HourlyCounts;
}

export class Causes {
  readonly #causes = new Map<Fingerprint, CauseEvidence>();
  readonly #remembered = new Map<Fingerprint, CauseBaseline>();
  readonly #ids = new Set<string>();
  readonly #touched = new Set<CauseEvidence>();
  readonly #byTask = new Map<string, Set<Fingerprint>>();

  /** False when this failure is known. `isUsual` false keeps it out of what is usual: it belongs to an incident. */
  add(failure: ObservedFailure, at: Millis, isUsual: boolean): boolean {
    if (this.#ids.has(failure.id)) return false;
    this.#ids.add(failure.id);
    if (this.#ids.size > idsMax) forgetFirst(this.#ids);
    const known = this.#causes.get(failure.fingerprint);
    const cause = known ?? new CauseEvidence(failure, at, this.#remembered.get(failure.fingerprint));
    this.#remembered.delete(failure.fingerprint);
    this.#causes.delete(failure.fingerprint);
    this.#causes.set(failure.fingerprint, cause);
    if (this.#causes.size > causesMax) forgetFirst(this.#causes);
    cause.add(failure, at, isUsual);
    if (failure.task !== undefined) this.#belongsTo(failure.task, failure.fingerprint);
    this.#touched.add(cause);
    return true;
  }

  get(fingerprint: string): CauseEvidence | undefined {
    return this.#causes.get(fingerprint as Fingerprint);
  }

  /** What this task failed for lately. */
  of(task: string): CauseEvidence[] {
    return [...(this.#byTask.get(task) ?? [])].flatMap((fingerprint) => this.#causes.get(fingerprint) ?? []);
  }

  /** The causes that failed since the last call. */
  takeTouched(): CauseEvidence[] {
    const touched = [...this.#touched];
    this.#touched.clear();
    return touched;
  }

  /** The last causes of each task. */
  #belongsTo(task: string, fingerprint: Fingerprint): void {
    const causes = this.#byTask.get(task) ?? new Set();
    this.#byTask.set(task, causes);
    if (this.#byTask.size > causesMax) forgetFirst(this.#byTask);
    causes.delete(fingerprint);
    causes.add(fingerprint);
    if (causes.size > causesPerTaskMax) forgetFirst(causes);
  }

  snapshot(): [Fingerprint, CauseBaseline][] {
    const own = [...this.#causes.values()].map((cause): [Fingerprint, CauseBaseline] => [
      cause.fingerprint,
      { firstAt: cause.firstAt, hours: cause.baseline.counts() },
    ]);
    return [...this.#remembered, ...own].slice(-causesMax);
  }

  restore(memory: readonly (readonly [Fingerprint, CauseBaseline])[]): void {
    for (const [fingerprint, remembered] of memory.slice(-causesMax)) {
      const cause = this.#causes.get(fingerprint);
      if (cause === undefined)
        this.#remembered.set(fingerprint, mergedCause(this.#remembered.get(fingerprint), remembered));
      else {
        cause.firstAt = Math.min(cause.firstAt, remembered.firstAt);
        cause.baseline.merge(remembered.hours);
      }
    }
  }
}

function mergedCause(known: CauseBaseline | undefined, more: CauseBaseline): CauseBaseline {
  if (known === undefined) return more;
  return { firstAt: Math.min(known.firstAt, more.firstAt), hours: mergedCounts(known.hours, more.hours) };
}

/** Which task a death hits is chance, so deaths are counted by pool, where the pool is known. */
export function isCountedByPool({ cause, host }: Pick<ObservedFailure, 'cause' | 'host'>): boolean {
  return cause === 'worker-lost' && host !== undefined;
}

/** A third more or less than in the five minutes before is a direction. */
export function trendOf(window: Window, now: Millis): Trend {
  const last = window.between(now - trendMs, now);
  const before = window.between(now - 2 * trendMs, now - trendMs);
  if (last > 1.34 * before + 1) return 'rising';
  return before > 1.34 * last + 1 ? 'falling' : 'steady';
}

export function poolsOf(hosts: Iterable<string>): string[] {
  return [...new Set([...hosts].map((host) => poolOf(host).pool))];
}

export function remember<Name extends string>(names: Set<Name>, name: Name | undefined): void {
  if (name !== undefined && names.size < namesMax) names.add(name);
}

export function forgetFirst(names: Set<unknown> | Map<unknown, unknown>): void {
  const first = names.keys().next();
  if (!first.done) names.delete(first.value);
}
