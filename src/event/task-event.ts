/**
 * Decoded events of workers, producers and the result backend. Types only. The glossary is in docs/architecture.md:
 *
 *   task      one unit of work with one id, through all its retries
 *   attempt   one execution of a task on a worker
 *   retries   how many attempts of this task ended in a retry before
 *   worker    the process group that executes; its Celery node name is the hostname
 *
 * `Text` is `Untrusted` before redaction and `Redacted` after it. Every system uses Celery's events: docs.celeryq.dev,
 * "Monitoring and Management Guide", event reference.
 */
import type { Hostname, Millis, TaskId } from './ids.ts';

/** Common to all events of a task. `at` is the sender's clock, `receivedAt` this process's; they can differ by seconds. */
export interface AboutTask {
  readonly id: TaskId;
  readonly hostname: Hostname;
  /** The worker's main process, not the child that ran the task; undefined if the event does not contain it. */
  readonly pid: number | undefined;
  readonly at: Millis;
  readonly receivedAt: Millis;
}

/** Fields that describe a publication: in `task-sent` and in `task-received`. */
interface Publication<Text> {
  /** Function name, or the `shadow` name that the caller chose. */
  readonly name: Text | undefined;
  readonly args: Text | undefined;
  readonly kwargs: Text | undefined;
  readonly retries: number;
  readonly rootId: TaskId | undefined;
  readonly parentId: TaskId | undefined;
  /** Earliest start. */
  readonly eta: Millis | undefined;
  /** Latest start. */
  readonly expires: Millis | undefined;
}

export interface TaskSent<Text> extends AboutTask, Publication<Text> {
  readonly type: 'task-sent';
  readonly queue: string | undefined;
  readonly exchange: string | undefined;
  readonly routingKey: string | undefined;
}

export interface TaskReceived<Text> extends AboutTask, Publication<Text> {
  readonly type: 'task-received';
  /**
   * 16 bits of a hash over the message, set by redaction: two deliveries of one message have the same digest, a message that
   * `replace()` publishes under the same id has another one. Too short to reveal what it was made of.
   */
  readonly digest?: number | undefined;
}

export interface TaskStarted extends AboutTask {
  readonly type: 'task-started';
}

export interface TaskSucceeded<Text> extends AboutTask {
  readonly type: 'task-succeeded';
  readonly result: Text | undefined;
  readonly runtimeMs: number | undefined;
}

export interface TaskFailed<Text> extends AboutTask {
  readonly type: 'task-failed';
  readonly exception: Text | undefined;
  readonly traceback: Text | undefined;
}

export interface TaskRetried<Text> extends AboutTask {
  readonly type: 'task-retried';
  readonly exception: Text | undefined;
  readonly traceback: Text | undefined;
}

export interface TaskRejected extends AboutTask {
  readonly type: 'task-rejected';
  /** True: the broker delivers the message again. */
  readonly requeue: boolean;
}

export interface TaskRevoked extends AboutTask {
  readonly type: 'task-revoked';
  readonly terminated: boolean;
  readonly expired: boolean;
  /** Number or name of the signal that ended the attempt, as text. */
  readonly signal: string | undefined;
}

export interface TaskCancelled extends AboutTask {
  readonly type: 'task-cancelled';
}

export type TaskEvent<Text> =
  | TaskSent<Text>
  | TaskReceived<Text>
  | TaskStarted
  | TaskSucceeded<Text>
  | TaskFailed<Text>
  | TaskRetried<Text>
  | TaskRejected
  | TaskRevoked
  | TaskCancelled;

export type TaskEventType = TaskEvent<never>['type'];

/**
 * A record of the result backend: a second source on a task, independent of the events. The returned value and the arguments
 * that the record may contain are never read.
 */
export interface TaskResult<Text> {
  readonly type: 'task-result';
  readonly id: TaskId;
  readonly status: 'started' | 'success' | 'failure' | 'retry' | 'revoked';
  /** Time at which the state was stored, on the worker's clock; the time of receipt if the record has none. */
  readonly at: Millis;
  readonly receivedAt: Millis;
  /** Only with Celery's `result_extended`. */
  readonly hostname: Hostname | undefined;
  readonly retries: number | undefined;
  readonly name: Text | undefined;
  /** The group or chord of the task, which no event contains. */
  readonly groupId: TaskId | undefined;
  readonly parentId: TaskId | undefined;
  /** `ClassName('message')`, as in events. */
  readonly exception: Text | undefined;
  readonly traceback: Text | undefined;
}

export interface WorkerEvent {
  readonly type: 'worker-online' | 'worker-heartbeat' | 'worker-offline';
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly at: Millis;
  readonly receivedAt: Millis;
  /** Time between two heartbeats. */
  readonly heartbeatMs: number;
  /** Tasks executing now and executed so far; undefined in the reply to a remote `heartbeat` command. */
  readonly active: number | undefined;
  readonly processed: number | undefined;
  /** Lamport clock of the worker, which only grows while its process lives. */
  readonly clock: number | undefined;
  /** Name and version of the software, `py-celery 5.6.3`. */
  readonly software: string | undefined;
}

export type Event<Text> = TaskEvent<Text> | TaskResult<Text> | WorkerEvent;
