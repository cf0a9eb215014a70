/**
 * Events and results together: where the end event of a task is missing, its result in the backend stands in. Pure.
 * Events always win over results. The backend keeps one result per id, has no attempts, and stores "revoked" when the
 * command is given, although the task may go on.
 */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { TaskResult } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { chordErrorOf } from './chord-error.ts';
import { type AttemptRecord, isOver, type Publication } from './publication.ts';
import { derivePublications } from './publications.ts';
import { compareRecordEvents, type TaskRecordEvent } from './record-event.ts';

export interface DerivedEvidence {
  readonly events: readonly TaskRecordEvent[];
  readonly publications: readonly Publication[];
}

/** A worker stores the result before it sends the end event, and an idle worker buffers events for a second or two. */
export const resultGraceMs = 5_000;

/** `events` and their publications. A result counts as an end event once `resultGraceMs` have passed without that event. */
export function evidenceOf(
  events: readonly TaskRecordEvent[],
  results: readonly TaskResult<Redacted>[],
  now: Millis,
): DerivedEvidence {
  let evidence: DerivedEvidence = { events, publications: derivePublications(events) };
  for (const result of results) {
    if (result.receivedAt + resultGraceMs > now) continue;
    // "Revoked" is stored at the command, and overwritten by the task that goes on.
    if (result.status === 'revoked' && results.some(({ status, at }) => isEnd(status) && at > result.at)) continue;
    // The body of a failed chord was never published, so it has no attempt that could have failed.
    if (events.length === 0 && chordErrorOf(result) !== undefined) continue;
    const event = endEventOf(evidence.publications.at(-1), result);
    if (event === undefined) continue;
    const all = [...evidence.events, event].sort(compareRecordEvents);
    evidence = { events: all, publications: derivePublications(all) };
  }
  return evidence;
}

function isEnd(status: TaskResult<Redacted>['status']): boolean {
  return status === 'success' || status === 'failure';
}

/** The end event that `result` stands for; undefined if the publication is over or the result belongs to an earlier one. */
function endEventOf(publication: Publication | undefined, result: TaskResult<Redacted>): TaskRecordEvent | undefined {
  if (publication === undefined || isOver(publication)) return undefined;
  const attempt = publication.attempts.findLast(({ outcome, isSuperseded }) => outcome === undefined && !isSuperseded);
  const delivery = publication.waiting.at(-1);
  // A pool process may store its result before its worker sends the start event, so the receipt is the lower bound.
  const beganAt = attempt === undefined ? delivery?.at : (attempt.receivedAt ?? attempt.startedAt);
  // The backend keeps the first success of an id, which may belong to an earlier publication.
  if (result.at < (beganAt ?? publication.firstAt)) return undefined;
  const common = {
    id: result.id,
    hostname: attempt?.hostname ?? delivery?.hostname ?? result.hostname ?? ('unknown' as Hostname),
    pid: attempt?.pid ?? delivery?.pid,
    at: Math.max(result.at, attempt?.startedAt ?? 0),
    receivedAt: result.receivedAt,
  };
  switch (result.status) {
    case 'success':
      return { type: 'task-succeeded', ...common, result: undefined, runtimeMs: runtimeOf(attempt, result.at) };
    case 'failure':
      return { type: 'task-failed', ...common, exception: result.exception, traceback: result.traceback };
    case 'retry':
      if (attempt === undefined || (result.retries ?? attempt.retries) !== attempt.retries) return undefined;
      return { type: 'task-retried', ...common, exception: result.exception, traceback: result.traceback };
    case 'revoked':
      if (attempt !== undefined) return undefined;
      return { type: 'task-revoked', ...common, terminated: false, expired: false, signal: undefined };
    case 'started':
      return undefined;
    default:
      return result.status satisfies never;
  }
}

function runtimeOf(attempt: AttemptRecord | undefined, endedAt: Millis): number | undefined {
  return attempt?.startedAt === undefined ? undefined : Math.max(0, endedAt - attempt.startedAt);
}
