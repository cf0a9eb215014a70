/**
 * Which attempts run now. Where events are lost an end is missed now and then, and the attempt would seem to run for ever:
 * what the worker says it is at, `active`, tells how many of the oldest are not there.
 */
import type { Hostname, Millis } from '../../event/ids.ts';

export interface OpenAttempt {
  readonly attempt: string;
  readonly task: string | undefined;
  readonly queue: string | undefined;
  readonly host: Hostname;
  readonly startedAt: Millis;
  readonly example: { readonly taskId: string; readonly traceId: string };
}

/** As many as a large fleet executes at once; the oldest leaves first. */
const runsMax = 10_000;
const settledMs = 60_000;

export class OpenAttempts {
  readonly #runs = new Map<string, OpenAttempt>();
  readonly #byHost = new Map<Hostname, Set<OpenAttempt>>();

  start(run: OpenAttempt): void {
    if (this.#runs.has(run.attempt)) return;
    this.#runs.set(run.attempt, run);
    const here = this.#byHost.get(run.host) ?? new Set();
    this.#byHost.set(run.host, here);
    here.add(run);
    if (this.#runs.size > runsMax) {
      const oldest = this.#runs.values().next();
      if (!oldest.done) this.end(oldest.value.attempt);
    }
  }

  /** Whether it was known to run. */
  end(attempt: string): boolean {
    const run = this.#runs.get(attempt);
    if (run === undefined) return false;
    this.#runs.delete(attempt);
    const here = this.#byHost.get(run.host);
    here?.delete(run);
    if (here?.size === 0) this.#byHost.delete(run.host);
    return true;
  }

  /** Its worker is gone, or nobody was heard meanwhile: whether it still runs nobody can say. */
  forget(isForgotten: (run: OpenAttempt) => boolean): void {
    for (const run of [...this.#runs.values()]) if (isForgotten(run)) this.end(run.attempt);
  }

  /** What runs longer than `limitOf` its task. */
  longRunning(now: Millis, limitOf: (task: string) => Millis | undefined): OpenAttempt[] {
    return [...this.#runs.values()].filter(({ task, startedAt }) => {
      const limit = task === undefined ? undefined : limitOf(task);
      return limit !== undefined && now - startedAt > limit;
    });
  }

  /**
   * The worker said how many runs it is at. Of those that began a while ago, whose events have long settled, it cannot be at
   * more: the end of the others was missed. Which ones nobody can tell; their number is right.
   */
  noteActive(host: Hostname, active: number, at: Millis): void {
    const here = this.#byHost.get(host);
    if (here === undefined || here.size <= active) return;
    const settled = [...here].filter(({ startedAt }) => at - startedAt >= settledMs);
    for (const run of settled.slice(0, Math.max(0, settled.length - active))) this.end(run.attempt);
  }
}
