/**
 * What a worker or a producer said, decoded. Types only.
 *
 * Terminology (the whole list is in docs/architecture.md):
 *
 *   task      one unit of work with one id, through all its retries
 *   attempt   one execution of a task on a worker
 *   retries   how many attempts of this task ended in a retry before
 *   worker    the process group that executes; its Celery node name is the hostname
 *
 * `Text` is `Untrusted` until redact/ has been through and `Redacted` afterwards. Events are Celery's own, for every
 * system: docs.celeryq.dev, "Monitoring and Management Guide", event reference.
 */
import type { Hostname, Millis, TaskId } from './ids.ts';

/** One thing said about one task. `at` is the speaker's clock, `receivedAt` ours; the two can disagree by seconds. */
export interface AboutTask {
  readonly id: TaskId;
  readonly hostname: Hostname;
  /** The worker's main process, not the child that ran the task; undefined when not said. */
  readonly pid: number | undefined;
  readonly at: Millis;
  readonly receivedAt: Millis;
}

/** What sent and received both tell about the task itself. */
interface Publication<Text> {
  /** Function name, or the `shadow` name the caller gave it. */
  readonly name: Text | undefined;
  readonly args: Text | undefined;
  readonly kwargs: Text | undefined;
  readonly retries: number;
  readonly rootId: TaskId | undefined;
  readonly parentId: TaskId | undefined;
  /** Not before. */
  readonly eta: Millis | undefined;
  /** Not after. */
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
  /** Number or name of the signal that ended it, as text. */
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
 * What the result backend says of a task: a second witness, told by another way than the events. The returned value and the
 * arguments that may stand beside it are never read.
 */
export interface TaskResult<Text> {
  readonly type: 'task-result';
  readonly id: TaskId;
  readonly status: 'started' | 'success' | 'failure' | 'retry' | 'revoked';
  /** When the end was stored, by the worker's clock; the time of receipt when the backend does not say. */
  readonly at: Millis;
  readonly receivedAt: Millis;
  /** Only with Celery's `result_extended`. */
  readonly hostname: Hostname | undefined;
  readonly retries: number | undefined;
  readonly name: Text | undefined;
  /** The group or chord it belongs to; events never tell it. */
  readonly groupId: TaskId | undefined;
  readonly parentId: TaskId | undefined;
  /** As the events write it: `ClassName('message')`. */
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
  /** Tasks executing now and executed so far; undefined in the answer to a remote `heartbeat` command. */
  readonly active: number | undefined;
  readonly processed: number | undefined;
  /** Name and version of the software, `py-celery 5.6.3`. */
  readonly software: string | undefined;
}

export type Event<Text> = TaskEvent<Text> | TaskResult<Text> | WorkerEvent;
