/**
 * Which treatment the fields of a task get. Only some of its events name the task, so the choice is remembered by its id;
 * of a task nobody named yet each field gets the strictest treatment that any profile asks for.
 */
import type { TaskId } from '../event/ids.ts';
import type { Field, Treatment } from './redact.ts';

export type Modes = Readonly<Record<Field, Treatment>>;

export interface RedactionProfile {
  /** Globs of task names: `*` is any characters, `?` is one. */
  readonly tasks: readonly string[];
  readonly modes: Partial<Modes>;
}

/** The tasks of a large fleet that are open at once; the one heard of least recently goes. */
const tasksMax = 100_000;
const strictness: readonly Treatment[] = ['raw', 'redact', 'allow', 'shape', 'drop'];

export class Profiles {
  readonly #base: Modes;
  readonly #profiles: readonly (readonly [tasks: readonly string[], modes: Modes])[];
  readonly #strictest: Modes;
  readonly #byTask = new Map<TaskId, Modes>();

  constructor(base: Modes, profiles: readonly RedactionProfile[]) {
    this.#base = base;
    this.#profiles = profiles.map(({ tasks, modes }) => [tasks, { ...base, ...modes }] as const);
    this.#strictest = Object.fromEntries(
      Object.keys(base).map((field) => [
        field,
        [base, ...this.#profiles.map(([, modes]) => modes)].map((modes) => modes[field as Field]).reduce(stricter),
      ]),
    ) as Modes;
  }

  /** Of a task that was named, or that an event without a name is about. */
  of(id: TaskId): Modes {
    return this.#profiles.length === 0 ? this.#base : (this.#byTask.get(id) ?? this.#strictest);
  }

  saw(id: TaskId, name: string): void {
    if (this.#profiles.length === 0) return;
    this.#byTask.delete(id);
    this.#byTask.set(id, this.#profiles.find(([tasks]) => tasks.some((glob) => isLike(name, glob)))?.[1] ?? this.#base);
    if (this.#byTask.size <= tasksMax) return;
    const oldest = this.#byTask.keys().next();
    if (!oldest.done) this.#byTask.delete(oldest.value);
  }

  forget(id: TaskId): void {
    this.#byTask.delete(id);
  }
}

function stricter(one: Treatment, other: Treatment): Treatment {
  return strictness.indexOf(one) >= strictness.indexOf(other) ? one : other;
}

/** In time that grows with the product of the lengths at most: the last star is the only one that is tried again. */
export function isLike(name: string, glob: string): boolean {
  let at = 0;
  let part = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    if (glob[part] === '*') {
      star = part;
      starAt = at;
      part += 1;
    } else if (part < glob.length && (glob[part] === '?' || glob[part] === name[at])) {
      part += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      part = star + 1;
    } else return false;
  }
  while (glob[part] === '*') part += 1;
  return part === glob.length;
}
