/** The attributes of a task, stored once however often it is sent and received. */
import type { Millis, TaskId } from '../../event/ids.ts';
import { readException, unregisteredName } from '../../event/python/exception.ts';
import type { TaskEvent } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';

export interface TaskAttributes {
  readonly id: TaskId;
  readonly name: Redacted | undefined;
  readonly args: Redacted | undefined;
  readonly kwargs: Redacted | undefined;
  readonly rootId: TaskId | undefined;
  readonly parentId: TaskId | undefined;
  readonly groupId: TaskId | undefined;
  readonly queue: string | undefined;
  readonly eta: Millis | undefined;
  readonly expires: Millis | undefined;
}

/** Without the ids that relate the task to others: a task record stores those directly. */
export type StoredAttributes = Omit<TaskAttributes, 'id' | 'rootId' | 'parentId'>;

export const noAttributes: StoredAttributes = {
  name: undefined,
  args: undefined,
  kwargs: undefined,
  groupId: undefined,
  queue: undefined,
  eta: undefined,
  expires: undefined,
};

/**
 * The attributes after `event`. The first event by the sender's time wins, because a retry repeats the attributes and a
 * replaced task carries another name; later events only fill in what is missing. `isFirst`: no stored event is earlier.
 */
export function mergeAttributes(
  stored: StoredAttributes,
  event: TaskEvent<Redacted>,
  isFirst: boolean,
): StoredAttributes {
  if (event.type === 'task-failed' && stored.name === undefined) {
    // A worker that does not know the task sends the name in the exception only: `NotRegistered('billing.charge')`.
    const name = unregisteredName(readException(event.exception, event.traceback));
    return name === undefined ? stored : { ...stored, name };
  }
  if (event.type !== 'task-sent' && event.type !== 'task-received') return stored;
  const { name, args, kwargs, eta, expires } = event;
  const queue = event.type === 'task-sent' ? event.queue : undefined;
  const added: StoredAttributes = { name, args, kwargs, groupId: undefined, queue, eta, expires };
  return isFirst ? fillIn(added, stored) : fillIn(stored, added);
}

function fillIn(first: StoredAttributes, second: StoredAttributes): StoredAttributes {
  return {
    name: first.name ?? second.name,
    args: first.args ?? second.args,
    kwargs: first.kwargs ?? second.kwargs,
    groupId: first.groupId ?? second.groupId,
    queue: first.queue ?? second.queue,
    eta: first.eta ?? second.eta,
    expires: first.expires ?? second.expires,
  };
}

/**
 * Undefined for a task that is its own root or its own parent: a retry names the task itself as parent, and `replace()`
 * names a step that the task started.
 */
export function parentIdOf(event: Extract<TaskEvent<Redacted>, { parentId: unknown }>): TaskId | undefined {
  return event.rootId === event.id || event.parentId === event.id ? undefined : event.parentId;
}
