/**
 * What has been told of a task, as a list that equal ones share: almost all tasks are told the same few things, in the
 * same order, and hundreds of thousands of tasks are held.
 */
export class ReportedSet {
  static readonly nothing = new ReportedSet('', undefined);

  readonly #what: string;
  readonly #before: ReportedSet | undefined;
  #next: Map<string, ReportedSet> | undefined = undefined;

  private constructor(what: string, before: ReportedSet | undefined) {
    this.#what = what;
    this.#before = before;
  }

  includes(what: string): boolean {
    for (let at: ReportedSet = this; at.#before !== undefined; at = at.#before) if (at.#what === what) return true;
    return false;
  }

  with(what: string): ReportedSet {
    const known = this.#next?.get(what);
    if (known !== undefined) return known;
    const next = new ReportedSet(what, this);
    this.#next ??= new Map();
    if (this.#next.size < sharedMax) this.#next.set(what, next);
    return next;
  }

  /** In the order in which it was told. */
  list(): string[] {
    const list: string[] = [];
    for (let at: ReportedSet = this; at.#before !== undefined; at = at.#before) list.unshift(at.#what);
    return list;
  }
}

/** A task that goes round for ever is told ever new things: what is rare is not shared. */
const sharedMax = 16;
