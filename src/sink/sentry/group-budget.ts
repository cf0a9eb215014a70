/**
 * So many events of one group in an hour, and the rest is a number: a hundred recurrences of one bug tell no more than ten,
 * and cost a project's quota all the same. What was withheld is told by the next event of the group, and at the end of the
 * hour by the newest of them, so that the events of a group always add up to its failures. Bounded; takes time from outside.
 */
import type { Fingerprint, Millis } from '../../event/ids.ts';
import type { Failure } from '../../failure/failure.ts';
import type { GroupCount } from '../../failure/tally.ts';

/** A failure to tell of, which stands for `occurrences` failures: itself and those withheld before it. */
export interface Occurrence {
  readonly failure: Failure;
  readonly group: GroupCount;
  readonly occurrences: number;
}

export interface BudgetOptions {
  /** Events of one group in one window. */
  readonly eventsMax: number;
  readonly windowMs: Millis;
  /** Groups with a window of their own; beyond it the one that was quiet for longest is closed early. */
  readonly groupsMax: number;
}

interface Spent {
  readonly since: Millis;
  readonly events: number;
  /** The newest that was withheld, standing for all that were. */
  readonly withheld: Occurrence | undefined;
}

export class GroupBudget {
  readonly #options: BudgetOptions;
  readonly #groups = new Map<Fingerprint, Spent>();

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  /** What to tell now: nothing, the failure itself with what was withheld before, and what has to leave to make room. */
  admit(failure: Failure, group: GroupCount, now: Millis): readonly Occurrence[] {
    const { eventsMax, windowMs, groupsMax } = this.#options;
    const { fingerprint } = failure;
    const known = this.#groups.get(fingerprint);
    const spent = known !== undefined && now < known.since + windowMs ? known : { since: now, events: 0 };
    const occurrence = { failure, group, occurrences: 1 + (known?.withheld?.occurrences ?? 0) };
    const isTold = spent.events < eventsMax;
    this.#groups.delete(fingerprint);
    this.#groups.set(fingerprint, {
      since: spent.since,
      events: isTold ? spent.events + 1 : spent.events,
      withheld: isTold ? undefined : occurrence,
    });
    const left = this.#groups.size > groupsMax ? this.#takeFirst() : [];
    return isTold ? [...left, occurrence] : left;
  }

  /** Withholds again what could not be told after all, so that a later event stands for it. */
  putBack(occurrence: Occurrence, now: Millis): void {
    const known = this.#groups.get(occurrence.failure.fingerprint) ?? { since: now, events: 1, withheld: undefined };
    this.#withhold(occurrence, known);
  }

  /** The same, because others have spent what there was until then: the window ends when theirs does. */
  spentByOthers(occurrence: Occurrence, until: Millis): void {
    const { eventsMax, windowMs } = this.#options;
    const withheld = this.#groups.get(occurrence.failure.fingerprint)?.withheld;
    this.#withhold(occurrence, { since: until - windowMs, events: eventsMax, withheld });
  }

  #withhold({ failure, group, occurrences }: Occurrence, spent: Spent): void {
    const newer = spent.withheld ?? { failure, group, occurrences: 0 };
    const withheld = { ...newer, occurrences: newer.occurrences + occurrences };
    this.#groups.set(failure.fingerprint, { ...spent, withheld });
  }

  /** Closes the windows that are over, and answers what was withheld in them. */
  takeDue(now: Millis): readonly Occurrence[] {
    const due = [...this.#groups].filter(([, { since }]) => now >= since + this.#options.windowMs);
    return due.flatMap(([fingerprint, { withheld }]) => {
      if (withheld === undefined) {
        this.#groups.delete(fingerprint);
        return [];
      }
      // Telling it is the first event of the next window.
      this.#groups.set(fingerprint, { since: now, events: 1, withheld: undefined });
      return [withheld];
    });
  }

  /** Everything that was withheld, at the end. */
  takeAll(): readonly Occurrence[] {
    const all = [...this.#groups.values()].flatMap(({ withheld }) => (withheld === undefined ? [] : [withheld]));
    this.#groups.clear();
    return all;
  }

  #takeFirst(): readonly Occurrence[] {
    for (const [fingerprint, { withheld }] of this.#groups) {
      this.#groups.delete(fingerprint);
      return withheld === undefined ? [] : [withheld];
    }
    return [];
  }
}
