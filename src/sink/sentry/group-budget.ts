/**
 * Limits the events of one group per hour: a hundred recurrences of one bug inform no more than ten, and use up the project's
 * quota all the same. The next event of the group accounts for the suppressed ones, and at the end of the hour the newest of
 * them does, so that the occurrences of a group's events always add up to its failures. Bounded; the time is passed in.
 */
import type { Fingerprint, Millis } from '../../event/ids.ts';
import type { Failure } from '../../failure/failure.ts';
import type { GroupCount } from '../../failure/tally.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';

/** A failure to report, which stands for `occurrences` failures: itself and those suppressed before it. */
export interface Occurrence {
  readonly failure: Failure;
  readonly group: GroupCount;
  readonly occurrences: number;
}

export interface BudgetOptions {
  /** Events of one group in one window. */
  readonly eventsMax: number;
  readonly windowMs: Millis;
  /** Groups with a window of their own. Beyond it the least recent one is closed early. */
  readonly groupsMax: number;
}

interface GroupWindow {
  readonly since: Millis;
  readonly events: number;
  /** The newest suppressed failure, which stands for all of them. */
  readonly suppressed: Occurrence | undefined;
}

export class GroupBudget {
  readonly #options: BudgetOptions;
  readonly #groups: BoundedMap<Fingerprint, GroupWindow>;
  /** Suppressed occurrences of evicted groups. */
  readonly #evicted: Occurrence[] = [];

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#groups = new BoundedMap({
      itemsMax: options.groupsMax,
      onEvict: (_, { suppressed }) => {
        if (suppressed !== undefined) this.#evicted.push(suppressed);
      },
    });
  }

  /**
   * Returns the occurrences to report now: none, the failure itself with those suppressed before it, and the suppressed ones
   * of a group that made room.
   */
  admit(failure: Failure, group: GroupCount, now: Millis): readonly Occurrence[] {
    const { eventsMax, windowMs } = this.#options;
    const { fingerprint } = failure;
    const known = this.#groups.get(fingerprint);
    const window = known !== undefined && now < known.since + windowMs ? known : { since: now, events: 0 };
    const occurrence = { failure, group, occurrences: 1 + (known?.suppressed?.occurrences ?? 0) };
    const isAdmitted = window.events < eventsMax;
    this.#groups.delete(fingerprint);
    this.#groups.set(fingerprint, {
      since: window.since,
      events: isAdmitted ? window.events + 1 : window.events,
      suppressed: isAdmitted ? undefined : occurrence,
    });
    const evicted = this.#evicted.splice(0);
    return isAdmitted ? [...evicted, occurrence] : evicted;
  }

  /** Suppresses an occurrence that could not be delivered, so that a later event accounts for it. */
  putBack(occurrence: Occurrence, now: Millis): void {
    const known = this.#groups.get(occurrence.failure.fingerprint) ?? { since: now, events: 1, suppressed: undefined };
    this.#suppress(occurrence, known);
  }

  /** Suppresses an occurrence because other replicas have used up the group's budget until `until`. */
  spentByOthers(occurrence: Occurrence, until: Millis): void {
    const { eventsMax, windowMs } = this.#options;
    const suppressed = this.#groups.get(occurrence.failure.fingerprint)?.suppressed;
    this.#suppress(occurrence, { since: until - windowMs, events: eventsMax, suppressed });
  }

  #suppress({ failure, group, occurrences }: Occurrence, window: GroupWindow): void {
    const newest = window.suppressed ?? { failure, group, occurrences: 0 };
    const suppressed = { ...newest, occurrences: newest.occurrences + occurrences };
    this.#groups.set(failure.fingerprint, { ...window, suppressed });
  }

  /** Closes the windows that have ended and returns the occurrences suppressed in them. */
  takeDue(now: Millis): readonly Occurrence[] {
    const due = [...this.#groups].filter(([, { since }]) => now >= since + this.#options.windowMs);
    const suppressed = due.flatMap(([fingerprint, window]) => {
      if (window.suppressed === undefined) {
        this.#groups.delete(fingerprint);
        return [];
      }
      // The event that reports it is the first one of the next window.
      this.#groups.set(fingerprint, { since: now, events: 1, suppressed: undefined });
      return [window.suppressed];
    });
    return [...this.#evicted.splice(0), ...suppressed];
  }

  /** Removes and returns every suppressed occurrence, at the end of the run. */
  takeAll(): readonly Occurrence[] {
    const suppressed = [...this.#groups.values()].flatMap((window) => window.suppressed ?? []);
    this.#groups.clear();
    return [...this.#evicted.splice(0), ...suppressed];
  }
}
