/**
 * Results that came before any event of their task: a worker with little to do holds its events back for a second or two,
 * while a short task's result is stored at once. Kept for a moment, then let go, because a result without a name and without
 * events says too little to tell anybody.
 */
import type { Millis, TaskId } from '../../event/ids.ts';
import type { TaskResult } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';

/** Longer than any worker holds back its events. */
const keepMs = 15_000;
/** A second of a very busy fleet. */
const resultsMax = 10_000;

export class EarlyResults {
  readonly #results = new Map<TaskId, TaskResult<Redacted>>();

  put(result: TaskResult<Redacted>): void {
    this.#results.delete(result.id);
    this.#results.set(result.id, result);
    if (this.#results.size <= resultsMax) return;
    const oldest = this.#results.keys().next();
    if (!oldest.done) this.#results.delete(oldest.value);
  }

  take(id: TaskId): TaskResult<Redacted> | undefined {
    if (this.#results.size === 0) return undefined;
    const result = this.#results.get(id);
    this.#results.delete(id);
    return result;
  }

  forget(now: Millis): void {
    for (const [id, { receivedAt }] of this.#results) {
      if (receivedAt + keepMs > now) return;
      this.#results.delete(id);
    }
  }
}
