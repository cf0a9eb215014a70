/** Evidence about each cause of failures: recent counts, baseline, places, and the latest failure. */
import type { Fingerprint, Hostname, Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { loadFields, type SavedFields, saveFields } from '../../runtime/saved-fields.ts';
import { addName, type Subject, type Trend } from '../signal.ts';
import { BaselineRate, type HourlyCounts, mergedCounts } from './baseline-rate.ts';
import type { ObservedFailure } from './observation.ts';
import { trendOf, Window } from './sliding-window.ts';
import { poolsOf } from './worker-pool.ts';

/** A fleet has hundreds of causes; thousands mean that fingerprints do not group. The longest inactive one is evicted. */
const causesMax = 5_000;
/** Failures known by id, so that a failure that several replicas receive counts once. */
const idsMax = 20_000;
/** More failures than arrive between the last save of a process and its end, with room for redelivered events. */
const savedIdsMax = 2_000;
const causesPerTaskMax = 20;
const spanMs = 30 * 60_000;

export class CauseEvidence {
  readonly fingerprint: Fingerprint;
  readonly window = new Window(spanMs);
  readonly baseline: BaselineRate;
  firstAt: Millis;
  lastAt: Millis;
  last: ObservedFailure;
  /** Count since the start of this process. */
  total = 0;
  /** Failures that no signal and no suppression has reported yet. Failures counted by pool are reported there. */
  unreported = 0;
  readonly tasks = new Set<string>();
  readonly exceptions = new Set<string>();
  readonly hosts = new Set<Hostname>();
  readonly queues = new Set<string>();

  constructor(failure: ObservedFailure, at: Millis, baseline: CauseBaseline | undefined) {
    this.fingerprint = failure.fingerprint;
    this.baseline = new BaselineRate(baseline?.hours);
    this.firstAt = baseline?.firstAt ?? at;
    this.lastAt = at;
    this.last = failure;
  }

  add(failure: ObservedFailure, at: Millis, isBaseline: boolean): void {
    this.window.add(at);
    if (isBaseline) this.baseline.add(at);
    this.firstAt = Math.min(this.firstAt, at);
    this.lastAt = Math.max(this.lastAt, at);
    this.last = failure;
    this.total += 1;
    if (!isCountedByPool(failure)) this.unreported += 1;
    addName(this.tasks, failure.task);
    addName(this.exceptions, failure.exception);
    addName(this.hosts, failure.host);
    addName(this.queues, failure.queue);
  }

  trend(now: Millis, observedSince: Millis): Trend {
    return trendOf(this.window, now, observedSince);
  }

  subject(): Subject {
    const { last } = this;
    return {
      tasks: [...this.tasks],
      exceptions: [...this.exceptions],
      hosts: [...this.hosts],
      pools: poolsOf(this.hosts),
      queues: [...this.queues],
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
  readonly #causes = new BoundedMap<Fingerprint, CauseEvidence>({ itemsMax: causesMax });
  /** Baselines of a snapshot whose causes have not failed here yet. */
  readonly #restored = new BoundedMap<Fingerprint, CauseBaseline>({ itemsMax: causesMax });
  readonly #ids = new BoundedMap<string, true>({ itemsMax: idsMax });
  readonly #touched = new Set<CauseEvidence>();
  readonly #byTask = new BoundedMap<string, BoundedMap<Fingerprint, true>>({ itemsMax: causesMax });

  /** Returns false for a failure that was added before. `isBaseline` is false while an incident about the cause is open. */
  add(failure: ObservedFailure, at: Millis, isBaseline: boolean): boolean {
    const { id, fingerprint, task } = failure;
    if (this.#ids.has(id)) return false;
    this.#ids.set(id, true);
    const cause = this.#causes.touch(fingerprint) ?? this.#begin(failure, at);
    cause.add(failure, at, isBaseline);
    if (task !== undefined) this.#addToTask(task, fingerprint);
    this.#touched.add(cause);
    return true;
  }

  get(fingerprint: string): CauseEvidence | undefined {
    return this.#causes.get(fingerprint as Fingerprint);
  }

  /** Recent causes of a task's failures. */
  of(task: string): CauseEvidence[] {
    return [...(this.#byTask.get(task)?.keys() ?? [])].flatMap((fingerprint) => this.#causes.get(fingerprint) ?? []);
  }

  /** Causes that failed since `clearTouched`. */
  touched(): Iterable<CauseEvidence> {
    return this.#touched;
  }

  clearTouched(): void {
    this.#touched.clear();
  }

  /** Baselines to hand on; the newest are kept if there are too many. */
  snapshot(): [Fingerprint, CauseBaseline][] {
    const own = [...this.#causes.values()].map((cause): [Fingerprint, CauseBaseline] => [
      cause.fingerprint,
      { firstAt: cause.firstAt, hours: cause.baseline.counts() },
    ]);
    return [...this.#restored, ...own].slice(-causesMax);
  }

  restore(snapshot: readonly (readonly [Fingerprint, CauseBaseline])[]): void {
    for (const [fingerprint, baseline] of snapshot.slice(-causesMax)) {
      const cause = this.#causes.get(fingerprint);
      if (cause === undefined) {
        this.#restored.set(fingerprint, mergedBaseline(this.#restored.get(fingerprint), baseline));
        continue;
      }
      cause.firstAt = Math.min(cause.firstAt, baseline.firstAt);
      cause.baseline.merge(baseline.hours);
    }
  }

  /** Causes that failed since `since`, the newest first, for `load` in another process. */
  *save(since: Millis): Iterable<SavedFields> {
    for (const cause of [...this.#causes.values()].reverse()) if (cause.lastAt >= since) yield saveFields(cause);
  }

  /** Adds a cause of another process, for the oldest first. Its failures without a report are evaluated again. */
  load(saved: SavedFields): void {
    const { last, lastAt } = saved as unknown as CauseEvidence;
    const cause = loadFields(new CauseEvidence(last, lastAt, this.#restored.get(last.fingerprint)), saved);
    this.#restored.delete(cause.fingerprint);
    this.#causes.set(cause.fingerprint, cause);
    for (const task of cause.tasks) this.#addToTask(task, cause.fingerprint);
    if (cause.unreported > 0) this.#touched.add(cause);
  }

  /** Ids of the latest failures, the newest first. */
  saveIds(): string[] {
    return [...this.#ids.keys()].slice(-savedIdsMax).reverse();
  }

  /** Failures with these ids count as added. */
  loadIds(ids: readonly string[]): void {
    for (const id of ids.toReversed()) this.#ids.set(id, true);
  }

  #begin(failure: ObservedFailure, at: Millis): CauseEvidence {
    const cause = new CauseEvidence(failure, at, this.#restored.get(failure.fingerprint));
    this.#restored.delete(failure.fingerprint);
    this.#causes.set(failure.fingerprint, cause);
    return cause;
  }

  #addToTask(task: string, fingerprint: Fingerprint): void {
    const causes = this.#byTask.getOrAdd(task, () => new BoundedMap({ itemsMax: causesPerTaskMax }));
    if (causes.touch(fingerprint) === undefined) causes.set(fingerprint, true);
  }
}

function mergedBaseline(known: CauseBaseline | undefined, more: CauseBaseline): CauseBaseline {
  if (known === undefined) return more;
  return { firstAt: Math.min(known.firstAt, more.firstAt), hours: mergedCounts(known.hours, more.hours) };
}

/** The death of a worker hits a task by chance, so deaths are counted by pool. */
export function isCountedByPool({ cause }: Pick<ObservedFailure, 'cause'>): boolean {
  return cause === 'worker-lost';
}
