/** Recent executions of each task, for schedules; and attempts of unnamed tasks, any of which may have been a scheduled run. */
import type { Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { Window } from './sliding-window.ts';

const tasksMax = 5_000;
/** More than the due times that are checked for one schedule. */
const runsMax = 50;
const gapsMax = 50;
/** As many as one evaluation needs, with room. */
const savedRunsMax = 10;

interface Interval {
  readonly from: Millis;
  readonly to: Millis;
}

export type SavedRuns =
  | { readonly task: string; readonly runs: readonly Millis[] }
  | { readonly unnamed: ReturnType<Window['save']>; readonly gaps: readonly Interval[] };

export class Schedules {
  /** Times at which a task was sent, received or started, the newest last. */
  readonly #runs = new BoundedMap<string, Millis[]>({ itemsMax: tasksMax });
  readonly #unnamed = new Window(24 * 3_600_000);
  #gaps: Interval[] = [];

  noteRun(task: string | undefined, at: Millis): void {
    if (task === undefined) {
      this.#unnamed.add(at);
      return;
    }
    const runs = this.#runs.getOrAdd(task, () => []);
    runs.push(at);
    if (runs.length > runsMax) runs.shift();
  }

  noteGap(from: Millis, to: Millis): void {
    this.#gaps = [...this.#gaps, { from, to }].slice(-gapsMax);
  }

  /** For `load`: the gaps and the unnamed attempts first, then the latest executions of each task. */
  *save(): Iterable<SavedRuns> {
    yield { unnamed: this.#unnamed.save(), gaps: this.#gaps };
    for (const [task, runs] of this.#runs) yield { task, runs: runs.slice(-savedRunsMax) };
  }

  load(saved: SavedRuns): void {
    if ('task' in saved) {
      this.#runs.set(saved.task, [...saved.runs]);
      return;
    }
    this.#unnamed.load(saved.unnamed);
    this.#gaps = [...saved.gaps];
  }

  hasRun(task: string, from: Millis, to: Millis): boolean {
    return this.#runs.get(task)?.some((at) => at >= from && at <= to) ?? false;
  }

  /** True if an attempt of an unnamed task started between the two times. */
  mayHaveRun(from: Millis, to: Millis): boolean {
    return this.#unnamed.between(from, to) > 0;
  }

  hadGap(from: Millis, to: Millis): boolean {
    return this.#gaps.some((gap) => gap.from <= to && gap.to >= from);
  }
}
