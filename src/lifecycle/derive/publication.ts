/** One publication under construction: one use of a task id with its sends, deliveries and attempts. */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { ExceptionText } from '../../event/python/exception.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { AttemptOutcome, Cause } from '../transition.ts';

/** An attempt under construction; `derive/task-view.ts` turns it into the `Attempt` that later stages receive. */
export interface AttemptRecord {
  /** Key, number and `isRedelivery` follow from the other attempts: `finishAttempts` sets them. */
  key: string;
  number: number;
  retries: number;
  isRedelivery: boolean;
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  /** Undefined if the receipt was missed; then `retries` is inferred. */
  readonly receivedAt: Millis | undefined;
  /** Earliest start that the delivered message asked for. */
  readonly eta: Millis | undefined;
  /** As in `Delivery`. */
  readonly digest: number | undefined;
  startedAt: Millis | undefined;
  endedAt: Millis | undefined;
  outcome: AttemptOutcome | undefined;
  cause: Cause | undefined;
  exception: ExceptionText | undefined;
  signal: string | undefined;
  result: Redacted | undefined;
  runtimeMs: number | undefined;
  /** The broker delivered the same message again: the worker died, or two workers execute it. */
  isSuperseded: boolean;
}

/** One `task-sent`. */
export interface SendRecord {
  readonly at: Millis;
  readonly hostname: Hostname;
  readonly retries: number;
  readonly queue: string | undefined;
  readonly exchange: string | undefined;
  readonly routingKey: string | undefined;
  readonly eta: Millis | undefined;
}

/** A `task-received` that no attempt has started from yet. */
export interface Delivery {
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly at: Millis;
  readonly retries: number;
  readonly eta: Millis | undefined;
  /** Differs between two messages with one id; undefined if unknown. */
  readonly digest: number | undefined;
}

/** The end of a publication that no attempt ended: revoked, expired or unregistered. */
export interface EndWithoutAttempt {
  readonly at: Millis;
  readonly hostname: Hostname;
  readonly outcome: AttemptOutcome;
  readonly cause: Cause;
  readonly exception: ExceptionText | undefined;
}

export interface Publication {
  /** 0 for the first use of the id. */
  readonly number: number;
  readonly sends: SendRecord[];
  readonly attempts: AttemptRecord[];
  readonly waiting: Delivery[];
  firstAt: Millis;
  lastAt: Millis;
  /** The end event that was received last. */
  lastEnd: { readonly receivedAt: Millis; readonly hostname: Hostname } | undefined;
  end: EndWithoutAttempt | undefined;
  receivedCount: number;
}

export function newPublication(number: number, at: Millis): Publication {
  return {
    number,
    sends: [],
    attempts: [],
    waiting: [],
    firstAt: at,
    lastAt: at,
    lastEnd: undefined,
    end: undefined,
    receivedCount: 0,
  };
}

/** The attempt that decides how the publication ended: of those with the most retries, the one that ended last. */
export function decidingAttempt({ attempts }: Publication): AttemptRecord | undefined {
  let last: AttemptRecord | undefined;
  for (const attempt of attempts) {
    if (attempt.outcome === undefined) continue;
    if (last === undefined || compareEnds(attempt, last) >= 0) last = attempt;
  }
  return last;
}

/** By retries; a final end follows one after which the message came again, whatever two clocks show. */
function compareEnds(a: AttemptRecord, b: AttemptRecord): number {
  return a.retries - b.retries || Number(isFinal(a)) - Number(isFinal(b)) || (a.endedAt ?? 0) - (b.endedAt ?? 0);
}

/** True if the publication ended for good and no send, delivery or attempt of it is open. */
export function isOver(publication: Publication): boolean {
  const { attempts, sends, waiting } = publication;
  if (publication.end !== undefined) return true;
  const last = decidingAttempt(publication);
  if (last === undefined || !isFinal(last)) return false;
  // One with fewer retries ended in a retry whose event was missed, one with equal retries repeats work that has ended.
  const isOpen = ({ outcome, retries }: AttemptRecord): boolean => outcome === undefined && retries > last.retries;
  if (attempts.some(isOpen)) return false;
  const retriesMax = Math.max(...attempts.map((attempt) => attempt.retries));
  if (sends.some((send) => send.retries > retriesMax)) return false;
  const sendCount = sends.filter((send) => send.retries === last.retries).length;
  return !waiting.some((delivery) => delivery.retries > retriesMax || sendCount > 1);
}

export function isFinal(attempt: AttemptRecord): boolean {
  switch (attempt.outcome) {
    case 'succeeded':
    case 'failed':
    case 'revoked':
      return true;
    case 'rejected':
      return attempt.cause !== 'requeued';
    default:
      return false;
  }
}
