/** The evidence about one task → the transitions that are not reported yet. Pure, but for the list of reported facts. */
import type { Millis, TaskId } from '../../event/ids.ts';
import type { Attempt, Cause, Note, Outcome, Send, Task, Transition } from '../transition.ts';
import type { DerivedEvidence } from './evidence.ts';
import type { AttemptRecord, Publication } from './publication.ts';
import { endOfPublication, stateOf } from './publication-end.ts';
import type { TaskAttributes } from './task-attributes.ts';
import { attemptOf, taskOf, waitOf } from './task-view.ts';

/** The attributes of one task and the facts reported about it; `TaskRecord` implements it. */
export interface ReportableTask {
  readonly id: TaskId;
  readonly attributes: TaskAttributes;
  /** True for the first call with `key`: the fact is to be reported now. */
  reportOnce(key: string): boolean;
  /** Outcome reported for a publication of the task. */
  outcomeOf(publication: number): Outcome | undefined;
  setOutcome(publication: number, outcome: Outcome): void;
}

interface Report {
  readonly record: ReportableTask;
  readonly evidence: DerivedEvidence;
  readonly parentSpanId: string | undefined;
  readonly fateOf: FateOf;
  readonly transitions: Transition[];
}

/**
 * How an open attempt ended whose task has ended without it: `lost` with its worker, `unknown` if no event of it
 * came for long; undefined while it may still run, as one of two runs does.
 */
export type FateOf = (attempt: AttemptRecord) => 'lost' | 'unknown' | undefined;

/** Everything in `evidence` that `record` has not reported yet, in the order of the events. */
export function deriveTransitions(
  record: ReportableTask,
  evidence: DerivedEvidence,
  { parentSpanId, fateOf }: Pick<Report, 'parentSpanId' | 'fateOf'>,
): Transition[] {
  const transitions: Transition[] = [];
  const report: Report = { record, evidence, parentSpanId, fateOf, transitions };
  for (const publication of evidence.publications) reportPublication(report, publication);
  return transitions;
}

function reportPublication(report: Report, publication: Publication): void {
  const { record, transitions } = report;
  const { number, firstAt, lastAt, attempts } = publication;
  const end = endOfPublication(publication);
  let made: Task | undefined;
  const task = (): Task => {
    made ??= taskIn(report, publication);
    return made;
  };
  if (isReceivedFromStart(publication) && record.reportOnce(`queued.${number}`)) {
    transitions.push({ kind: 'task-queued', at: firstAt, task: task() });
  }
  for (const [index, one] of attempts.entries()) {
    const { key, startedAt, endedAt, cause } = one;
    const attempt = (): Attempt => task().attempts[index] as Attempt;
    if (startedAt !== undefined && record.reportOnce(`started.${key}`)) {
      transitions.push({ kind: 'attempt-started', at: startedAt, task: task(), attempt: attempt() });
    }
    if (endedAt !== undefined && record.reportOnce(`ended.${key}`)) {
      transitions.push(attemptEnded(record, task(), attempt()));
    }
    if (endedAt !== undefined || end === undefined) continue;
    const outcome = cause === 'replaced' ? 'replaced' : report.fateOf(one);
    if (outcome !== undefined && record.reportOnce(`ended.${key}`)) {
      const at = startOfNext(publication, index) ?? lastAt;
      transitions.push(attemptEnded(record, task(), { ...attempt(), outcome, endedAt: at }));
    }
  }
  const corrects = record.outcomeOf(number);
  if (end === undefined || corrects === end.outcome) return;
  const { at, outcome, cause } = end;
  record.setOutcome(number, outcome);
  const attempt = end.attempt === undefined ? undefined : task().attempts[attempts.indexOf(end.attempt)];
  const unbegun = unbegunOf(record, task());
  transitions.push({ kind: 'task-ended', at, task: task(), outcome, cause, attempt, unbegun, corrects });
}

/** False for an instance that receives only a retry: it leaves the task's beginning to the instance of the first attempt. */
function isReceivedFromStart({ attempts, sends, waiting }: Publication): boolean {
  const isFirst = ({ retries }: { readonly retries: number }): boolean => retries === 0;
  return attempts.length === 0 || attempts.some(isFirst) || sends.some(isFirst) || waiting.some(isFirst);
}

function taskIn(
  { record, evidence, parentSpanId }: Pick<Report, 'record' | 'evidence' | 'parentSpanId'>,
  publication: Publication,
): Task {
  return taskOf({
    attributes: record.attributes,
    publication,
    state: stateOf(publication, evidence.events),
    parentSpanId,
  });
}

/** Each send is reported once, with its attempt or with the task: late events can change which attempt it belongs to. */
function attemptEnded(record: ReportableTask, task: Task, attempt: Attempt): Transition {
  const at = attempt.endedAt ?? task.lastAt;
  const wait = waitOf(task, attempt);
  const isSendReported = wait?.send !== undefined && !record.reportOnce(`sent.${wait.send.key}`);
  return { kind: 'attempt-ended', at, task, attempt, wait: isSendReported ? undefined : wait };
}

function unbegunOf(record: ReportableTask, task: Task): Send[] {
  return task.sends.filter(({ key }) => record.reportOnce(`sent.${key}`));
}

function startOfNext({ attempts }: Publication, index: number): Millis | undefined {
  const next = attempts[index + 1];
  return next?.receivedAt ?? next?.startedAt;
}

const timedCauses: Partial<Record<Outcome, Cause>> = {
  lost: 'worker-lost',
  vanished: 'vanished',
  expired: 'expired',
  cancelled: 'chord-failed',
};

/** The cause of an end that time or a witness concluded, not an event. */
export function causeOfTimedEnd(outcome: Outcome): Cause | undefined {
  return timedCauses[outcome];
}

export interface TimedEnd {
  readonly now: Millis;
  readonly outcome: 'lost' | 'vanished' | 'expired' | 'cancelled' | 'unknown';
  /** False if the broker delivers the message again: only the attempt ends, not the task. */
  readonly isLast: boolean;
  readonly parentSpanId: string | undefined;
}

/** Ends the open attempt, and the task if `isLast`, without an event. A later event can correct the outcome. */
export function deriveTimedEnd(record: ReportableTask, evidence: DerivedEvidence, end: TimedEnd): Transition[] {
  const { now, outcome, isLast, parentSpanId } = end;
  const publication = evidence.publications.at(-1) as Publication;
  const open = publication.attempts.findLast((one) => one.outcome === undefined && !one.isSuperseded);
  const cause = causeOfTimedEnd(outcome);
  const task = taskIn({ record, evidence, parentSpanId }, publication);
  // Without an end event only the last event of the task is known, not how long the attempt went on.
  const at = outcome === 'unknown' ? Math.min(now, publication.lastAt) : now;
  const attemptOutcome = outcome === 'lost' ? 'lost' : 'unknown';
  const attempt: Attempt | undefined =
    open === undefined ? undefined : { ...attemptOf(record.id, open), outcome: attemptOutcome, cause, endedAt: at };
  const transitions: Transition[] = [];
  if (attempt !== undefined && record.reportOnce(`ended.${attempt.key}`)) {
    transitions.push(attemptEnded(record, task, attempt));
  }
  if (isLast && record.outcomeOf(publication.number) === undefined) {
    record.setOutcome(publication.number, outcome);
    const unbegun = unbegunOf(record, task);
    transitions.push({ kind: 'task-ended', at, task, outcome, cause, attempt, unbegun, corrects: undefined });
  }
  return transitions;
}

export interface NoteReport {
  readonly note: Note;
  readonly now: Millis;
  readonly parentSpanId: string | undefined;
}

/** A note about the last publication of the task. */
export function deriveNote(
  record: ReportableTask,
  evidence: DerivedEvidence,
  { note, now, parentSpanId }: NoteReport,
): Transition {
  const task = taskIn({ record, evidence, parentSpanId }, evidence.publications.at(-1) as Publication);
  return { kind: 'task-noted', at: now, task, note };
}
