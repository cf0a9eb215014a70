/** What is known of each task's runs: how many lately and usually, how many failed or were retried, and how long they take. */

import type { Hostname, Millis, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { type KeyText, keyText } from '../key.ts';
import { BaselineRate, type HourlyCounts, mergedCounts } from './baseline-rate.ts';
import { forgetFirst, remember } from './causes.ts';
import { type DurationCounts, DurationHistogram, richerTimes } from './duration-histogram.ts';
import type { Observation } from './observation.ts';
import { Window } from './sliding-window.ts';

type AttemptEnded = Extract<Observation, { kind: 'attempt-ended' }>;

/** Names are code, so they are few; a caller that invents them must not grow the memory. */
const tasksMax = 5_000;
const retriesMax = 2_000;
const spanMs = 30 * 60_000;
/** Runs of a rare task that are remembered one by one. */
const lastRunsMax = 5;

export class TaskEvidence {
  readonly name: string;
  readonly runs = new Window(spanMs);
  readonly failed = new Window(spanMs);
  readonly retried = new Window(spanMs);
  readonly baselineRuns: BaselineRate;
  readonly baselineFailures: BaselineRate;
  readonly baselineRetries: BaselineRate;
  readonly runTimes: DurationHistogram;
  succeededAt: Millis | undefined;
  queue: string | undefined;
  /** Whether each of the last runs failed, the latest last. */
  readonly lastRuns: { readonly failed: boolean; readonly at: Millis }[] = [];
  readonly exceptions = new Set<string>();
  readonly hosts = new Set<Hostname>();

  constructor(name: string, remembered: TaskBaseline | undefined) {
    this.name = name;
    this.baselineRuns = new BaselineRate(remembered?.runs);
    this.baselineFailures = new BaselineRate(remembered?.failed);
    this.baselineRetries = new BaselineRate(remembered?.retried);
    this.runTimes = new DurationHistogram(remembered?.runTimes);
  }

  ended({ outcome, runtimeMs, queue, at }: AttemptEnded, isUsual: boolean): void {
    this.runs.add(at);
    if (isUsual) this.baselineRuns.add(at);
    this.queue = queue ?? this.queue;
    if (outcome === 'retried') {
      this.retried.add(at);
      if (isUsual) this.baselineRetries.add(at);
    }
    if (outcome !== 'succeeded') return;
    this.succeededAt = at;
    this.#remember(false, at);
    if (runtimeMs !== undefined) this.runTimes.add(runtimeMs);
  }

  failedOnce(at: Millis, exception: string | undefined, host: Hostname | undefined, isUsual: boolean): void {
    this.failed.add(at);
    if (isUsual) this.baselineFailures.add(at);
    this.#remember(true, at);
    remember(this.exceptions, exception);
    remember(this.hosts, host);
  }

  #remember(failed: boolean, at: Millis): void {
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
  readonly #tasks = new Map<string, TaskEvidence>();
  readonly #remembered = new Map<string, TaskBaseline>();

  of(name: string): TaskEvidence {
    const known = this.#tasks.get(name);
    if (known !== undefined) return known;
    const task = new TaskEvidence(name, this.#remembered.get(name));
    this.#remembered.delete(name);
    this.#tasks.set(name, task);
    if (this.#tasks.size > tasksMax) forgetFirst(this.#tasks);
    return task;
  }

  find(name: string | undefined): TaskEvidence | undefined {
    return name === undefined ? undefined : this.#tasks.get(name);
  }

  all(): Iterable<TaskEvidence> {
    return this.#tasks.values();
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
    return [...this.#remembered, ...own].slice(-tasksMax);
  }

  restore(memory: readonly (readonly [string, TaskBaseline])[]): void {
    for (const [name, remembered] of memory.slice(-tasksMax)) {
      const task = this.#tasks.get(name);
      if (task === undefined) {
        this.#remembered.set(name, mergedTask(this.#remembered.get(name), remembered));
        continue;
      }
      task.baselineRuns.merge(remembered.runs);
      task.baselineFailures.merge(remembered.failed);
      task.baselineRetries.merge(remembered.retried);
      task.runTimes.learn(remembered.runTimes);
    }
  }
}

function mergedTask(known: TaskBaseline | undefined, more: TaskBaseline): TaskBaseline {
  if (known === undefined) return more;
  return {
    runs: mergedCounts(known.runs, more.runs),
    failed: mergedCounts(known.failed, more.failed),
    retried: mergedCounts(known.retried, more.retried),
    runTimes: richerTimes(known.runTimes, more.runTimes),
  };
}

/** Retries of one task for one reason. */
export class RetryEvidence {
  readonly task: string;
  readonly exception: string;
  readonly window = new Window(spanMs);
  readonly hosts = new Set<Hostname>();
  title: Redacted;
  total = 0;
  example: { taskId: TaskId; traceId: string };

  constructor(task: string, exception: string, title: Redacted, example: { taskId: TaskId; traceId: string }) {
    this.task = task;
    this.exception = exception;
    this.title = title;
    this.example = example;
  }

  get key(): KeyText {
    return keyText({ kind: 'retry', task: this.task, exception: this.exception });
  }
}

export class Retries {
  readonly #retries = new Map<KeyText, RetryEvidence>();
  readonly #touched = new Set<RetryEvidence>();

  add({ task, retry, host, at, taskId }: AttemptEnded): void {
    if (task === undefined || retry === undefined) return;
    const example = { taskId, traceId: retry.traceId };
    const made = new RetryEvidence(task, retry.exception, retry.title, example);
    const evidence = this.#retries.get(made.key) ?? made;
    this.#retries.set(evidence.key, evidence);
    if (this.#retries.size > retriesMax) forgetFirst(this.#retries);
    evidence.window.add(at);
    evidence.total += 1;
    evidence.title = retry.title;
    evidence.example = example;
    remember(evidence.hosts, host);
    this.#touched.add(evidence);
  }

  get(key: KeyText): RetryEvidence | undefined {
    return this.#retries.get(key);
  }

  takeTouched(): RetryEvidence[] {
    const touched = [...this.#touched];
    this.#touched.clear();
    return touched;
  }
}
