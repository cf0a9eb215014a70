/**
 * Values that stood under a secret's name in a task's arguments, kept while the task lives, so that they go from its
 * exception too: the password that a driver echoes. In memory only, and in a box that prints as nothing.
 */
import type { TaskId } from '../event/ids.ts';

/** Shorter values are too likely to be part of ordinary words. */
const valueCharsMin = 6;
const valuesPerTaskMax = 64;
/** The live tasks of a large fleet; the one heard of least recently is let go. */
const tasksMax = 20_000;

export class Taint {
  readonly #byTask = new Map<TaskId, Set<string>>();

  note(id: TaskId, values: Iterable<string>): void {
    let known = this.#byTask.get(id);
    for (const value of values) {
      if (value.length < valueCharsMin || /^(?:[a-z]+|\d{1,8})$/.test(value)) continue;
      if (known === undefined) {
        known = new Set();
        this.#byTask.set(id, known);
        if (this.#byTask.size > tasksMax) this.#forgetOldest();
      }
      if (known.size < valuesPerTaskMax) known.add(value);
    }
  }

  of(id: TaskId): ReadonlySet<string> {
    return this.#byTask.get(id) ?? none;
  }

  forget(id: TaskId): void {
    this.#byTask.delete(id);
  }

  #forgetOldest(): void {
    const oldest = this.#byTask.keys().next();
    if (!oldest.done) this.#byTask.delete(oldest.value);
  }
}

const none: ReadonlySet<string> = new Set();
