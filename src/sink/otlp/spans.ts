/**
 * Spans of a transition, as plain data. Pure, so that a replay writes exactly the spans that production exports.
 *
 *   shop.orders.checkout                      the task, from its first event to its end          INTERNAL
 *   ├─ send shop.orders.checkout              each publication, until its attempt starts         PRODUCER
 *   ├─ wait shop.orders.checkout              the same without an event of the publication       INTERNAL
 *   ├─ process shop.orders.checkout           each attempt                                       CONSUMER
 *   └─ shop.orders.reserve                    a task that this one sent, in the same shape
 *
 * A span is created once, when its end is known. Its id is computed from the task's id and the span's place in this tree.
 */
import type { Millis } from '../../event/ids.ts';
import type { ExceptionText } from '../../event/python/exception.ts';
import { sendOfAttempt } from '../../lifecycle/derive/task-view.ts';
import { spanIdOf } from '../../lifecycle/trace-id.ts';
import type { Attempt, Outcome, Send, Task, Transition, Wait } from '../../lifecycle/transition.ts';
import {
  type Attributes,
  defined,
  isBad,
  isoOf,
  names,
  put,
  putAttempt,
  putSend,
  taskAttributes,
} from './attributes.ts';

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

export interface SpanEvent {
  readonly name: string;
  readonly at: Millis;
  readonly attributes: Attributes;
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 'internal' | 'producer' | 'consumer';
  readonly startAt: Millis;
  readonly endAt: Millis;
  readonly isError: boolean;
  /** The failure in one line; undefined for a span without an error. */
  readonly statusMessage: string | undefined;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
}

/** Spans that `transition` completes, in the order of their start. */
export function spansOf(transition: Transition): Span[] {
  switch (transition.kind) {
    case 'attempt-ended':
      return attemptSpans(transition);
    case 'task-ended':
      // An exported span cannot be changed, so a correction is a log record.
      return transition.corrects === undefined ? [...sendSpans(transition), taskSpan(transition)] : [];
    default:
      return [];
  }
}

type Ended<Kind extends 'attempt-ended' | 'task-ended'> = Extract<Transition, { kind: Kind }>;

/** Every span name contains the task's name, because people search for the task; the queue is an attribute. */
function titleOf(task: Task): string {
  return task.name ?? 'unknown task';
}

function taskSpan(transition: Ended<'task-ended'>): Span {
  const { task, attempt, outcome, cause } = transition;
  const isError = isBadOutcome(outcome);
  const exception = attempt?.exception ?? task.exception;
  const attributes = taskAttributes(task);
  attributes[names.state] = task.state;
  attributes[names.outcome] = outcome;
  if (isInferred(outcome)) attributes[names.endInferred] = true;
  attributes[names.attempts] = task.attempts.length;
  put(attributes, names.cause, cause);
  put(attributes, names.args, task.args);
  put(attributes, names.kwargs, task.kwargs);
  put(attributes, names.eta, isoOf(task.eta));
  put(attributes, names.expires, isoOf(task.expires));
  if (isError) put(attributes, names.errorType, exception?.type ?? cause);
  return {
    traceId: task.traceId,
    spanId: task.spanId,
    parentSpanId: task.parentSpanId,
    name: titleOf(task),
    kind: 'internal',
    startAt: task.firstAt,
    endAt: endAfter(task.firstAt, transition.at),
    isError,
    statusMessage: isError ? statusOf(exception, cause) : undefined,
    attributes,
    // An exception without an attempt (of an unregistered task) has no other span for its event.
    events: attempt === undefined && isError ? exceptionEvents(exception, transition.at) : [],
    links: parentLink(task),
  };
}

/** No event reported the end: silence, a witness or a lost worker proves it. */
function isInferred(outcome: Outcome): boolean {
  return outcome === 'lost' || outcome === 'vanished' || outcome === 'unknown';
}

function isBadOutcome(outcome: Outcome): boolean {
  return outcome === 'failed' || outcome === 'exhausted' || outcome === 'lost' || outcome === 'vanished';
}

/** Attributes that identify the task of an attempt. The task's own span has the others. */
function attemptBase(task: Task): Attributes {
  const attributes: Attributes = { [names.messagingSystem]: 'celery', [names.messagingMessageId]: task.id };
  put(attributes, names.taskName, task.name);
  put(attributes, names.messagingDestination, task.queue);
  return attributes;
}

/** Spans of publications without an attempt whose start could end them. */
function sendSpans({ task, unbegun }: Ended<'task-ended'>): Span[] {
  return unbegun.map((send) => sendSpan(task, send, send.at, send.at));
}

function sendSpan(task: Task, send: Send, startAt: Millis, endAt: Millis): Span {
  const attributes = attemptBase(task);
  putSend(attributes, send);
  return childSpan(task, {
    spanId: send.spanId,
    name: `send ${titleOf(task)}`,
    kind: 'producer',
    startAt,
    endAt,
    attributes,
  });
}

/** Jaeger warns of a negative duration for a span without a length, so the shortest span has a microsecond. */
const shortestMs = 0.001;

function endAfter(startAt: Millis, endAt: Millis): Millis {
  return Math.max(endAt, startAt + shortestMs);
}

type ChildSpan = Pick<Span, 'spanId' | 'name' | 'kind' | 'startAt' | 'endAt' | 'attributes'>;

/** A child of the task's span, without an error. */
function childSpan(task: Task, { spanId, name, kind, startAt, endAt, attributes }: ChildSpan): Span {
  return {
    traceId: task.traceId,
    spanId,
    parentSpanId: task.spanId,
    name,
    kind,
    startAt,
    endAt: endAfter(startAt, endAt),
    isError: false,
    statusMessage: undefined,
    attributes,
    events: none,
    links: none,
  };
}

const none: readonly never[] = [];

function attemptSpans({ task, attempt, wait }: Ended<'attempt-ended'>): Span[] {
  const startAt = attempt.startedAt ?? attempt.receivedAt ?? attempt.endedAt ?? task.firstAt;
  const endAt = endAfter(startAt, attempt.endedAt ?? startAt);
  const attributes = attemptBase(task);
  attributes[names.messagingOperationType] = 'process';
  attributes[names.messagingOperationName] = 'run';
  putAttempt(attributes, attempt);
  const process: Span = {
    traceId: task.traceId,
    spanId: attempt.spanId,
    parentSpanId: task.spanId,
    name: `process ${titleOf(task)}`,
    kind: 'consumer',
    startAt,
    endAt,
    isError: isBad(attempt),
    statusMessage: isBad(attempt) ? statusOf(attempt.exception, attempt.cause) : undefined,
    attributes,
    events: isBad(attempt) ? exceptionEvents(attempt.exception, endAt) : [],
    links: attemptLinks(task, attempt),
  };
  return wait === undefined ? [process] : [waitSpan(task, attempt, wait), process];
}

function waitSpan(task: Task, attempt: Attempt, { send, startAt, endAt }: Wait): Span {
  if (send !== undefined) return sendSpan(task, send, startAt, endAt);
  const attributes: Attributes = { [names.messagingMessageId]: task.id, [names.attempt]: attempt.number };
  put(attributes, names.taskName, task.name);
  put(attributes, names.messagingDestination, task.queue);
  const spanId = spanIdOf(task.id, `wait.${attempt.key}`);
  return childSpan(task, { spanId, name: `wait ${titleOf(task)}`, kind: 'internal', startAt, endAt, attributes });
}

function attemptLinks(task: Task, attempt: Attempt): readonly SpanLink[] {
  const send = sendOfAttempt(task, attempt);
  const before = task.attempts[task.attempts.findIndex(({ key }) => key === attempt.key) - 1];
  if (send === undefined && before === undefined) return none;
  const links: SpanLink[] = [];
  if (send !== undefined) links.push(linkTo(task.traceId, send.spanId, 'publication'));
  if (before !== undefined)
    links.push(linkTo(task.traceId, before.spanId, attempt.isRedelivery ? 'redelivery-of' : 'retry-of'));
  return links;
}

/** A parent without events here would be a gap in the trace; a link names it instead. */
function parentLink(task: Task): SpanLink[] {
  if (task.parentId === undefined || task.parentSpanId !== undefined) return [];
  return [linkTo(task.traceId, spanIdOf(task.parentId, 'task.0'), 'parent-not-seen')];
}

function linkTo(traceId: string, spanId: string, what: string): SpanLink {
  return { traceId, spanId, attributes: { [names.link]: what } };
}

function exceptionEvents(exception: ExceptionText | undefined, at: Millis): SpanEvent[] {
  if (exception === undefined) return [];
  const attributes = defined({
    [names.exceptionType]: exception.type,
    [names.exceptionMessage]: exception.message,
    [names.exceptionStacktrace]: exception.traceback,
  });
  return [{ name: 'exception', at, attributes }];
}

const statusCharsMax = 300;

function statusOf(exception: ExceptionText | undefined, cause: string | undefined): string {
  if (exception === undefined) return cause ?? 'failed';
  const text = exception.message === '' ? exception.type : `${exception.type}: ${exception.message}`;
  return text.slice(0, statusCharsMax);
}
