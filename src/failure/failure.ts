/** A bad outcome worth telling, with the identity of its cause. */
import type { ParsedException } from '../event/python-traceback.ts';
import type { Fingerprint, Millis } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Attempt, Cause, Outcome, Task } from '../lifecycle/transition.ts';

/** What kind of remedy a failure needs: code or data, waiting, more room, or nothing because somebody stopped it. */
export type FailureClass = 'bug' | 'transient' | 'resource' | 'cancelled';

export interface Failure {
  /** Computed from the task and its attempt, so that every observer of one failure gives it the same id. */
  readonly id: string;
  readonly at: Millis;
  readonly task: Task;
  readonly attempt: Attempt | undefined;
  readonly outcome: Outcome;
  readonly cause: Cause;
  readonly class: FailureClass;
  readonly fingerprint: Fingerprint;
  /** One line for people: `PaymentDeclined: card was declined`. */
  readonly title: Redacted;
  /** The parsed traceback; undefined when the worker sent none. */
  readonly exception: ParsedException | undefined;
}
