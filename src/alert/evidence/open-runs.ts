/**
 * Attempts that run now. If the end event of an attempt is lost, the attempt would seem to run for ever. The count `active`
 * in a worker's heartbeat bounds the number of its attempts; the oldest ones beyond it are removed.
 */
import type { Hostname, Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';

export interface OpenAttempt {
  /** Unique among all attempts. */
  readonly attempt: string;
  readonly task: string | undefined;
  readonly queue: string | undefined;
  readonly host: Hostname;
  readonly startedAt: Millis;
  readonly example: { readonly taskId: string; readonly traceId: string };
}

/** As many as a large fleet executes at once; the oldest is evicted. */
const runsMax = 10_000;
/** Events of an attempt may still arrive this long after its start. */
const settledMs = 60_000;

export class OpenAttempts {
  readonly #runs = new BoundedMap<string, OpenAttempt>({
    itemsMax: runsMax,
    onEvict: (_, run) => this.#removeFromHost(run),
  });
  readonly #byHost = new Map<Hostname, Set<OpenAttempt>>();

  start(run: OpenAttempt): void {
    if (this.#runs.has(run.attempt)) return;
    const onHost = this.#byHost.get(run.host) ?? new Set();
    this.#byHost.set(run.host, onHost.add(run));
    this.#runs.set(run.attempt, run);
  }

  /** Returns false if the start of the attempt was never received. */
  end(attempt: string): boolean {
    const run = this.#runs.get(attempt);
    if (run === undefined) return false;
    this.#runs.delete(attempt);
    this.#removeFromHost(run);
    return true;
  }

  /** Removes attempts whose end cannot be observed any more: their worker is gone, or events were lost in a gap. */
  forget(isForgotten: (run: OpenAttempt) => boolean): void {
    for (const run of [...this.#runs.values()]) if (isForgotten(run)) this.end(run.attempt);
  }

  /** Attempts that run longer than the limit of their task; a task without a limit has no long attempts. */
  longRunning(now: Millis, limitOf: (task: string) => Millis | undefined): OpenAttempt[] {
    return [...this.#runs.values()].filter(({ task, startedAt }) => {
      const limit = task === undefined ? undefined : limitOf(task);
      return limit !== undefined && now - startedAt > limit;
    });
  }

  /**
   * Applies the number of attempts that a worker reports as running. Of the attempts that started a while ago, the oldest
   * beyond that number have ended without an end event. Which ones is a guess; their number is exact.
   */
  noteActive(host: Hostname, active: number, at: Millis): void {
    const onHost = this.#byHost.get(host);
    if (onHost === undefined || onHost.size <= active) return;
    const settled = [...onHost].filter(({ startedAt }) => at - startedAt >= settledMs);
    for (const run of settled.slice(0, Math.max(0, settled.length - active))) this.end(run.attempt);
  }

  /** For `start` in another process: attempts that started before `until`, the newest first. */
  *save(until: Millis): Iterable<OpenAttempt> {
    for (const run of [...this.#runs.values()].reverse()) if (run.startedAt <= until) yield run;
  }

  #removeFromHost(run: OpenAttempt): void {
    const onHost = this.#byHost.get(run.host);
    onHost?.delete(run);
    if (onHost?.size === 0) this.#byHost.delete(run.host);
  }
}
