/** What the evidence about one task says that has not been told yet, as transitions. Pure but for the record's memory of it. */
import type { Millis } from '../../event/ids.ts';
import type { TaskRecord } from '../tables/task-record.ts';
import type { Attempt, Cause, Note, Outcome, Send, Task, Transition } from '../transition.ts';
import { type Publication, stateOf } from './attempts.ts';
import type { Evidence } from './evidence.ts';
import { attemptOf, endOfPublication, taskOf, waitOf } from './task-view.ts';

export function deriveTransitions(
  record: TaskRecord,
  evidence: Evidence,
  parentSpanId: string | undefined,
): Transition[] {
  const told: Transition[] = [];
  for (const life of evidence.publications) derivePublicationTransitions(record, life, evidence, parentSpanId, told);
  return told;
}

function derivePublicationTransitions(
  record: TaskRecord,
  life: Publication,
  evidence: Evidence,
  parentSpanId: string | undefined,
  told: Transition[],
): void {
  const ending = endOfPublication(life);
  let made: Task | undefined;
  const task = (): Task => {
    made ??= taskOf(record.attributes, life, stateOf(evidence.events), parentSpanId);
    return made;
  };
  if (record.reportOnce(`queued.${life.number}`)) told.push({ kind: 'task-queued', at: life.firstAt, task: task() });
  for (const run of life.attempts) {
    const { startedAt, endedAt } = run;
    const attempt = (): Attempt => task().attempts[run.number - 1] as Attempt;
    if (startedAt !== undefined && record.reportOnce(`started.${run.key}`)) {
      told.push({ kind: 'attempt-started', at: startedAt, task: task(), attempt: attempt() });
    }
    if (endedAt !== undefined && record.reportOnce(`ended.${run.key}`)) {
      told.push(attemptEnded(record, endedAt, task(), attempt()));
    }
    if (endedAt === undefined && run.isSuperseded && ending !== undefined && record.reportOnce(`ended.${run.key}`)) {
      const outcome = run.cause === 'replaced' ? 'replaced' : 'lost';
      const at = startOfNext(life, run.number) ?? life.lastAt;
      told.push(attemptEnded(record, at, task(), { ...attempt(), outcome, endedAt: at }));
    }
  }
  if (ending === undefined || record.outcomeOf(life.number) === ending.outcome) return;
  const corrects = record.outcomeOf(life.number);
  record.setOutcome(life.number, ending.outcome);
  const { at, outcome, cause } = ending;
  const attempt = ending.attempt === undefined ? undefined : task().attempts[ending.attempt.number - 1];
  const unbegun = unbegunOf(record, task());
  told.push({ kind: 'task-ended', at, task: task(), outcome, cause, attempt, unbegun, corrects });
}

/** A publication leaves once, with the attempt that began with it or with the task: late events can change whose it is. */
function attemptEnded(record: TaskRecord, at: Millis, task: Task, attempt: Attempt): Transition {
  const wait = waitOf(task, attempt);
  const hasLeft = wait?.send !== undefined && !record.reportOnce(`sent.${wait.send.key}`);
  return { kind: 'attempt-ended', at, task, attempt, wait: hasLeft ? undefined : wait };
}

function unbegunOf(record: TaskRecord, task: Task): Send[] {
  return task.sends.filter(({ key }) => record.reportOnce(`sent.${key}`));
}

function startOfNext(life: Publication, number: number): Millis | undefined {
  const next = life.attempts[number];
  return next?.receivedAt ?? next?.startedAt;
}

const causes: Partial<Record<Outcome, Cause>> = { lost: 'worker-lost', vanished: 'vanished', expired: 'expired' };

/** Why time alone ended it. */
export function causeOf(outcome: Outcome): Cause | undefined {
  return causes[outcome];
}

/**
 * Time, not an event, ended what is open: its run if there is one, and the task too when `isLast`. A later event can correct
 * that.
 */
export function deriveConcluded(
  record: TaskRecord,
  evidence: Evidence,
  now: Millis,
  outcome: 'lost' | 'vanished' | 'expired' | 'unknown',
  isLast: boolean,
  parentSpanId: string | undefined,
): Transition[] {
  const life = evidence.publications.at(-1) as Publication;
  const run = life.attempts.findLast((one) => one.outcome === undefined && !one.isSuperseded);
  const cause = causeOf(outcome);
  const task = taskOf(record.attributes, life, stateOf(evidence.events), parentSpanId);
  const ended = outcome === 'lost' ? 'lost' : 'unknown';
  const attempt: Attempt | undefined =
    run === undefined ? undefined : { ...attemptOf(record.id, run), outcome: ended, cause, endedAt: now };
  const told: Transition[] = [];
  if (attempt !== undefined && record.reportOnce(`ended.${attempt.key}`)) {
    told.push(attemptEnded(record, now, task, attempt));
  }
  if (isLast && record.outcomeOf(life.number) === undefined) {
    record.setOutcome(life.number, outcome);
    const unbegun = unbegunOf(record, task);
    told.push({ kind: 'task-ended', at: now, task, outcome, cause, attempt, unbegun, corrects: undefined });
  }
  return told;
}

export function deriveNote(
  record: TaskRecord,
  evidence: Evidence,
  note: Note,
  now: Millis,
  parentSpanId: string | undefined,
): Transition {
  const life = evidence.publications.at(-1) as Publication;
  return {
    kind: 'task-noted',
    at: now,
    task: taskOf(record.attributes, life, stateOf(evidence.events), parentSpanId),
    note,
  };
}
