/** The log record of a transition, as plain data. Pure, so that a replay writes exactly the records of production. */
import type { Millis } from '../../event/ids.ts';
import type { WitnessKind } from '../../event/testimony.ts';
import type { NextAttemptReason, Note, Outcome, Transition } from '../../lifecycle/transition.ts';
import { type Attributes, names, put, putAttempt, putStart, taskAttributes } from './attributes.ts';

export type LogSeverity = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

export interface LogRecord {
  readonly at: Millis;
  /** When the transition was derived, by our clock; undefined where that is `at`. */
  readonly observedAt?: Millis;
  readonly severity: LogSeverity;
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

export function recordOf(transition: Transition): LogRecord {
  const { task } = transition;
  const name = task.name ?? 'unknown task';
  const attributes = taskAttributes(task);
  attributes[names.transition] = transition.kind;
  switch (transition.kind) {
    case 'task-queued':
      return record(transition, 'DEBUG', `${name} queued`, task.spanId, attributes);
    case 'attempt-started': {
      const { attempt } = transition;
      putStart(attributes, attempt);
      return record(transition, 'DEBUG', `${name} attempt ${attempt.number} started`, attempt.spanId, attributes);
    }
    case 'attempt-ended': {
      const { attempt } = transition;
      putAttempt(attributes, attempt);
      const text = `${name} attempt ${attempt.number} ${attempt.outcome ?? 'ended'}`;
      const severity = attempt.outcome === 'succeeded' ? 'DEBUG' : attempt.outcome === 'lost' ? 'WARN' : 'INFO';
      return record(transition, severity, withReason(text, attempt.exception?.type), attempt.spanId, attributes);
    }
    case 'task-ended':
      return endRecord(transition, name, attributes);
    case 'task-noted':
      return noteRecord(transition, name, attributes);
    default:
      return transition satisfies never;
  }
}

function endRecord(
  transition: Extract<Transition, { kind: 'task-ended' }>,
  name: string,
  attributes: Attributes,
): LogRecord {
  const { task, outcome, cause, attempt, corrects } = transition;
  const exception = attempt?.exception ?? task.exception;
  const correction = corrects === undefined ? '' : ` (previously reported as ${corrects})`;
  attributes[names.outcome] = outcome;
  attributes[names.attempts] = task.attempts.length;
  put(attributes, names.cause, cause);
  put(attributes, names.corrects, corrects);
  put(attributes, names.hostname, attempt?.hostname);
  put(attributes, names.exceptionType, exception?.type);
  put(attributes, names.exceptionMessage, exception?.message);
  put(attributes, names.exceptionStacktrace, exception?.traceback);
  const body = `${withReason(`${name} ${outcome}`, exception?.type ?? cause)}${correction}`;
  return record(transition, severityOf(outcome), body, task.spanId, attributes);
}

function noteRecord(
  transition: Extract<Transition, { kind: 'task-noted' }>,
  name: string,
  attributes: Attributes,
): LogRecord {
  const { task, note } = transition;
  const [severity, words] = wordsOf(note);
  attributes[names.note] = note.what;
  if ('of' in note) attributes[names.suspected] = note.of;
  if ('by' in note) attributes[names.clearedBy] = note.by;
  if ('because' in note) attributes[names.comesBackBecause] = note.because;
  if ('at' in note && note.at !== undefined) attributes[names.comesBackAt] = new Date(note.at).toISOString();
  return record(transition, severity, `${name} ${words}`, task.spanId, attributes);
}

function wordsOf(note: Note): readonly [LogSeverity, string] {
  switch (note.what) {
    case 'suspected':
      return ['WARN', `may be ${note.of}: no further events received`];
    case 'cleared':
      return ['INFO', `is not ${note.of}: ${witnessWords[note.by]}`];
    case 'overdue':
      return ['WARN', `is overdue: running for ${Math.round(note.runningMs / 1_000)} s, confirmed by its worker`];
    case 'comes-back': {
      const when = note.at === undefined ? '' : `, from ${new Date(note.at).toISOString()} on`;
      return ['WARN', `will run again: its worker is gone, and ${comesBackWords[note.because]}${when}`];
    }
    case 'run-twice':
      return ['WARN', `ended ${note.runs} times after one publication`];
    case 'chord-failed':
      return ['WARN', `failed, so the callback ${note.body} of its chord will not run`];
    case 'poison-loop':
      return ['ERROR', `is in a poison loop: started ${note.starts} times, never ended`];
    default:
      return note satisfies never;
  }
}

const witnessWords: Record<WitnessKind | 'events', string> = {
  'result-backend': 'its result is stored',
  broker: 'the broker holds it',
  workers: 'a worker has it',
  events: 'its events arrived late',
};

const comesBackWords: Record<NextAttemptReason, string> = {
  retry: 'a retry is due',
  eta: 'its eta is in the future',
  requeued: 'it was put back',
  unacknowledged: 'the broker delivers it again',
  'in-queue': 'it is in its queue again',
  reserved: 'another worker has it',
};

function record(
  transition: Transition,
  severity: LogSeverity,
  body: string,
  spanId: string,
  attributes: Attributes,
): LogRecord {
  return { at: transition.at, severity, body, traceId: transition.task.traceId, spanId, attributes };
}

function withReason(text: string, reason: string | undefined): string {
  return reason === undefined ? text : `${text}: ${reason}`;
}

function severityOf(outcome: Outcome): LogSeverity {
  switch (outcome) {
    case 'failed':
    case 'exhausted':
    case 'lost':
    case 'vanished':
      return 'ERROR';
    case 'rejected':
    case 'expired':
    case 'recovered':
    case 'unknown':
      return 'WARN';
    default:
      return 'INFO';
  }
}
