/**
 * Which attempts run now. Where events are lost an end is missed now and then, and the attempt would seem to run for ever:
 * what the worker says it is at, `active`, tells how many of the oldest are not there.
 */
import type { Hostname, Millis } from '../event/ids.ts';

export interface Run {
  readonly attempt: string;
  readonly task: string | undefined;
  readonly queue: string | undefined;
  readonly host: Hostname;
  readonly startedAt: Millis;
  readonly example: { readonly taskId: string; readonly traceId: string };
}

/** As many as a fleet executes at once, many times over. */
const runsMax = 50_000;

export class Runs {
  readonly #runs = new Map<string, Run>();
  readonly #byHost = new Map<Hostname, Set<Run>>();

  started(run: Run): void {
    if (this.#runs.has(run.attempt)) return;
    this.#runs.set(run.attempt, run);
    let here = this.#byHost.get(run.host);
    if (here === undefined) this.#byHost.set(run.host, (here = new Set()));
    here.add(run);
    if (this.#runs.size > runsMax) {
      const oldest = this.#runs.values().next();
      if (!oldest.done) this.ended(oldest.value.attempt);
    }
  }

  ended(attempt: string): void {
    const run = this.#runs.get(attempt);
    if (run === undefined) return;
    this.#runs.delete(attempt);
    const here = this.#byHost.get(run.host);
    here?.delete(run);
    if (here?.size === 0) this.#byHost.delete(run.host);
  }

  /** Its worker is gone, or nobody was heard meanwhile: whether it still runs nobody can say. */
  forget(isForgotten: (run: Run) => boolean): void {
    for (const run of [...this.#runs.values()]) if (isForgotten(run)) this.ended(run.attempt);
  }

  /** What runs longer than `limitOf` its task, and is among what its worker says it is at. */
  longRunning(now: Millis, limitOf: (task: string) => Millis | undefined, activeOn: (host: Hostname) => number | undefined): Run[] {
    const long: Run[] = [];
    for (const [host, runs] of this.#byHost) {
      const active = activeOn(host);
      // The worker is right about how many; the youngest are the surest.
      const ghosts = active === undefined ? 0 : Math.max(0, runs.size - active);
      const oldestFirst = [...runs].sort((a, b) => a.startedAt - b.startedAt);
      for (const run of oldestFirst.slice(ghosts)) {
        const limit = run.task === undefined ? undefined : limitOf(run.task);
        if (limit !== undefined && now - run.startedAt > limit) long.push(run);
      }
    }
    return long;
  }
}

