/** Tasks that started recently: a publication event that arrives after the start of its task describes no waiting message. */
import type { TaskId } from '../../event/ids.ts';

const generationMax = 10_000;

/** Two generations of entries. Every event asks this set, and evicting one entry at a time would cost more than all else. */
export class StartedTasks {
  #recent = new Map<TaskId, number>();
  #older: ReadonlyMap<TaskId, number> = new Map();

  add(taskId: TaskId, retries: number): void {
    this.#recent.set(taskId, retries);
    if (this.#recent.size < generationMax) return;
    this.#older = this.#recent;
    this.#recent = new Map();
  }

  /** True if this attempt or a later one of the task started. */
  has(taskId: TaskId, retries: number): boolean {
    return (this.#recent.get(taskId) ?? this.#older.get(taskId) ?? -1) >= retries;
  }
}
