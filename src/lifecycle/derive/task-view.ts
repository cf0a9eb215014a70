/** A publication under construction → the plain data that later stages receive. */
import type { TaskId } from '../../event/ids.ts';
import { spanIdOf, taskPart, traceIdOf } from '../trace-id.ts';
import type { Attempt, Send, Task, TaskState, Wait } from '../transition.ts';
import type { AttemptRecord, Publication, SendRecord } from './publication.ts';
import type { TaskAttributes } from './task-attributes.ts';

export interface TaskParts {
  readonly attributes: TaskAttributes;
  readonly publication: Publication;
  readonly state: TaskState;
  readonly parentSpanId: string | undefined;
}

export function taskOf({ attributes, publication, state, parentSpanId }: TaskParts): Task {
  const rootId = attributes.rootId ?? attributes.id;
  return {
    id: attributes.id,
    name: attributes.name,
    args: attributes.args,
    kwargs: attributes.kwargs,
    queue: attributes.queue ?? publication.sends.findLast((send) => send.queue !== undefined)?.queue,
    rootId,
    parentId: attributes.parentId,
    groupId: attributes.groupId,
    publication: publication.number,
    eta: attributes.eta,
    expires: attributes.expires,
    firstAt: publication.firstAt,
    lastAt: publication.lastAt,
    state,
    sends: publication.sends.map((send, index) => sendOf(attributes.id, publication, { send, index })),
    attempts: publication.attempts.map((attempt) => attemptOf(attributes.id, attempt)),
    exception: publication.end?.exception,
    traceId: traceIdOf(rootId),
    spanId: spanIdOf(attributes.id, taskPart(publication.number)),
    parentSpanId,
  };
}

/** Field by field: a spread costs more than the rest of the function, and this runs for every attempt. */
export function attemptOf(id: TaskId, attempt: AttemptRecord): Attempt {
  return {
    key: attempt.key,
    number: attempt.number,
    retries: attempt.retries,
    isRedelivery: attempt.isRedelivery,
    hostname: attempt.hostname,
    pid: attempt.pid,
    receivedAt: attempt.receivedAt,
    eta: attempt.eta,
    startedAt: attempt.startedAt,
    endedAt: attempt.endedAt,
    outcome: attempt.outcome,
    cause: attempt.cause,
    exception: attempt.exception,
    signal: attempt.signal,
    result: attempt.result,
    runtimeMs: attempt.runtimeMs,
    spanId: spanIdOf(id, `attempt.${attempt.key}`),
  };
}

/** The key counts sends with the same retries, so that a `task-sent` which arrives late does not change the other keys. */
function sendOf(
  id: TaskId,
  { number, sends }: Publication,
  { send, index }: { readonly send: SendRecord; readonly index: number },
): Send {
  const { at, hostname, retries, queue, exchange, routingKey } = send;
  let nth = 1;
  for (let before = 0; before < index; before += 1) if (sends[before]?.retries === retries) nth += 1;
  const key = `${number}.${retries}.${nth}`;
  return { key, at, hostname, retries, queue, exchange, routingKey, spanId: spanIdOf(id, `send.${key}`) };
}

/** The send that the attempt began with, by equal keys: `replace()` sends an id again, and the nth send has the nth attempt. */
export function sendOfAttempt(task: Task, { key }: Attempt): Send | undefined {
  return task.sends.find((send) => send.key === key);
}

/**
 * The time the message waited for a pool slot. It starts at the send, or at the receipt for a redelivery and where no send
 * event exists, and never before the eta of this publication. A `task-sent` is stamped after the message went out, so a wait
 * with a send has no negative length: it ends at the start of the attempt. Undefined if the task did not wait.
 */
export function waitOf(task: Task, attempt: Attempt): Wait | undefined {
  if (attempt.startedAt === undefined) return undefined;
  const send = attempt.isRedelivery ? undefined : sendOfAttempt(task, attempt);
  const queuedAt = send?.at ?? attempt.receivedAt;
  if (queuedAt === undefined) return undefined;
  const endAt = attempt.startedAt;
  const eta = attempt.eta ?? (attempt.retries === 0 ? task.eta : undefined);
  const startAt = Math.min(Math.max(queuedAt, eta ?? 0), endAt);
  return startAt < endAt || send !== undefined ? { send, startAt, endAt } : undefined;
}
