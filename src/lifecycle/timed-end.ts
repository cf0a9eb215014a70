/** Ends that no event reported: concluded from silence, from testimony, or because the task was evicted. */
import type { Millis, TaskId } from '../event/ids.ts';
import { type DerivedEvidence, evidenceOf } from './derive/evidence.ts';
import { newPublication, type Publication } from './derive/publication.ts';
import { endOfPublication } from './derive/publication-end.ts';
import { deriveTimedEnd, type TimedEnd } from './derive/transitions.ts';
import type { LifecycleState } from './lifecycle-state.ts';
import { noteOnce } from './notes.ts';
import { parentSpanIdOf } from './parent-span.ts';
import type { TaskRecord } from './tables/task-record.ts';
import type { Transition } from './transition.ts';

export interface ConcludedEnd extends Omit<TimedEnd, 'parentSpanId'> {
  readonly evidence: DerivedEvidence;
}

/** Ends the open attempt, and the task if `isLast`. A later event can correct the outcome. */
export function concludeEnd(
  { tasks, running }: LifecycleState,
  record: TaskRecord,
  { evidence, now, outcome, isLast }: ConcludedEnd,
): Transition[] {
  if (endOfPublication(evidence.publications.at(-1) as Publication) !== undefined) return [];
  running.remove(record);
  const parentSpanId = parentSpanIdOf(tasks, record);
  const transitions = deriveTimedEnd(record, evidence, { now, outcome, isLast, parentSpanId });
  if (isLast) tasks.end(record, now);
  return transitions;
}

/** Ends evicted tasks as unknown, so that their traces are complete. */
export function concludeEvicted({ tasks, evictions }: LifecycleState, now: Millis): Transition[] {
  return evictions.takeRecords().flatMap((record) => {
    const evidence = evidenceOf(record.events, record.results, now);
    if (evidence.events.length === 0) return [];
    const parentSpanId = parentSpanIdOf(tasks, record);
    return deriveTimedEnd(record, evidence, { now, outcome: 'unknown', isLast: true, parentSpanId });
  });
}

export interface FailedChord {
  readonly dependency: TaskId | undefined;
  /** Time at which the result backend stored the end. */
  readonly at: Millis;
  readonly now: Millis;
}

/**
 * Ends the body of a chord that is never published, because a task of the header failed, with a note at that task. The
 * failure itself is counted at the task of the header. The body joins the trace of that task.
 */
export function concludeChordBody(
  state: LifecycleState,
  record: TaskRecord,
  { dependency, at, now }: FailedChord,
): Transition[] {
  const { tasks } = state;
  const header = dependency === undefined ? undefined : tasks.find(dependency);
  if (header !== undefined && !record.isReported) record.rootId = header.rootId ?? header.id;
  const evidence = { events: [], publications: [newPublication(0, at)] };
  const ended = concludeEnd(state, record, { evidence, now, outcome: 'cancelled', isLast: true });
  if (header === undefined || header.events.length === 0) return ended;
  const note = { what: 'chord-failed', body: record.id } as const;
  const known = evidenceOf(header.events, header.results, now);
  return ended.concat(noteOnce(tasks, header, { evidence: known, note, key: `chord-failed.${record.id}`, now }));
}
