/** The attempts of one publication under construction: started by deliveries, ended by events or by a later attempt. */
import type { Millis } from '../../event/ids.ts';
import { attemptEndOf, type EndEvent } from './attempt-end.ts';
import type { AttemptRecord, Publication } from './publication.ts';
import type { ReceivedRecordEvent, TaskRecordEvent } from './record-event.ts';

/** Adds a delivery, and closes what it contradicts: open attempts of the same or of earlier retries. */
export function receiveDelivery(publication: Publication, event: ReceivedRecordEvent): void {
  const { hostname, pid, at, retries, eta } = event;
  publication.receivedCount += 1;
  markRetryReceived(publication, retries);
  publication.waiting.push({ hostname, pid, at, retries, eta });
  supersede(publication, retries, at);
}

/** Only an executing attempt publishes its retry, so a waiting delivery with fewer retries was executed without an event. */
function markRetryReceived(publication: Publication, retries: number): void {
  const { waiting, sends, attempts } = publication;
  for (const delivery of waiting.filter((one) => one.retries < retries)) {
    // Two sends with one retry count have two attempts with that count.
    if (sends.filter((send) => send.retries === delivery.retries).length > 1) continue;
    if (attempts.some((attempt) => attempt.retries === delivery.retries)) waiting.splice(waiting.indexOf(delivery), 1);
    else startAttempt(publication, delivery).isRetryReceived = true;
  }
}

/** A delivery with the same retry count and no send of its own follows an attempt that never ended. */
function supersede({ attempts, sends }: Publication, retries: number, at: Millis): void {
  for (const attempt of attempts) {
    if (attempt.outcome !== undefined || attempt.retries !== retries || attempt.isSuperseded) continue;
    // Compared with the receipt: a busy worker reports the start late, and the task may have published itself by then.
    const since = attempt.receivedAt ?? attempt.startedAt ?? at;
    const isSentAgain = sends.some((send) => send.retries === retries && send.at > since);
    attempt.isSuperseded = true;
    // `replace()` publishes the task's own id again and ends this attempt without an event.
    if (isSentAgain) attempt.cause = 'replaced';
  }
}

/** Adds an attempt on the worker of `event`, started from the first delivery that waits there. */
export function startAttempt(
  { number, attempts, sends, waiting }: Publication,
  event: Pick<TaskRecordEvent, 'hostname' | 'pid'>,
): AttemptRecord {
  const index = waiting.findIndex((delivery) => delivery.hostname === event.hostname);
  const delivery = index < 0 ? undefined : waiting.splice(index, 1)[0];
  const previous = attempts.at(-1);
  const retries =
    delivery?.retries ?? (previous === undefined ? 0 : previous.retries + (previous.outcome === 'retried' ? 1 : 0));
  const nth = attempts.filter((attempt) => attempt.retries === retries).length + 1;
  const sendCount = sends.filter((send) => send.retries === retries).length;
  const attempt: AttemptRecord = {
    key: `${number}.${retries}.${nth}`,
    number: attempts.length + 1,
    retries,
    isRedelivery: nth > 1 && nth > sendCount,
    hostname: event.hostname,
    pid: event.pid ?? delivery?.pid,
    receivedAt: delivery?.at,
    startedAt: undefined,
    endedAt: undefined,
    outcome: undefined,
    cause: undefined,
    exception: undefined,
    signal: undefined,
    result: undefined,
    runtimeMs: undefined,
    isSuperseded: false,
    isRetryReceived: false,
  };
  attempts.push(attempt);
  return attempt;
}

export function endAttempt(publication: Publication, event: EndEvent): void {
  const attempt = endedAttemptOf(publication, event);
  const { outcome, cause, exception, signal } = attemptEndOf(event);
  if (attempt === undefined) {
    publication.end ??= { at: event.at, hostname: event.hostname, outcome, cause: cause ?? 'app-error', exception };
    return;
  }
  // The gevent pool reports an attempt that it has just killed as a success without a runtime.
  if (attempt.cause === 'terminated' && event.type === 'task-succeeded' && event.runtimeMs === undefined) return;
  attempt.endedAt = Math.max(event.at, attempt.endedAt ?? event.at);
  attempt.outcome = outcome;
  attempt.cause = cause;
  attempt.exception = exception ?? attempt.exception;
  attempt.signal = signal ?? attempt.signal;
  if (event.type !== 'task-succeeded') return;
  attempt.result = event.result;
  attempt.runtimeMs = event.runtimeMs;
}

/**
 * The attempt that `event` ends, in this order: an open one on the worker of the event; one whose start event was lost; one
 * that ended there before. Undefined if the task ended without an attempt.
 */
function endedAttemptOf(publication: Publication, event: EndEvent): AttemptRecord | undefined {
  const { attempts, waiting } = publication;
  const isHere = (attempt: AttemptRecord): boolean => attempt.hostname === event.hostname;
  const canEnd = (attempt: AttemptRecord): boolean =>
    attempt.outcome === undefined &&
    attempt.cause !== 'replaced' &&
    (!attempt.isRetryReceived || event.type === 'task-retried');
  const open = attempts.filter((attempt) => isHere(attempt) && canEnd(attempt));
  if (open.length > 0) return open.find((attempt) => !attempt.isSuperseded) ?? open[0];
  const waitingIndex = waiting.findIndex((delivery) => delivery.hostname === event.hostname);
  // Every other end event comes from an executing task: only its own code rejects it, only executing tasks are terminated.
  const wasExecuting = event.type !== 'task-revoked' || event.terminated;
  if (waitingIndex >= 0) {
    if (wasExecuting) return startAttempt(publication, event);
    // Revoked or expired before it started: the delivery is consumed without an attempt.
    waiting.splice(waitingIndex, 1);
    return undefined;
  }
  const ended = attempts.findLast(isHere);
  if (ended !== undefined) return ended;
  const isUnregistered = event.type === 'task-failed' && attemptEndOf(event).cause === 'unregistered';
  return wasExecuting && !isUnregistered ? startAttempt(publication, event) : undefined;
}

/** An attempt with more retries exists, so each open attempt before it ended in a retry whose event was lost. */
export function concludeRetriedAttempts({ attempts, sends }: Publication): void {
  for (const attempt of attempts) {
    if (attempt.outcome !== undefined || attempt.isSuperseded) continue;
    const next = attempts.find(({ retries }) => retries > attempt.retries);
    if (next === undefined) continue;
    const sentAt = sends.find(({ retries }) => retries === next.retries)?.at;
    attempt.outcome = 'retried';
    attempt.endedAt = Math.max(attempt.startedAt ?? 0, sentAt ?? next.receivedAt ?? next.startedAt ?? 0);
  }
}
