/**
 * The facts reported of one task, as an immutable list that equal lists share: almost all tasks report the same few facts in
 * the same order, and hundreds of thousands of tasks are held.
 */
export class ReportedSet {
  static readonly empty = new ReportedSet('', undefined);

  readonly #key: string;
  readonly #previous: ReportedSet | undefined;
  #next: Map<string, ReportedSet> | undefined = undefined;

  private constructor(key: string, previous: ReportedSet | undefined) {
    this.#key = key;
    this.#previous = previous;
  }

  includes(key: string): boolean {
    for (let at: ReportedSet = this; at.#previous !== undefined; at = at.#previous) if (at.#key === key) return true;
    return false;
  }

  /** This list with `key` at its end; the same object for the same keys while there is room to share it. */
  with(key: string): ReportedSet {
    const shared = this.#next?.get(key);
    if (shared !== undefined) return shared;
    const next = new ReportedSet(key, this);
    this.#next ??= new Map();
    if (this.#next.size < sharedMax) this.#next.set(key, next);
    return next;
  }

  /** The keys in the order in which they were added. */
  list(): string[] {
    const list: string[] = [];
    for (let at: ReportedSet = this; at.#previous !== undefined; at = at.#previous) list.unshift(at.#key);
    return list;
  }
}

/** A task that is redelivered without end reports ever new facts, which no other task shares. */
const sharedMax = 16;
