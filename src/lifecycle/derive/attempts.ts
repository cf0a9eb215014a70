/**
 * The attempts of one publication under construction. The events of one worker are related by the order of its clock; the
 * attempts of several workers by their retries, never by comparing two clocks.
 */
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
  publication: Publication,
  event: Pick<TaskRecordEvent, 'hostname' | 'pid'>,
  index = publication.waiting.findIndex(({ hostname }) => hostname === event.hostname),
): AttemptRecord {
  const { attempts, waiting } = publication;
  const delivery = index < 0 ? undefined : waiting.splice(index, 1)[0];
  const attempt: AttemptRecord = {
    key: '',
    number: attempts.length + 1,
    retries: delivery?.retries ?? guessRetries(publication),
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

function guessRetries({ attempts, sends }: Publication): number {
  const previous = attempts.at(-1);
  const next = previous === undefined ? 0 : previous.retries + (previous.outcome === 'retried' ? 1 : 0);
  return Math.max(next, ...sends.map(({ retries }) => retries));
}
