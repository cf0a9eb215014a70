/** One publication under construction: one use of a task id with its sends, deliveries and attempts. */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { ExceptionText } from '../../event/python/exception.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { AttemptOutcome, Cause } from '../transition.ts';

/** An attempt under construction; `derive/task-view.ts` turns it into the `Attempt` that later stages receive. */
export interface AttemptRecord {
  readonly key: string;
  readonly number: number;
  readonly retries: number;
  readonly isRedelivery: boolean;
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly receivedAt: Millis | undefined;
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
  /** The attempt's retry was received already, so only `task-retried` may still end this attempt. */
  isRetryReceived: boolean;
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
  end: EndWithoutAttempt | undefined;
  receivedCount: number;
}

export function newPublication(number: number, at: Millis): Publication {
  return { number, sends: [], attempts: [], waiting: [], firstAt: at, lastAt: at, end: undefined, receivedCount: 0 };
}

/** True if the publication ended for good and no send, delivery or attempt of it is open. */
export function isOver(publication: Publication): boolean {
  const { attempts, sends, waiting } = publication;
  if (publication.end !== undefined) return true;
  const last = attempts.findLast((attempt) => attempt.outcome !== undefined);
  if (last === undefined || !isFinal(last)) return false;
  if (attempts.some((attempt) => attempt.outcome === undefined && !attempt.isSuperseded)) return false;
  const retriesMax = Math.max(...attempts.map((attempt) => attempt.retries));
  if (sends.some((send) => send.retries > retriesMax)) return false;
  const sendCount = sends.filter((send) => send.retries === last.retries).length;
  return !waiting.some((delivery) => delivery.retries > retriesMax || sendCount > 1);
}

function isFinal(attempt: AttemptRecord): boolean {
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
