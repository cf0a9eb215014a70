/**
 * Every attribute name that leaves on a span or a log record, once. `messaging.*`, `error.*`, `exception.*` and
 * `service.*` are OpenTelemetry semantic conventions 1.45 (the messaging ones are marked "development" there), `celery.*`
 * is what the Python instrumentation for Celery writes, `taskvigil.*` is ours.
 */
import type { Attempt, Send, Task } from '../lifecycle/transition.ts';

export type AttributeValue = string | number | boolean | readonly string[];
export type Attributes = Record<string, AttributeValue>;

export const names = {
  messagingSystem: 'messaging.system',
  messagingOperationType: 'messaging.operation.type',
  messagingOperationName: 'messaging.operation.name',
  messagingDestination: 'messaging.destination.name',
  messagingMessageId: 'messaging.message.id',
  messagingConversationId: 'messaging.message.conversation_id',
  errorType: 'error.type',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  exceptionStacktrace: 'exception.stacktrace',
  taskName: 'celery.task_name',
  taskId: 'celery.task_id',
  parentId: 'celery.parent_id',
  hostname: 'celery.hostname',
  retries: 'celery.retries',
  state: 'celery.state',
  retryReason: 'celery.retry.reason',
  revokedReason: 'celery.revoked.reason',
  args: 'celery.args',
  kwargs: 'celery.kwargs',
  result: 'celery.result',
  eta: 'celery.eta',
  expires: 'celery.expires',
  workerPid: 'celery.worker.pid',
  outcome: 'taskvigil.outcome',
  cause: 'taskvigil.cause',
  signal: 'taskvigil.signal',
  attempt: 'taskvigil.attempt',
  attempts: 'taskvigil.attempts',
  isRedelivery: 'taskvigil.redelivery',
  link: 'taskvigil.link',
  transition: 'taskvigil.transition',
  corrects: 'taskvigil.corrects',
  groupId: 'celery.group_id',
  note: 'taskvigil.note',
  suspected: 'taskvigil.suspected',
  clearedBy: 'taskvigil.cleared_by',
  comesBackBecause: 'taskvigil.comes_back.reason',
  comesBackAt: 'taskvigil.comes_back.at',
} as const;

/** Attributes that every span and record of one task carries. */
export function taskAttributes(task: Task): Attributes {
  return defined({
    [names.messagingSystem]: 'celery',
    [names.messagingMessageId]: task.id,
    [names.messagingConversationId]: task.rootId,
    [names.messagingDestination]: task.queue,
    [names.taskName]: task.name,
    [names.taskId]: task.id,
    [names.parentId]: task.parentId,
    [names.groupId]: task.groupId,
  });
}

export function attemptAttributes(attempt: Attempt): Attributes {
  return defined({
    [names.hostname]: attempt.hostname,
    [names.workerPid]: attempt.pid,
    [names.retries]: attempt.retries,
    [names.attempt]: attempt.number,
    [names.isRedelivery]: attempt.isRedelivery ? true : undefined,
    [names.outcome]: attempt.outcome,
    [names.cause]: attempt.cause,
    [names.signal]: attempt.signal,
    [names.errorType]: isBad(attempt) ? (attempt.exception?.type ?? attempt.cause) : undefined,
    [names.result]: attempt.result,
    [names.retryReason]: attempt.outcome === 'retried' ? attempt.exception?.message : undefined,
    [names.revokedReason]: attempt.outcome === 'revoked' ? attempt.cause : undefined,
  });
}

export function sendAttributes(send: Send): Attributes {
  return defined({
    [names.messagingOperationType]: 'send',
    [names.messagingOperationName]: 'apply_async',
    [names.messagingDestination]: send.queue ?? send.routingKey,
    [names.hostname]: send.hostname,
    [names.retries]: send.retries,
  });
}

/** An attempt whose span is an error. A retry is one: that attempt did fail, whatever becomes of the task. */
export function isBad(attempt: Attempt): boolean {
  return attempt.outcome === 'failed' || attempt.outcome === 'lost' || attempt.outcome === 'retried';
}

export function defined(values: Record<string, AttributeValue | undefined>): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) attributes[name] = value;
  return attributes;
}
