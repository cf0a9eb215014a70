/** Events as a task record stores them, and their order. */
import type { Millis } from '../../event/ids.ts';
import type { TaskEvent, TaskReceived, TaskSent } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { TaskState } from '../transition.ts';

/** Fields that describe the task rather than the event: stored once per task, see `derive/task-attributes.ts`. */
type AttributeField = 'name' | 'args' | 'kwargs' | 'rootId' | 'parentId' | 'expires';
export type SentRecordEvent = Omit<TaskSent<Redacted>, AttributeField>;
export type ReceivedRecordEvent = Omit<TaskReceived<Redacted>, AttributeField>;

/** An event without the attributes of its task. `at` is the sender's time by our clock, as far as that is known. */
export type TaskRecordEvent = { readonly skewMs?: Millis | undefined } & (
  | SentRecordEvent
  | ReceivedRecordEvent
  | Exclude<TaskEvent<Redacted>, TaskSent<Redacted> | TaskReceived<Redacted>>
);

/** The time in the event: `at` plus what the sender's clock is ahead of ours. */
function sentAt({ at, skewMs }: TaskRecordEvent): Millis {
  return at + (skewMs ?? 0);
}

/** Two times that differ by less are one: subtraction and addition of an offset round. */
const sameTimeMs = 0.01;

/** True for the same event received twice, however its time was corrected. */
export function isSameEvent(a: TaskRecordEvent, b: TaskRecordEvent): boolean {
  return (
    a.type === b.type &&
    Math.abs(sentAt(a) - sentAt(b)) < sameTimeMs &&
    a.hostname === b.hostname &&
    (a.pid ?? 0) === (b.pid ?? 0)
  );
}

/** Order of events with one timestamp: Celery emits an attempt's events in this order. */
const rank: Record<TaskRecordEvent['type'], number> = {
  'task-sent': 0,
  'task-received': 1,
  'task-started': 2,
  'task-retried': 3,
  'task-succeeded': 3,
  'task-failed': 3,
  'task-revoked': 3,
  'task-cancelled': 3,
  'task-rejected': 4,
};

const stateAfter: Record<TaskRecordEvent['type'], TaskState> = {
  'task-sent': 'sent',
  'task-received': 'received',
  'task-started': 'started',
  'task-retried': 'retry',
  'task-succeeded': 'success',
  'task-failed': 'failure',
  'task-revoked': 'revoked',
  'task-cancelled': 'cancelled',
  'task-rejected': 'rejected',
};

/** A total order of one task's events: by the sender's time, then by rank, type, host and process. */
export function compareRecordEvents(a: TaskRecordEvent, b: TaskRecordEvent): number {
  if (a.at !== b.at) return a.at - b.at;
  if (rank[a.type] !== rank[b.type]) return rank[a.type] - rank[b.type];
  if (a.type !== b.type) return a.type < b.type ? -1 : 1;
  if (a.hostname !== b.hostname) return a.hostname < b.hostname ? -1 : 1;
  return (a.pid ?? 0) - (b.pid ?? 0);
}

/** Celery's state after `events`, which are sorted. A publication changes no state that a worker has reported. */
export function stateAfterLast(events: readonly TaskRecordEvent[]): TaskState {
  const last = events.findLast((event) => event.type !== 'task-sent');
  return last === undefined ? 'sent' : stateAfter[last.type];
}
