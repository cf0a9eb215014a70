/** The end of an attempt, and the choice of that attempt if several are open on the worker of an end event. */
import { attemptEndOf, type EndEvent } from './attempt-end.ts';
import { startAttempt } from './attempts.ts';
import { isReplacedBy } from './message.ts';
import type { AttemptRecord, Delivery, Publication } from './publication.ts';

type Candidate = AttemptRecord | Delivery;

/** The runtime in an event names the start of its attempt about this exactly: the worker reports starts when it has time. */
const runtimeToleranceMs = 1_000;

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

/** The open attempt, or the delivery without a start event, that `event` ends; undefined if none is on its worker. */
function candidateFor(publication: Publication, event: EndEvent): Candidate | undefined {
  const isHere = ({ hostname }: Candidate): boolean => hostname === event.hostname;
  const open = publication.attempts.filter((attempt) => isHere(attempt) && attempt.outcome === undefined);
  const waiting = publication.waiting.filter(isHere);
  if (open.length + waiting.length < 2) return onlyCandidate(publication, open[0] ?? waiting[0], event);
  const all = [...open, ...waiting];
  // `task-retried` may be stamped later than events of the next attempt.
  if (event.type === 'task-retried') return first(all, compareForRetry);
  const begun = event.type === 'task-succeeded' ? all.filter((candidate) => couldBegin(candidate, event)) : [];
  // A retried attempt has ended, so most retries come first.
  return first(
    begun.length > 0 ? begun : all,
    (a, b) => b.retries - a.retries || compareLikelihood(publication, a, b) || compareStarts(a, b),
  );
}

function first(
  candidates: readonly Candidate[],
  compare: (a: Candidate, b: Candidate) => number,
): Candidate | undefined {
  return candidates.toSorted(compare)[0];
}

/** A retried attempt may end as `task-retried` only, and where that was missed another attempt follows on any worker. */
function onlyCandidate(
  publication: Publication,
  candidate: Candidate | undefined,
  event: EndEvent,
): Candidate | undefined {
  if (candidate === undefined || event.type === 'task-retried' || event.type === 'task-revoked') return candidate;
  if (!isRetryDelivered(publication, candidate)) return candidate;
  // `retry(throw=False)` publishes the retry and goes on to a success of its own.
  const isNamed = 'outcome' in candidate && event.type === 'task-succeeded' && couldBegin(candidate, event);
  return isNamed ? candidate : undefined;
}

/** Only an executing attempt publishes its retry. */
function isRetryDelivered({ attempts, waiting }: Publication, { retries }: Candidate): boolean {
  return (
    waiting.some((delivery) => delivery.retries > retries) ||
    attempts.some((attempt) => attempt.receivedAt !== undefined && attempt.retries > retries)
  );
}

/** True if `event` minus its runtime is about the start of `candidate`, and not before its receipt. */
function couldBegin(candidate: Candidate, event: Extract<EndEvent, { type: 'task-succeeded' }>): boolean {
  if (event.runtimeMs === undefined) return false;
  const beganAt = event.at - event.runtimeMs;
  if (!('outcome' in candidate)) return candidate.at <= beganAt;
  const { receivedAt = Number.NEGATIVE_INFINITY, startedAt = receivedAt } = candidate;
  return receivedAt <= beganAt && Math.abs(startedAt - beganAt) <= runtimeToleranceMs;
}

/** The one that began first ends first. */
function compareStarts(a: Candidate, b: Candidate): number {
  return startOf(a) - startOf(b);
}

function startOf(candidate: Candidate): number {
  return 'outcome' in candidate ? (candidate.startedAt ?? candidate.receivedAt ?? 0) : candidate.at;
}

/** An attempt whose message came again hardly ends in a retry. */
function compareForRetry(a: Candidate, b: Candidate): number {
  const isSuperseded = (candidate: Candidate): boolean => 'outcome' in candidate && candidate.isSuperseded;
  return Number(isSuperseded(a)) - Number(isSuperseded(b)) || a.retries - b.retries;
}

/** An attempt that runs first, then one whose message came again, then a delivery. */
function compareLikelihood(publication: Publication, a: Candidate, b: Candidate): number {
  const rankOf = (candidate: Candidate): number => {
    if (!('outcome' in candidate)) return 1;
    if (!candidate.isSuperseded) return 3;
    return isReplacedBy(publication, candidate, publication.waiting.at(-1)) ? 0 : 2;
  };
  return rankOf(b) - rankOf(a);
}
