/** How a publication ended: its outcome follows from the attempt with the most retries, or from an end without an attempt. */
import type { Millis } from '../../event/ids.ts';
import type { AttemptOutcome, Cause, Outcome, TaskState } from '../transition.ts';
import { type AttemptRecord, decidingAttempt, isOver, type Publication } from './publication.ts';
import { stateAfterLast, type TaskRecordEvent } from './record-event.ts';

export interface PublicationEnd {
  readonly at: Millis;
  readonly outcome: Outcome;
  readonly cause: Cause | undefined;
  /** Undefined if the publication ended without an attempt. */
  readonly attempt: AttemptRecord | undefined;
}

/** Undefined while an attempt, a delivery or a send may still follow. */
export function endOfPublication(publication: Publication): PublicationEnd | undefined {
  if (!isOver(publication)) return undefined;
  const { end, attempts } = publication;
  if (end !== undefined && attempts.every(({ outcome }) => outcome === undefined || outcome === 'retried')) {
    const outcome = outcomeOf(publication, {
      outcome: end.outcome,
      cause: end.cause,
      retries: 0,
      number: attempts.length + 1,
    });
    return { at: end.at, outcome, cause: end.cause, attempt: undefined };
  }
  const last = decidingAttempt(publication);
  if (last === undefined) return undefined;
  return {
    at: last.endedAt ?? publication.lastAt,
    outcome: outcomeOf(publication, last),
    cause: last.cause,
    attempt: last,
  };
}

const stateAtEnd: Partial<Record<Outcome, TaskState>> = {
  succeeded: 'success',
  recovered: 'success',
  failed: 'failure',
  exhausted: 'failure',
  revoked: 'revoked',
  expired: 'revoked',
  rejected: 'rejected',
  cancelled: 'cancelled',
};

/** States after which no attempt follows; a rejected or cancelled message may be delivered again. */
const finalStates: readonly TaskState[] = ['success', 'failure', 'revoked'];

/** Celery's state: after the last of `events`, unless that is an event from before the end, stamped too late. */
export function stateOf(publication: Publication, events: readonly TaskRecordEvent[]): TaskState {
  const state = stateAfterLast(events);
  if (finalStates.includes(state)) return state;
  const end = endOfPublication(publication);
  return (end === undefined ? undefined : stateAtEnd[end.outcome]) ?? state;
}

interface DecidingEnd {
  readonly outcome: AttemptOutcome | undefined;
  readonly cause: Cause | undefined;
  /** Retries of the deciding attempt, because the events of all earlier attempts may be lost. */
  readonly retries: number;
  readonly number: number;
}

function outcomeOf({ attempts }: Publication, { outcome, cause, retries, number }: DecidingEnd): Outcome {
  switch (outcome) {
    case 'succeeded':
      // An attempt after a failure, a retry or a loss recovers the task; one after a success only repeats the work.
      return attempts.some((attempt) => isSetback(attempt, number)) || hasUnseenRetry(attempts, retries)
        ? 'recovered'
        : 'succeeded';
    case 'failed':
      return retries > 0 || attempts.some((attempt) => attempt.outcome === 'retried') ? 'exhausted' : 'failed';
    case 'revoked':
      return cause === 'expired' ? 'expired' : 'revoked';
    case 'rejected':
      return 'rejected';
    case 'cancelled':
      return 'cancelled';
    case 'lost':
      return 'lost';
    default:
      return 'unknown';
  }
}

/** Of the open attempts only those before the deciding one were lost; later ones repeat its work. */
function isSetback({ outcome, cause, number }: AttemptRecord, decidingNumber: number): boolean {
  if (outcome === undefined) return number < decidingNumber && cause !== 'replaced';
  return outcome !== 'succeeded';
}

/** True if no event of an earlier attempt was received, for example because another instance owns its worker. */
function hasUnseenRetry(attempts: readonly AttemptRecord[], retries: number): boolean {
  return new Set(attempts.map((attempt) => attempt.retries)).size <= retries;
}
