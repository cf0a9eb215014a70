/** Changes of a task, derived from its events and from time. Every later stage works on transitions and receives no events. */
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import type { ExceptionCause, ExceptionText } from '../event/python/exception.ts';
import type { WitnessKind } from '../event/testimony.ts';
import type { Redacted } from '../event/untrusted.ts';

/** Celery's own states, as far as events show them. */
export type TaskState =
  | 'sent'
  | 'received'
  | 'started'
  | 'success'
  | 'failure'
  | 'retry'
  | 'revoked'
  | 'rejected'
  | 'cancelled';

/**
 * How one attempt ended.
 *
 * - lost: its worker died, or the broker delivered the message to another worker, and no end event arrived.
 * - replaced: it sent its own task id again, and the task goes on as that publication.
 * - unknown: it ended without an end event. Celery sends none for `Ignore` and some rejections, and events can be lost.
 */
export type AttemptOutcome =
  | 'succeeded'
  | 'failed'
  | 'retried'
  | 'rejected'
  | 'revoked'
  | 'cancelled'
  | 'replaced'
  | 'lost'
  | 'unknown';

/** Why an attempt or a task did not succeed: the original cause, not an exception that wraps it. */
export type Cause = ExceptionCause | 'expired' | 'cancelled' | 'replaced' | 'vanished' | 'poison-loop' | 'chord-failed';

export interface Attempt {
  /** `<publication>.<retries>.<nth attempt with these retries>`: the same on every instance that receives the events. */
  readonly key: string;
  /** 1 for the first attempt of the publication. */
  readonly number: number;
  readonly retries: number;
  /** True if the broker delivered the message again after an earlier delivery. */
  readonly isRedelivery: boolean;
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly receivedAt: Millis | undefined;
  /** Earliest start that its message asked for. */
  readonly eta: Millis | undefined;
  readonly startedAt: Millis | undefined;
  readonly endedAt: Millis | undefined;
  /** Undefined while it runs. */
  readonly outcome: AttemptOutcome | undefined;
  readonly cause: Cause | undefined;
  readonly exception: ExceptionText | undefined;
  /** Signal that killed it, such as `SIGKILL`, where known. */
  readonly signal: string | undefined;
  readonly result: Redacted | undefined;
  readonly runtimeMs: number | undefined;
  readonly spanId: string;
}

/** One `task-sent`: the task was published for its first attempt, for a retry or by `replace()`. */
export interface Send {
  /** `<publication>.<retries>.<nth send with these retries>`: the same on every instance that receives the events. */
  readonly key: string;
  readonly at: Millis;
  readonly hostname: Hostname;
  readonly retries: number;
  readonly queue: string | undefined;
  readonly exchange: string | undefined;
  readonly routingKey: string | undefined;
  readonly spanId: string;
}

/** The time that a message waited for a pool slot. */
export interface Wait {
  /** Undefined for a redelivery, and where no send event exists. */
  readonly send: Send | undefined;
  readonly startAt: Millis;
  readonly endAt: Millis;
}

/** A task as known now. Plain data that is safe to export: every text in it is redacted. */
export interface Task {
  readonly id: TaskId;
  /** Undefined if no event with a name arrived. */
  readonly name: Redacted | undefined;
  readonly args: Redacted | undefined;
  readonly kwargs: Redacted | undefined;
  readonly queue: string | undefined;
  readonly rootId: TaskId;
  readonly parentId: TaskId | undefined;
  /** The group or chord of the task. Only the result backend has it, so it is known late or never. */
  readonly groupId: TaskId | undefined;
  /** Number of earlier uses of this id: an id can be published again after its task ended. */
  readonly publication: number;
  readonly eta: Millis | undefined;
  readonly expires: Millis | undefined;
  /** Time of the first and the last event of this publication. */
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  readonly state: TaskState;
  readonly sends: readonly Send[];
  readonly attempts: readonly Attempt[];
  /** The exception of a task that ended without an attempt, because no worker knows its name. */
  readonly exception: ExceptionText | undefined;
  readonly traceId: string;
  readonly spanId: string;
  /** Span of the parent task, if that task is tracked here. */
  readonly parentSpanId: string | undefined;
}

/**
 * How a task ended.
 *
 * - recovered: succeeded after an earlier attempt failed, retried or was lost.
 * - exhausted: failed after its last retry.
 * - lost: its worker died during the attempt, and the broker does not deliver it again.
 * - vanished: sent, found neither in the broker nor at a worker, and never executed.
 * - unknown: ended, and no source has the outcome.
 */
export type Outcome =
  | 'succeeded'
  | 'recovered'
  | 'failed'
  | 'exhausted'
  | 'revoked'
  | 'expired'
  | 'rejected'
  | 'cancelled'
  | 'lost'
  | 'vanished'
  | 'unknown';

/** An outcome that silence suggests for an open task. A witness confirms or clears it. */
export type SuspectedOutcome = 'lost' | 'vanished' | 'overdue';

/** Why another attempt follows although no producer sends the task again. */
export type NextAttemptReason = 'retry' | 'eta' | 'requeued' | 'unacknowledged' | 'in-queue' | 'reserved';

export interface NextAttempt {
  readonly because: NextAttemptReason;
  /** The earliest time; undefined if unknown. */
  readonly at: Millis | undefined;
}

/** A fact about a task that neither starts nor ends anything. */
export type Note =
  | { readonly what: 'suspected'; readonly of: SuspectedOutcome }
  /** The suspicion was wrong: a witness found the task, or its events arrived late. */
  | { readonly what: 'cleared'; readonly of: SuspectedOutcome; readonly by: WitnessKind | 'events' }
  /** A worker confirms that it still executes a task that never took this long. */
  | { readonly what: 'overdue'; readonly runningMs: number }
  /** The worker is gone, and the broker delivers the task again. */
  | { readonly what: 'comes-back'; readonly because: NextAttemptReason; readonly at: Millis | undefined }
  /** One message was executed to its end more than once. */
  | { readonly what: 'run-twice'; readonly runs: number }
  /** The callback of the task's chord, `body`, is never published, because this task failed. */
  | { readonly what: 'chord-failed'; readonly body: TaskId }
  /** One message was started many times and never ended: it kills its worker, or is requeued each time. */
  | { readonly what: 'poison-loop'; readonly starts: number };

export type Transition =
  | { readonly kind: 'task-noted'; readonly at: Millis; readonly task: Task; readonly note: Note }
  | { readonly kind: 'task-queued'; readonly at: Millis; readonly task: Task }
  | { readonly kind: 'attempt-started'; readonly at: Millis; readonly task: Task; readonly attempt: Attempt }
  | {
      readonly kind: 'attempt-ended';
      readonly at: Millis;
      readonly task: Task;
      readonly attempt: Attempt;
      /** Undefined if it did not wait, or if the send it began with was reported before. */
      readonly wait: Wait | undefined;
    }
  | {
      readonly kind: 'task-ended';
      readonly at: Millis;
      readonly task: Task;
      readonly outcome: Outcome;
      readonly cause: Cause | undefined;
      /** The attempt that decided the outcome; undefined for a task that ended without one (expired, revoked, unregistered). */
      readonly attempt: Attempt | undefined;
      /** Sends that no reported attempt began with. */
      readonly unbegun: readonly Send[];
      /** The outcome reported before, when later events prove it wrong: a lost task that was delivered again, for example. */
      readonly corrects: Outcome | undefined;
    };
