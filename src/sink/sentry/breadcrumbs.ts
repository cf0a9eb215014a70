/** The history of a task as breadcrumbs, from its publication to the failure of the event. Pure. */

import { shortName } from '../../event/python/class-name.ts';
import type { ExceptionText } from '../../event/python/exception.ts';
import type { Failure } from '../../failure/failure.ts';
import type { Attempt, Send } from '../../lifecycle/transition.ts';
import { oneLine } from './text.ts';

export interface SentryBreadcrumb {
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly type: 'default';
  readonly category: 'celery';
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
}

/** The latest steps of a task with many retries. Sentry keeps a hundred. */
const breadcrumbsMax = 50;
const messageCharsMax = 1_024;

/** Oldest first, ending with the failure. */
export function breadcrumbsOf(failure: Failure): SentryBreadcrumb[] {
  const { task, attempt, outcome, at, title } = failure;
  const steps = [
    ...task.sends.map((send) => sendStep(send, task.attempts)),
    ...task.attempts.flatMap((one) => attemptSteps(one, one.key === attempt?.key)),
  ].sort((a, b) => a.timestamp - b.timestamp);
  return [...steps.slice(1 - breadcrumbsMax), step(at, 'error', `${outcome}: ${title}`)];
}

/** A producer reports a task after it was sent, when a worker may already have received it; the earlier time is the true one. */
function sendStep({ at, queue, hostname, retries }: Send, attempts: readonly Attempt[]): SentryBreadcrumb {
  const receivedAt = attempts.find((attempt) => attempt.retries === retries)?.receivedAt ?? at;
  return step(Math.min(at, receivedAt), 'info', `sent${queue === undefined ? '' : ` to ${queue}`} by ${hostname}`);
}

function attemptSteps(attempt: Attempt, isDeciding: boolean): SentryBreadcrumb[] {
  const { number, hostname, receivedAt, startedAt, endedAt, isRedelivery } = attempt;
  const steps: SentryBreadcrumb[] = [];
  if (receivedAt !== undefined) {
    const how = isRedelivery ? 'redelivered to' : 'received by';
    steps.push(step(receivedAt, isRedelivery ? 'warning' : 'info', `${how} ${hostname}`));
  }
  if (startedAt !== undefined) {
    const again = isRedelivery && receivedAt === undefined ? ' again' : '';
    steps.push(step(startedAt, 'info', `attempt ${number} started${again} on ${hostname}`));
  }
  // The end of the deciding attempt is the failure, which has a step of its own.
  if (endedAt !== undefined && !isDeciding) steps.push(endStep(attempt, endedAt));
  return steps;
}

function endStep({ number, outcome, exception, cause, signal }: Attempt, endedAt: number): SentryBreadcrumb {
  const why = reasonOf(exception) ?? (signal === undefined ? cause : `${cause}, ${signal}`);
  const reason = why === undefined ? '' : `: ${why}`;
  if (outcome === 'retried') return step(endedAt, 'warning', `attempt ${number} will be retried${reason}`);
  const isGood = outcome === 'succeeded';
  return step(endedAt, isGood ? 'info' : 'warning', `attempt ${number} ended: ${outcome}${isGood ? '' : reason}`);
}

function reasonOf(exception: ExceptionText | undefined): string | undefined {
  if (exception === undefined) return undefined;
  const name = shortName(exception.type);
  return exception.message === '' ? name : `${name}: ${exception.message}`;
}

function step(at: number, level: SentryBreadcrumb['level'], message: string): SentryBreadcrumb {
  return {
    timestamp: at / 1000,
    type: 'default',
    category: 'celery',
    level,
    message: oneLine(message, messageCharsMax),
  };
}
