/**
 * Results that arrived before any event of their task: an idle worker buffers events for a second or two, while the result of
 * a short task is stored at once. A result without a name and without events identifies nothing, so it expires soon.
 */
import type { Millis, TaskId } from '../../event/ids.ts';
import type { TaskResult } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';

/** Longer than any worker buffers its events. */
const keepMs = 15_000;
/** A second of a very busy fleet; the oldest result is evicted first. */
const resultsMax = 10_000;

export class EarlyResults {
  readonly #results = new BoundedMap<TaskId, TaskResult<Redacted>>({ itemsMax: resultsMax });

  /** Replaces an earlier result of the same task. */
  put(result: TaskResult<Redacted>): void {
    this.#results.delete(result.id);
    this.#results.set(result.id, result);
  }

  /** Removes and returns the result of a task. */
  take(id: TaskId): TaskResult<Redacted> | undefined {
    if (this.#results.size === 0) return undefined;
    const result = this.#results.get(id);
    this.#results.delete(id);
    return result;
  }

  /** Removes results that waited for longer than a worker buffers events. */
  expire(now: Millis): void {
    for (const [id, { receivedAt }] of this.#results) {
      if (receivedAt + keepMs > now) return;
      this.#results.delete(id);
    }
  }
}
