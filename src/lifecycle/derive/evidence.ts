/**
 * Events and results together: where the events do not tell how a task ended, what the result backend says of it stands in.
 * Pure. The backend is the second witness and never the first: it keeps one answer per id, knows no attempts, and writes
 * "revoked" when the command is given, while the task may run on.
 */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { TaskResult } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';
import {
  type AttemptRecord,
  compareRecordEvents,
  derivePublications,
  isOver,
  type Publication,
  type TaskRecordEvent,
} from './attempts.ts';

export interface Evidence {
  readonly events: readonly TaskRecordEvent[];
  readonly publications: readonly Publication[];
}

/** An end is stored before its event is sent, and a worker with little to do holds its events back for a second or two. */
export const resultGraceMs = 5_000;

/** What `events` and those of `results` that have waited long enough for their event say by `now`. */
export function evidenceOf(
  events: readonly TaskRecordEvent[],
  results: readonly TaskResult<Redacted>[],
  now: Millis,
): Evidence {
  let evidence: Evidence = { events, publications: derivePublications(events) };
  for (const result of results) {
    if (result.receivedAt + resultGraceMs > now) continue;
    // "Revoked" is stored at the command; what runs on overwrites it.
    if (result.status === 'revoked' && results.some(({ status, at }) => isEnd(status) && at > result.at)) continue;
    const said = endEventOf(evidence.publications.at(-1), result);
    if (said === undefined) continue;
    const all = [...evidence.events, said].sort(compareRecordEvents);
    evidence = { events: all, publications: derivePublications(all) };
  }
  return evidence;
}

function isEnd(status: TaskResult<Redacted>['status']): boolean {
  return status === 'success' || status === 'failure';
}

/** The end that the result stands for, as an event would have told it; undefined when it tells nothing new. */
function endEventOf(life: Publication | undefined, result: TaskResult<Redacted>): TaskRecordEvent | undefined {
  if (life === undefined || isOver(life)) return undefined;
  const run = life.attempts.findLast(({ outcome, isSuperseded }) => outcome === undefined && !isSuperseded);
  const delivery = life.waiting.at(-1);
  // A child may have stored its result before its worker tells of the start, so the receipt is what must come first.
  const beganAt = run === undefined ? delivery?.at : (run.receivedAt ?? run.startedAt);
  // An id can be used again, and the backend keeps the first success for ever: that is the word about an earlier life.
  if (result.at < (beganAt ?? life.firstAt)) return undefined;
  const about = {
    id: result.id,
    hostname: run?.hostname ?? delivery?.hostname ?? result.hostname ?? ('unknown' as Hostname),
    pid: run?.pid ?? delivery?.pid,
    at: Math.max(result.at, run?.startedAt ?? 0),
    receivedAt: result.receivedAt,
  };
  switch (result.status) {
    case 'success':
      return { type: 'task-succeeded', ...about, result: undefined, runtimeMs: runtimeOf(run, result.at) };
    case 'failure':
      return { type: 'task-failed', ...about, exception: result.exception, traceback: result.traceback };
    case 'retry':
      if (run === undefined || (result.retries ?? run.retries) !== run.retries) return undefined;
      return { type: 'task-retried', ...about, exception: result.exception, traceback: result.traceback };
    case 'revoked':
      if (run !== undefined) return undefined;
      return { type: 'task-revoked', ...about, terminated: false, expired: false, signal: undefined };
    case 'started':
      return undefined;
    default:
      return result.status satisfies never;
  }
}

function runtimeOf(run: AttemptRecord | undefined, endedAt: Millis): number | undefined {
  return run?.startedAt === undefined ? undefined : Math.max(0, endedAt - run.startedAt);
}
