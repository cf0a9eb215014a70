/** Transition → log records, as plain data. Pure, so that replay writes what production exports. */
import type { Millis } from '../event/ids.ts';
import type { Outcome, Transition } from '../lifecycle/transition.ts';
import { type Attributes, attemptAttributes, defined, names, taskAttributes } from './attributes.ts';

export type Severity = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

export interface LogRecord {
  readonly at: Millis;
  readonly severity: Severity;
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

export function recordOf(transition: Transition): LogRecord {
  const { task } = transition;
  const name = task.name ?? 'unknown task';
  const base = { ...taskAttributes(task), [names.transition]: transition.kind };
  switch (transition.kind) {
    case 'task-queued':
      return record(transition, 'DEBUG', `${name} queued`, task.spanId, base);
    case 'attempt-started':
      return record(
        transition,
        'DEBUG',
        `${name} attempt ${transition.attempt.number} started`,
        transition.attempt.spanId,
        {
          ...base,
          ...attemptAttributes(transition.attempt),
        },
      );
    case 'attempt-ended': {
      const { attempt } = transition;
      const said = `${name} attempt ${attempt.number} ${attempt.outcome ?? 'ended'}`;
      const severity = attempt.outcome === 'succeeded' ? 'DEBUG' : attempt.outcome === 'lost' ? 'WARN' : 'INFO';
      return record(transition, severity, withReason(said, attempt.exception?.type), attempt.spanId, {
        ...base,
        ...attemptAttributes(attempt),
      });
    }
    case 'task-ended': {
      const { outcome, cause, attempt, corrects } = transition;
      const exception = attempt?.exception ?? task.exception;
      const correction = corrects === undefined ? '' : ` (was said to be ${corrects})`;
      return record(
        transition,
        severityOf(outcome),
        `${withReason(`${name} ${outcome}`, exception?.type ?? cause)}${correction}`,
        task.spanId,
        {
          ...base,
          ...defined({
            [names.outcome]: outcome,
            [names.cause]: cause,
            [names.attempts]: task.attempts.length,
            [names.corrects]: corrects,
            [names.hostname]: attempt?.hostname,
            [names.exceptionType]: exception?.type,
            [names.exceptionMessage]: exception?.message,
            [names.exceptionStacktrace]: exception?.traceback,
          }),
        },
      );
    }
    default:
      return transition satisfies never;
  }
}

function record(
  transition: Transition,
  severity: Severity,
  body: string,
  spanId: string,
  attributes: Attributes,
): LogRecord {
  return { at: transition.at, severity, body, traceId: transition.task.traceId, spanId, attributes };
}

function withReason(text: string, reason: string | undefined): string {
  return reason === undefined ? text : `${text}: ${reason}`;
}

function severityOf(outcome: Outcome): Severity {
  switch (outcome) {
    case 'failed':
    case 'exhausted':
    case 'lost':
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
