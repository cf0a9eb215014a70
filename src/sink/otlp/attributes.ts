/**
 * Every attribute name of a span or a log record, declared once. The compiler compares the names of OpenTelemetry's semantic
 * conventions with those of the package; nothing of it is loaded, because the attributes are also needed where OTLP is off.
 * `celery.*` are the names of the Python instrumentation for Celery, `taskvigil.*` are this project's own.
 */
import type {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_CONVERSATION_ID,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
} from '@opentelemetry/semantic-conventions/incubating';
import type { Attempt, Send, Task } from '../../lifecycle/transition.ts';

export type AttributeValue = string | number | boolean | readonly string[];
export type Attributes = Record<string, AttributeValue>;

export const names = {
  messagingSystem: 'messaging.system' satisfies typeof ATTR_MESSAGING_SYSTEM,
  messagingOperationType: 'messaging.operation.type' satisfies typeof ATTR_MESSAGING_OPERATION_TYPE,
  messagingOperationName: 'messaging.operation.name' satisfies typeof ATTR_MESSAGING_OPERATION_NAME,
  messagingDestination: 'messaging.destination.name' satisfies typeof ATTR_MESSAGING_DESTINATION_NAME,
  messagingMessageId: 'messaging.message.id' satisfies typeof ATTR_MESSAGING_MESSAGE_ID,
  messagingConversationId: 'messaging.message.conversation_id' satisfies typeof ATTR_MESSAGING_MESSAGE_CONVERSATION_ID,
  errorType: 'error.type' satisfies typeof ATTR_ERROR_TYPE,
  exceptionType: 'exception.type' satisfies typeof ATTR_EXCEPTION_TYPE,
  exceptionMessage: 'exception.message' satisfies typeof ATTR_EXCEPTION_MESSAGE,
  exceptionStacktrace: 'exception.stacktrace' satisfies typeof ATTR_EXCEPTION_STACKTRACE,
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
  endInferred: 'taskvigil.end.inferred',
  cause: 'taskvigil.cause',
  signal: 'taskvigil.signal',
  attempt: 'taskvigil.attempt',
  attempts: 'taskvigil.attempts',
  isRedelivery: 'taskvigil.redelivery',
  link: 'taskvigil.link',
  transition: 'taskvigil.transition',
  corrects: 'taskvigil.corrects',
  groupId: 'celery.group_id',
  groupMembers: 'taskvigil.group.members',
  groupFailed: 'taskvigil.group.failed',
  note: 'taskvigil.note',
  suspected: 'taskvigil.suspected',
  clearedBy: 'taskvigil.cleared_by',
  comesBackBecause: 'taskvigil.comes_back.reason',
  comesBackAt: 'taskvigil.comes_back.at',
} as const;

/** Attributes of every log record of a task and of the task's span. */
export function taskAttributes(task: Task): Attributes {
  const attributes: Attributes = {
    [names.messagingSystem]: 'celery',
    [names.messagingMessageId]: task.id,
    [names.messagingConversationId]: task.rootId,
    [names.taskId]: task.id,
  };
  put(attributes, names.taskName, task.name);
  put(attributes, names.messagingDestination, task.queue);
  put(attributes, names.parentId, task.parentId);
  put(attributes, names.groupId, task.groupId);
  return attributes;
}

/** The attributes of an attempt that exist from its start. */
export function putStart(attributes: Attributes, attempt: Attempt): void {
  attributes[names.hostname] = attempt.hostname;
  attributes[names.retries] = attempt.retries;
  attributes[names.attempt] = attempt.number;
  put(attributes, names.workerPid, attempt.pid);
  if (attempt.isRedelivery) attributes[names.isRedelivery] = true;
}

export function putAttempt(attributes: Attributes, attempt: Attempt): void {
  const { outcome, cause, exception } = attempt;
  putStart(attributes, attempt);
  put(attributes, names.outcome, outcome);
  if (outcome === 'lost' || outcome === 'unknown') attributes[names.endInferred] = true;
  put(attributes, names.cause, cause);
  put(attributes, names.signal, attempt.signal);
  put(attributes, names.result, attempt.result);
  if (isBad(attempt)) put(attributes, names.errorType, exception?.type ?? cause);
  if (outcome === 'retried') put(attributes, names.retryReason, exception?.message);
  if (outcome === 'revoked') put(attributes, names.revokedReason, cause);
}

export function putSend(attributes: Attributes, send: Send): void {
  attributes[names.messagingOperationType] = 'send';
  attributes[names.messagingOperationName] = 'apply_async';
  put(attributes, names.messagingDestination, send.queue ?? send.routingKey);
  attributes[names.hostname] = send.hostname;
  attributes[names.retries] = send.retries;
}

/** Sets one attribute, unless its value is undefined. */
export function put(attributes: Attributes, name: string, value: AttributeValue | undefined): void {
  if (value !== undefined) attributes[name] = value;
}

/** True for an attempt whose span is an error. A retried attempt has failed, whatever the outcome of the task is. */
export function isBad(attempt: Attempt): boolean {
  return attempt.outcome === 'failed' || attempt.outcome === 'lost' || attempt.outcome === 'retried';
}

export function defined(values: Record<string, AttributeValue | undefined>): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) attributes[name] = value;
  return attributes;
}

/** ISO 8601; undefined without a time, and for a time beyond the range of a Date. */
export function isoOf(at: number | undefined): string | undefined {
  // A producer's wrong eta, in the year 275760, must not throw here.
  return at === undefined || Math.abs(at) > 8.64e15 ? undefined : new Date(at).toISOString();
}
