/** Which attempt or delivery of a worker an end event belongs to, if several are open there. Pure. */
import type { EndEvent } from './attempt-end.ts';
import { isReplacedBy } from './message.ts';
import type { AttemptRecord, Delivery, Publication } from './publication.ts';

type Candidate = AttemptRecord | Delivery;

/** The runtime in an event names the start of its attempt about this exactly: the worker reports starts when it has time. */
const runtimeToleranceMs = 1_000;

/** The open attempt, or the delivery without a start event, that `event` ends; undefined if none is on its worker. */
export function candidateFor(publication: Publication, event: EndEvent): Candidate | undefined {
  const isHere = ({ hostname }: Candidate): boolean => hostname === event.hostname;
  const open = publication.attempts.filter((attempt) => isHere(attempt) && attempt.outcome === undefined);
  const waiting = publication.waiting.filter(isHere);
  if (open.length + waiting.length < 2) return onlyCandidate(publication, open[0] ?? waiting[0], event);
  const all = [...open, ...waiting];
  if (event.type === 'task-retried') return leastRetried(all);
  return (event.type === 'task-succeeded' ? namedByRuntime(all, event) : undefined) ?? mostLikely(publication, all);
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
  return 'outcome' in candidate && event.type === 'task-succeeded' ? namedByRuntime([candidate], event) : undefined;
}

/** Only an executing attempt publishes its retry. */
function isRetryDelivered({ attempts, waiting }: Publication, { retries }: Candidate): boolean {
  return (
    waiting.some((delivery) => delivery.retries > retries) ||
    attempts.some((attempt) => attempt.receivedAt !== undefined && attempt.retries > retries)
  );
}

/** The attempts of a task end in order, and `task-retried` may be stamped later than events of the next attempt. */
function leastRetried(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.toSorted((a, b) => a.retries - b.retries)[0];
}

/** What began at the end of `event` minus its runtime: an attempt that started then, or a delivery from before. */
function namedByRuntime(
  candidates: readonly Candidate[],
  { at, runtimeMs }: Extract<EndEvent, { type: 'task-succeeded' }>,
): Candidate | undefined {
  if (runtimeMs === undefined) return undefined;
  const beganAt = at - runtimeMs;
  const distanceOf = (candidate: Candidate): number => {
    if (!('outcome' in candidate)) return beganAt < candidate.at ? Number.POSITIVE_INFINITY : beganAt - candidate.at;
    const distance = Math.abs(beganAt - (candidate.startedAt ?? candidate.receivedAt ?? 0));
    return distance > runtimeToleranceMs ? Number.POSITIVE_INFINITY : distance;
  };
  const nearest = candidates.toSorted((a, b) => distanceOf(a) - distanceOf(b))[0];
  return nearest !== undefined && distanceOf(nearest) < Number.POSITIVE_INFINITY ? nearest : undefined;
}

/** Most retries first, since a retried attempt has ended; then an attempt that runs, one whose message came again, a delivery. */
function mostLikely(publication: Publication, candidates: readonly Candidate[]): Candidate | undefined {
  const rankOf = (candidate: Candidate): number => {
    if (!('outcome' in candidate)) return 1;
    if (!candidate.isSuperseded) return 3;
    return isReplacedBy(publication, candidate, publication.waiting.at(-1)) ? 0 : 2;
  };
  return candidates.toSorted((a, b) => b.retries - a.retries || rankOf(b) - rankOf(a))[0];
}
