/**
 * A second source to ask about a task when its events are not enough: the result backend, the structures of the broker, the
 * workers. A witness only reads. A task missing from its answer was searched for everywhere this witness can search and is
 * not there. A witness that could not search rejects, and then no conclusion is allowed.
 */
import type { TaskId } from '../event/ids.ts';
import type { Testimony as AnyTestimony, WitnessKind } from '../event/testimony.ts';
import type { Untrusted } from '../event/untrusted.ts';

export type WitnessTestimony = AnyTestimony<Untrusted>;

export interface Witness {
  readonly kind: WitnessKind;
  /** Name of the source in the configuration. */
  readonly name: string;
  /** Searches for all `ids` at once. Rejects if the search was not complete, and after `signal` aborts. */
  ask(ids: readonly TaskId[], signal: AbortSignal): Promise<ReadonlyMap<TaskId, WitnessTestimony>>;
  stop(): Promise<void>;
}
