/** Evidence about each task: attempts, failures and retries lately and in the baseline, and run times. */
import type { Hostname, Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { loadFields, type SavedFields, saveFields } from '../../runtime/saved-fields.ts';
import { addName } from '../signal.ts';
import { BaselineRate, type HourlyCounts, mergedCounts } from './baseline-rate.ts';
import { type DurationCounts, DurationHistogram, richerTimes } from './duration-histogram.ts';
import type { Observation } from './observation.ts';
import { Window } from './sliding-window.ts';

type AttemptEnded = Extract<Observation, { kind: 'attempt-ended' }>;

/** Task names are code, so they are few. The limit guards against callers that generate names. */
const tasksMax = 5_000;
const spanMs = 30 * 60_000;
/** Results of a rare task that are kept one by one. */
const lastRunsMax = 5;

export class TaskEvidence {
  readonly name: string;
  readonly runs = new Window(spanMs);
  readonly failed = new Window(spanMs);
  /** Failures since the start of this process. */
  failedTotal = 0;
  readonly retried = new Window(spanMs);
  readonly baselineRuns: BaselineRate;
  readonly baselineFailures: BaselineRate;
  readonly baselineRetries: BaselineRate;
  readonly runTimes: DurationHistogram;
  queue: string | undefined;
  /** Results of the last attempts, the newest last. */
  readonly lastRuns: { readonly failed: boolean; readonly at: Millis }[] = [];
  readonly exceptions = new Set<string>();
  readonly hosts = new Set<Hostname>();

  constructor(name: string, baseline: TaskBaseline | undefined) {
    this.name = name;
    this.baselineRuns = new BaselineRate(baseline?.runs);
    this.baselineFailures = new BaselineRate(baseline?.failed);
    this.baselineRetries = new BaselineRate(baseline?.retried);
    this.runTimes = new DurationHistogram(baseline?.runTimes);
  }

  addAttempt({ outcome, runtimeMs, queue, at }: AttemptEnded, isBaseline: boolean): void {
    this.runs.add(at);
    if (isBaseline) this.baselineRuns.add(at);
    this.queue = queue ?? this.queue;
    if (outcome === 'retried') {
      this.retried.add(at);
      if (isBaseline) this.baselineRetries.add(at);
    }
    if (outcome !== 'succeeded') return;
    this.#addResult(false, at);
    if (runtimeMs !== undefined) this.runTimes.add(runtimeMs);
  }

  addFailure(
    { exception, host }: { readonly exception: string | undefined; readonly host: Hostname | undefined },
    at: Millis,
    isBaseline: boolean,
  ): void {
    this.failed.add(at);
    this.failedTotal += 1;
    if (isBaseline) this.baselineFailures.add(at);
    this.#addResult(true, at);
    addName(this.exceptions, exception);
    addName(this.hosts, host);
  }

  #addResult(failed: boolean, at: Millis): void {
    this.lastRuns.push({ failed, at });
    if (this.lastRuns.length > lastRunsMax) this.lastRuns.shift();
  }
}

export interface TaskBaseline {
  readonly runs: HourlyCounts;
  readonly failed: HourlyCounts;
  readonly retried: HourlyCounts;
  readonly runTimes: DurationCounts;
}

export class Tasks {
  readonly #tasks = new BoundedMap<string, TaskEvidence>({ itemsMax: tasksMax });
  /** Baselines of a snapshot whose tasks have not run here yet. */
  readonly #restored = new BoundedMap<string, TaskBaseline>({ itemsMax: tasksMax });

  of(name: string): TaskEvidence {
    return this.#tasks.getOrAdd(name, () => {
      const baseline = this.#restored.get(name);
      this.#restored.delete(name);
      return new TaskEvidence(name, baseline);
    });
  }

  find(name: string | undefined): TaskEvidence | undefined {
    return name === undefined ? undefined : this.#tasks.get(name);
  }

  all(): Iterable<TaskEvidence> {
    return this.#tasks.values();
  }

  /** Tasks with an attempt or a failure since `since`, for `load`. Baselines are saved by `snapshot`. */
  *save(since: Millis): Iterable<SavedFields> {
    for (const task of this.#tasks.values()) {
      if (Math.max(task.runs.lastAt() ?? 0, task.failed.lastAt() ?? 0) >= since) yield saveFields(task);
    }
  }

  load(saved: SavedFields): void {
    loadFields(this.of(String(saved['name'])), saved);
  }

  snapshot(): [string, TaskBaseline][] {
    const own = [...this.#tasks.values()].map((task): [string, TaskBaseline] => [
      task.name,
      {
        runs: task.baselineRuns.counts(),
        failed: task.baselineFailures.counts(),
        retried: task.baselineRetries.counts(),
        runTimes: task.runTimes.counts(),
      },
    ]);
    return [...this.#restored, ...own].slice(-tasksMax);
  }

  restore(snapshot: readonly (readonly [string, TaskBaseline])[]): void {
    for (const [name, baseline] of snapshot.slice(-tasksMax)) {
      const task = this.#tasks.get(name);
      if (task === undefined) {
        this.#restored.set(name, mergedBaseline(this.#restored.get(name), baseline));
        continue;
      }
      task.baselineRuns.merge(baseline.runs);
      task.baselineFailures.merge(baseline.failed);
      task.baselineRetries.merge(baseline.retried);
      task.runTimes.learn(baseline.runTimes);
    }
  }
}

function mergedBaseline(known: TaskBaseline | undefined, more: TaskBaseline): TaskBaseline {
  if (known === undefined) return more;
  return {
    runs: mergedCounts(known.runs, more.runs),
    failed: mergedCounts(known.failed, more.failed),
    retried: mergedCounts(known.retried, more.retried),
    runTimes: richerTimes(known.runTimes, more.runTimes),
  };
}
