/** When the tasks of schedules last ran, and runs whose task no event named: one of those may have been it. */
import type { Millis } from '../../event/ids.ts';
import { forgetFirst } from './causes.ts';
import { Window } from './sliding-window.ts';

const tasksMax = 5_000;
const runsMax = 50;

export class Schedules {
  /** By task: when it was seen to be sent, received or run, the latest last. */
  readonly #runs = new Map<string, Millis[]>();
  readonly #nameless = new Window(24 * 3_600_000);
  #gaps: { readonly from: Millis; readonly to: Millis }[] = [];

  noteRun(task: string | undefined, at: Millis): void {
    if (task === undefined) {
      this.#nameless.add(at);
      return;
    }
    const runs = this.#runs.get(task) ?? [];
    this.#runs.set(task, runs);
    if (this.#runs.size > tasksMax) forgetFirst(this.#runs);
    runs.push(at);
    if (runs.length > runsMax) runs.shift();
  }

  noteGap(from: Millis, to: Millis): void {
    this.#gaps = [...this.#gaps, { from, to }].slice(-runsMax);
  }

  /** It was seen at a time in between. */
  hasRun(task: string, from: Millis, to: Millis): boolean {
    return this.#runs.get(task)?.some((at) => at >= from && at <= to) ?? false;
  }

  /** Some run that nobody named began in between. */
  mayHaveRun(from: Millis, to: Millis): boolean {
    return this.#nameless.between(from, to) > 0;
  }

  hadGap(from: Millis, to: Millis): boolean {
    return this.#gaps.some((gap) => gap.from <= to && gap.to >= from);
  }
}
