/**
 * The attempts of one publication under construction. The events of one worker are related by the order of its clock; the
 * attempts of several workers by their retries, never by comparing two clocks.
 */
import { attemptEndOf, type EndEvent } from './attempt-end.ts';
import { candidateFor } from './end-candidates.ts';
import { isOtherMessage } from './message.ts';
import type { AttemptRecord, Delivery, Publication } from './publication.ts';
import type { ReceivedRecordEvent, TaskRecordEvent } from './record-event.ts';

/** Adds a delivery. An open attempt of the same retries is superseded: its message was delivered again, or published again. */
export function receiveDelivery(publication: Publication, event: ReceivedRecordEvent): void {
  const { hostname, pid, at, retries, eta, digest } = event;
  publication.receivedCount += 1;
  publication.waiting.push({ hostname, pid, at, retries, eta, digest });
  for (const attempt of publication.attempts) {
    if (attempt.outcome === undefined && attempt.retries === retries) attempt.isSuperseded = true;
  }
  startExecuted(publication);
  startReplaced(publication);
}

/** Only an executing attempt publishes its retry, so a waiting delivery with fewer retries was executed without an event. */
export function startExecuted(publication: Publication): void {
  const { waiting, attempts, sends } = publication;
  if (waiting.length === 0 || waiting.length + attempts.length < 2) return;
  const retriesMax = Math.max(...[...waiting, ...attempts].map(({ retries }) => retries));
  for (const delivery of waiting.filter(({ retries }) => retries < retriesMax)) {
    const isSame = ({ retries }: { readonly retries: number }): boolean => retries === delivery.retries;
    // Two sends with one retry count have two attempts with that count.
    if (sends.filter(isSame).length > 1) continue;
    const published = attempts.some((attempt) => isSame(attempt) && canHaveRetried(attempt));
    if (!published) startAttempt(publication, delivery, waiting.indexOf(delivery));
  }
}

/** Only an executing attempt replaces itself, so a waiting delivery of another message with the same retries was executed. */
function startReplaced(publication: Publication): void {
  const { waiting } = publication;
  const last = waiting.at(-1);
  if (last === undefined || waiting.length < 2) return;
  for (const delivery of waiting.filter((one) => isReplacement(one, last))) {
    startAttempt(publication, delivery, waiting.indexOf(delivery));
  }
}

function isReplacement(delivery: Delivery, next: Delivery): boolean {
  return delivery.retries === next.retries && delivery.at <= next.at && isOtherMessage(delivery, next);
}

/** True if a later retry may have been published by `attempt`. */
export function canHaveRetried({ outcome, isSuperseded }: AttemptRecord): boolean {
  return outcome === 'retried' || (outcome === undefined && !isSuperseded);
}

/** Starts the delivery that waits on the worker of `event`. The start event of a short attempt may follow its end. */
export function beginAttempt(publication: Publication, event: TaskRecordEvent): void {
  const { waiting, attempts } = publication;
  const isHere = ({ hostname }: { readonly hostname: string }): boolean => hostname === event.hostname;
  const isWaiting = waiting.some(isHere);
  const unstarted = attempts.find(
    (attempt) => isHere(attempt) && attempt.startedAt === undefined && (attempt.isSuperseded || !isWaiting),
  );
  const attempt = unstarted ?? startAttempt(publication, event);
  attempt.startedAt = Math.min(event.at, attempt.endedAt ?? event.at);
}

/**
 * Adds an attempt on the worker of `event`, from the first delivery that waits there. Without a delivery its retries are a
 * guess, see `inferRetries`.
 */
export function startAttempt(
  { attempts, waiting, sends }: Publication,
  event: Pick<TaskRecordEvent, 'hostname' | 'pid'>,
  index = waiting.findIndex(({ hostname }) => hostname === event.hostname),
): AttemptRecord {
  const delivery = index < 0 ? undefined : waiting.splice(index, 1)[0];
  const previous = attempts.at(-1);
  const next = previous === undefined ? 0 : previous.retries + (previous.outcome === 'retried' ? 1 : 0);
  const guess = Math.max(next, ...sends.map(({ retries }) => retries));
  const attempt: AttemptRecord = {
    key: '',
    number: attempts.length + 1,
    retries: delivery?.retries ?? guess,
    isRedelivery: false,
    hostname: event.hostname,
    pid: event.pid ?? delivery?.pid,
    receivedAt: delivery?.at,
    eta: delivery?.eta,
    digest: delivery?.digest,
    startedAt: undefined,
    endedAt: undefined,
    outcome: undefined,
    cause: undefined,
    exception: undefined,
    signal: undefined,
    result: undefined,
    runtimeMs: undefined,
    isSuperseded: delivery !== undefined && waiting.some((next) => isReplacement(delivery, next)),
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
  // A retry precedes the end of its task, so this one belongs to an attempt without other events.
  if (event.type === 'task-retried' && attempt.outcome !== undefined && attempt.outcome !== 'retried') return;
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
 * The attempt that `event` ends, in this order: one on the worker of the event that is open, or was received there; one
 * that ended there before. Undefined if the task ended without an attempt.
 */
function endedAttemptOf(publication: Publication, event: EndEvent): AttemptRecord | undefined {
  const { attempts, waiting } = publication;
  const candidate = candidateFor(publication, event);
  // Every other end event comes from an executing task: only its own code rejects it, only executing tasks are terminated.
  const wasExecuting = event.type !== 'task-revoked' || event.terminated;
  if (candidate !== undefined && 'outcome' in candidate) return candidate;
  if (candidate !== undefined) {
    const index = waiting.indexOf(candidate);
    if (wasExecuting) return startAttempt(publication, event, index);
    // Revoked or expired before it started: the delivery is consumed without an attempt.
    waiting.splice(index, 1);
    return undefined;
  }
  const ended = attempts.findLast(({ hostname }) => hostname === event.hostname);
  // An attempt that ended in a retry cannot end in another way: the end belongs to the next one.
  const isNext = ended?.outcome === 'retried' && event.type !== 'task-retried' && wasExecuting;
  if (ended !== undefined && !isNext) return ended;
  const isUnregistered = event.type === 'task-failed' && attemptEndOf(event).cause === 'unregistered';
  return wasExecuting && !isUnregistered ? startAttempt(publication, event) : undefined;
}
