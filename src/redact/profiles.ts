/**
 * The treatment of a task's fields. Only some events carry the task's name, so the choice is remembered by task id. Without
 * a known name each field gets the strictest treatment of all profiles.
 */
import { matchesGlob } from '../event/glob.ts';
import type { TaskId } from '../event/ids.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { type Field, type Modes, stricterTreatment } from './field.ts';

export interface RedactionProfile {
  /** Globs of task names: `*` is any characters, `?` is one. */
  readonly tasks: readonly string[];
  readonly modes: Partial<Modes>;
}

/** Open tasks of a large fleet. */
const tasksMax = 100_000;

export class Profiles {
  readonly #base: Modes;
  readonly #profiles: readonly { readonly tasks: readonly string[]; readonly modes: Modes }[];
  readonly #strictest: Modes;
  readonly #byTask = new BoundedMap<TaskId, Modes>({ itemsMax: tasksMax });

  constructor(base: Modes, profiles: readonly RedactionProfile[]) {
    this.#base = base;
    this.#profiles = profiles.map(({ tasks, modes }) => ({ tasks, modes: { ...base, ...modes } }));
    const all = [base, ...this.#profiles.map(({ modes }) => modes)];
    const strictestOf = (field: Field) => all.map((modes) => modes[field]).reduce(stricterTreatment);
    this.#strictest = Object.fromEntries(
      Object.keys(base).map((field) => [field, strictestOf(field as Field)]),
    ) as Modes;
  }

  /** The treatments for events of the task; the strictest ones while its name is unknown. */
  modesOf(id: TaskId): Modes {
    return this.#profiles.length === 0 ? this.#base : (this.#byTask.get(id) ?? this.#strictest);
  }

  /** The treatments for a task of that name: those of the first profile that matches. */
  modesForName(name: string): Modes {
    return this.#profiles.find(({ tasks }) => tasks.some((glob) => matchesGlob(glob, name)))?.modes ?? this.#base;
  }

  /** Remembers the name of a task. */
  setName(id: TaskId, name: string): void {
    if (this.#profiles.length === 0) return;
    this.#byTask.delete(id);
    this.#byTask.set(id, this.modesForName(name));
  }

  forget(id: TaskId): void {
    this.#byTask.delete(id);
  }
}
