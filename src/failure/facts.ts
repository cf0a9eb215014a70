/** The facts about one failure that its class, its fingerprint and its title are computed from. */

import type { ParsedException } from '../event/python/parsed-exception.ts';
import { parseRaised } from '../event/python/raised-exception.ts';
import type { Attempt, Cause, Task } from '../lifecycle/transition.ts';

/** The kind of remedy: fix code or data, wait, add capacity, or none because the end was requested. */
export type FailureClass = 'bug' | 'transient' | 'resource' | 'cancelled';

export interface FailureFacts {
  readonly taskName: string | undefined;
  readonly cause: Cause;
  readonly signal: string | undefined;
  /** Type of the exception where there is no traceback. */
  readonly type: string | undefined;
  /** First line of the message where there is no traceback; empty without an exception. */
  readonly message: string;
  /** The parsed traceback; undefined when the worker sent none. */
  readonly exception: ParsedException | undefined;
}

export interface FailedTask {
  readonly task: Task;
  readonly attempt: Attempt | undefined;
  readonly cause: Cause;
}

export function factsOf({ task, attempt, cause }: FailedTask): FailureFacts {
  // A worker that does not know the task reports the exception without an attempt.
  const exception = attempt?.exception ?? task.exception;
  return {
    taskName: task.name,
    cause,
    signal: attempt?.signal,
    type: exception?.type,
    message: exception?.message ?? '',
    exception: exception?.traceback === undefined ? undefined : parseRaised(exception.traceback),
  };
}
