/**
 * What happened to a task, derived from its events and from time. Every later stage works on these; nothing downstream
 * of lifecycle/ sees an event.
 */
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import type { WitnessKind } from '../event/testimony.ts';
import type { Redacted } from '../event/untrusted.ts';

/** Celery's own states, as far as events can show them. */
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
 * How one attempt ended. `lost`: its worker went away, or the broker gave the message to another one, and nobody said how
 * it ended. `replaced`: it published its own id again and went on as that. `unknown`: it ended and nobody said how, as
 * Celery does for `Ignore` and some rejections, and as lost events look.
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

/** Why an attempt or a task did not succeed: the true cause, not the wrapper that reported it. */
export type Cause =
  | 'app-error'
  | 'soft-time-limit'
  | 'hard-time-limit'
  | 'worker-lost'
  | 'unregistered'
  | 'rejected'
  | 'requeued'
  | 'expired'
  | 'revoked'
  | 'terminated'
  | 'cancelled'
  | 'unencodable'
  | 'replaced'
  | 'vanished'
  | 'poison-loop';

/** An exception as far as its texts tell: `type` as Python prints it (`requests.exceptions.Timeout`), one-line message. */
export interface TransitionException {
  readonly type: Redacted;
  readonly message: Redacted;
  /** The traceback as the worker wrote it, redacted; undefined when there was none. */
  readonly traceback: Redacted | undefined;
}

export interface Attempt {
  /** `<retries>.<nth delivery with that many retries>`: the same for every observer of the events. */
  readonly key: string;
  /** 1 for the first attempt of this task's life. */
  readonly number: number;
  readonly retries: number;
  /** True when the broker delivered the message again after an earlier delivery of the same publication. */
  readonly isRedelivery: boolean;
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly receivedAt: Millis | undefined;
  readonly startedAt: Millis | undefined;
  readonly endedAt: Millis | undefined;
  /** undefined while it runs. */
  readonly outcome: AttemptOutcome | undefined;
  readonly cause: Cause | undefined;
  readonly exception: TransitionException | undefined;
  /** Signal that killed it, `SIGKILL`, when known. */
  readonly signal: string | undefined;
  readonly result: Redacted | undefined;
  readonly runtimeMs: number | undefined;
  readonly spanId: string;
}

/** One publication of the task: what task-sent told. */
export interface Send {
  /** `<life>.<retries>.<nth publication with that many retries>`: the same for every observer of the events. */
  readonly key: string;
  readonly at: Millis;
  readonly hostname: Hostname;
  readonly retries: number;
  readonly queue: string | undefined;
  readonly exchange: string | undefined;
  readonly routingKey: string | undefined;
  readonly spanId: string;
}

/** How long a message waited for a pool slot. */
export interface Wait {
  /** undefined when nobody told of its publication, or it was delivered again. */
  readonly send: Send | undefined;
  readonly startAt: Millis;
  readonly endAt: Millis;
}

/** A task as known now. Plain data, safe to hand on: every text in it is redacted. */
export interface Task {
  readonly id: TaskId;
  /** undefined when no event that was seen carried the name. */
  readonly name: Redacted | undefined;
  readonly args: Redacted | undefined;
  readonly kwargs: Redacted | undefined;
  readonly queue: string | undefined;
  readonly rootId: TaskId;
  readonly parentId: TaskId | undefined;
  /** The group or chord it belongs to; only the result backend tells it, so it is known late or never. */
  readonly groupId: TaskId | undefined;
  /** How often this id had been used up before: an id can be published again after its task ended. */
  readonly publication: number;
  readonly eta: Millis | undefined;
  readonly expires: Millis | undefined;
  /** Earliest sign of this life of the task. */
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  readonly state: TaskState;
  readonly sends: readonly Send[];
  readonly attempts: readonly Attempt[];
  /** What an exception said when the task ended without an attempt (unregistered). */
  readonly exception: TransitionException | undefined;
  readonly traceId: string;
  readonly spanId: string;
  /** Span of the parent task, when that task has been seen here. */
  readonly parentSpanId: string | undefined;
}

/**
 * How a task ended, or that nobody can tell. `lost`: its worker went away with it and it does not come back. `vanished`: it
 * was sent, and is neither in the broker nor at a worker, and nobody ran it. Only `failed`, `lost` and friends are worth an
 * alert.
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

/** What silence makes us suspect of a task that has not ended. A second witness confirms or clears it. */
export type SuspectedOutcome = 'lost' | 'vanished' | 'overdue';

/** Why an attempt follows although nobody publishes the task anew. */
export type NextAttemptReason = 'retry' | 'eta' | 'requeued' | 'unacknowledged' | 'in-queue' | 'reserved';

export interface NextAttempt {
  readonly because: NextAttemptReason;
  /** Not before; undefined when nobody can tell. */
  readonly at: Millis | undefined;
}

/** Something worth knowing about a task that neither begins nor ends anything. */
export type Note =
  | { readonly what: 'suspected'; readonly of: SuspectedOutcome }
  /** The suspicion was wrong: a witness found the task, or its events came after all. */
  | { readonly what: 'cleared'; readonly of: SuspectedOutcome; readonly by: WitnessKind | 'events' }
  /** A worker confirms that it still executes a task that has never taken so long. */
  | { readonly what: 'overdue'; readonly runningMs: number }
  /** Its worker is gone, and the broker will deliver it again. */
  | { readonly what: 'comes-back'; readonly because: NextAttemptReason; readonly at: Millis | undefined }
  /** One publication was executed to its end more than once. */
  | { readonly what: 'run-twice'; readonly runs: number }
  /** One publication was begun again and again without ever ending: it takes its worker with it, or is put back each time. */
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
      /** undefined when it did not wait, and when its publication was told of before. */
      readonly wait: Wait | undefined;
    }
  | {
      readonly kind: 'task-ended';
      readonly at: Millis;
      readonly task: Task;
      readonly outcome: Outcome;
      readonly cause: Cause | undefined;
      /** The attempt that decided it; undefined when it ended without one (expired, revoked, unregistered). */
      readonly attempt: Attempt | undefined;
      /** The publications that no attempt that was told of began with. */
      readonly unbegun: readonly Send[];
      /** What was said before, when later events proved it wrong: a lost task that came back, a task that ran twice. */
      readonly corrects: Outcome | undefined;
    };
