/**
 * Whom to ask when events say too little: the result backend, the broker's own structures, the workers. A witness only
 * looks. What it finds is a testimony; a task that is not in the answer was looked for everywhere this witness can look, and
 * is not there. A witness that could not look rejects, and then nothing may be concluded.
 */
import type { TaskId } from '../event/ids.ts';
import type { Testimony as AnyTestimony, WitnessKind } from '../event/testimony.ts';
import type { Untrusted } from '../event/untrusted.ts';

export type { WitnessKind } from '../event/testimony.ts';
export type Testimony = AnyTestimony<Untrusted>;

export interface Witness {
  readonly kind: WitnessKind;
  /** The source's name in the configuration. */
  readonly name: string;
  /** Asks for all of `ids` at once; rejects when it could not look, or after `signal` aborts. */
  ask(ids: readonly TaskId[], signal: AbortSignal): Promise<ReadonlyMap<TaskId, Testimony>>;
  stop(): Promise<void>;
}
