/** New events or results of a task, once their window is over → transitions and the new state of its record. */
import type { Millis, TaskId } from '../event/ids.ts';
import { chordErrorOf } from './derive/chord-error.ts';
import { evidenceOf, resultGraceMs } from './derive/evidence.ts';
import { isOver, type Publication } from './derive/publication.ts';
import { endOfPublication } from './derive/publication-end.ts';
import { derivePublications } from './derive/publications.ts';
import { deriveTransitions } from './derive/transitions.ts';
import { fateOf, isUnfinished } from './fate.ts';
import type { LifecycleState } from './lifecycle-state.ts';
import { noteClearedByEvents, noteFindings } from './notes.ts';
import { parentSpanIdOf } from './parent-span.ts';
import type { TaskRecord } from './tables/task-record.ts';
import { concludeChordBody } from './timed-end.ts';
import type { Transition } from './transition.ts';

/** Delay before a task with attempts of unknown fate is looked at again. */
const lookAgainMs = 10_000;

export function settle(state: LifecycleState, record: TaskRecord, now: Millis): Transition[] {
  const { tasks, running, baseline, uncertain } = state;
  const isElsewhere = !state.options.ownsAllWorkers && endedElsewhere(record, now);
  const isIgnored = isElsewhere || (record.isEmpty && !isOfThisBroker(state, record));
  const evidence = evidenceOf(record.events, isIgnored ? [] : record.results, now);
  if (evidence.events.length === 0) return settleWithoutEvents(state, record, now);
  const last = evidence.publications.at(-1) as Publication;
  const transitions = deriveTransitions(record, evidence, {
    parentSpanId: parentSpanIdOf(tasks, record),
    fateOf: (attempt) => fateOf(state, attempt, now - last.lastAt),
  });
  for (const transition of transitions) baseline.noteTransition(transition);
  if (last.attempts.length > 1) transitions.push(...noteFindings(state, record, { evidence, now }));
  if (endOfPublication(last) !== undefined) {
    transitions.push(...noteClearedByEvents(tasks, record, { evidence, now }));
    running.remove(record);
    uncertain.delete(record);
    tasks.end(record, evidence.events.at(-1)?.receivedAt ?? now);
  } else if (isElsewhere) {
    running.remove(record);
    uncertain.delete(record);
    tasks.end(record, now);
  } else {
    tasks.reopen(record);
    running.update(record, last);
    if (record.openAttempt !== undefined) record.nextAttempt = undefined;
    if (isSuspicionOutdated(record)) {
      transitions.push(...noteClearedByEvents(tasks, record, { evidence, now }));
      record.suspicion = undefined;
      uncertain.delete(record);
    }
  }
  if (isUnfinished(last, now)) tasks.addUnfinished(record, now + lookAgainMs);
  record.pack();
  return transitions;
}

/** A task of which only results exist, none of them an end: the body of a failed chord, or a retry of a task without events. */
function settleWithoutEvents(state: LifecycleState, record: TaskRecord, now: Millis): Transition[] {
  const due = record.results.filter(({ receivedAt }) => receivedAt + resultGraceMs <= now);
  for (const result of due) {
    const error = chordErrorOf(result);
    if (error !== undefined && isOfThisBroker(state, record))
      return concludeChordBody(state, record, { ...error, at: result.at, now });
  }
  if (due.length === record.results.length) state.tasks.remove(record);
  return [];
}

/**
 * False for a task without events that nothing relates to the tasks of this broker: the server of the result backend passes
 * on the results of all its databases, those of other brokers and of other applications too.
 */
function isOfThisBroker({ tasks }: LifecycleState, { attributes, parentId, results }: TaskRecord): boolean {
  const isKnown = (id: TaskId | undefined): boolean => id !== undefined && (tasks.find(id)?.isEmpty ?? true) === false;
  if (attributes.name !== undefined || isKnown(parentId)) return true;
  return results.some((result) => isKnown(chordErrorOf(result)?.dependency));
}

/** True if new events contradict the suspicion: another attempt started, or a worker received the task. */
function isSuspicionOutdated({ suspicion, openAttempt, events }: TaskRecord): boolean {
  if (suspicion === undefined) return false;
  if (suspicion.kind === 'vanished') return events.some(({ type }) => type !== 'task-sent');
  return suspicion.attemptStartedAt !== openAttempt?.startedAt;
}

/** True if the result backend has the end of a task that no worker of this instance has: another instance reports it. */
function endedElsewhere({ events, results }: TaskRecord, now: Millis): boolean {
  const isKnown = results.some(({ status, receivedAt }) => status !== 'retry' && receivedAt + resultGraceMs <= now);
  const last = derivePublications(events).at(-1);
  if (!isKnown || last === undefined || events.length === 0 || isOver(last)) return false;
  return last.waiting.length === 0 && last.attempts.every(({ outcome }) => outcome !== undefined);
}
