/** A life under construction → the plain data that later stages see. */
import type { TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { spanIdOf, taskPart, traceIdOf } from '../trace-id.ts';
import type { Attempt, Cause, Outcome, Send, Task, TaskState, Wait } from '../transition.ts';
import { type AttemptRecord, isOver, type Publication, type SendRecord } from './attempts.ts';

/** What a task said about itself, kept once however often it was published. */
export interface TaskAttributes {
  readonly id: TaskId;
  readonly name: Redacted | undefined;
  readonly args: Redacted | undefined;
  readonly kwargs: Redacted | undefined;
  readonly rootId: TaskId | undefined;
  readonly parentId: TaskId | undefined;
  readonly groupId: TaskId | undefined;
  readonly queue: string | undefined;
  readonly eta: number | undefined;
  readonly expires: number | undefined;
}

/** Spelled out, because a spread costs more than all else here and this runs for every attempt. */
export function attemptOf(id: TaskId, run: AttemptRecord): Attempt {
  return {
    key: run.key,
    number: run.number,
    retries: run.retries,
    isRedelivery: run.isRedelivery,
    hostname: run.hostname,
    pid: run.pid,
    receivedAt: run.receivedAt,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    outcome: run.outcome,
    cause: run.cause,
    exception: run.exception,
    signal: run.signal,
    result: run.result,
    runtimeMs: run.runtimeMs,
    spanId: spanIdOf(id, `attempt.${run.key}`),
  };
}

/** Named for its count of retries, and not for its place: the word of another one may still come. */
function sendOf(id: TaskId, { number, sends }: Publication, send: SendRecord, index: number): Send {
  const { at, hostname, retries, queue, exchange, routingKey } = send;
  let nth = 1;
  for (let before = 0; before < index; before += 1) if (sends[before]?.retries === retries) nth += 1;
  const key = `${number}.${retries}.${nth}`;
  return { key, at, hostname, retries, queue, exchange, routingKey, spanId: spanIdOf(id, `send.${key}`) };
}

/** The message that this attempt began with: `replace()` publishes an id again, and the nth time is the nth attempt's. */
export function sendOfAttempt(task: Task, { key }: Attempt): Send | undefined {
  return task.sends.find((send) => send.key === key);
}

/**
 * How long the message waited for a pool slot: from its publication, or from its receipt where nobody told of that or it was
 * delivered again. Not before the time that the task asked for itself (eta, countdown, a retry's delay). Clocks of two hosts
 * can make it negative: then there is none.
 */
export function waitOf(task: Task, attempt: Attempt): Wait | undefined {
  if (attempt.startedAt === undefined) return undefined;
  const send = attempt.isRedelivery ? undefined : sendOfAttempt(task, attempt);
  const queuedAt = send?.at ?? attempt.receivedAt;
  if (queuedAt === undefined) return undefined;
  const startAt = Math.max(queuedAt, attempt.retries === 0 ? (task.eta ?? 0) : 0);
  const endAt = attempt.startedAt;
  return startAt < endAt ? { send, startAt, endAt } : undefined;
}

export function taskOf(
  about: TaskAttributes,
  life: Publication,
  state: TaskState,
  parentSpanId: string | undefined,
): Task {
  const rootId = about.rootId ?? about.id;
  return {
    id: about.id,
    name: about.name,
    args: about.args,
    kwargs: about.kwargs,
    queue: about.queue ?? life.sends.findLast((send) => send.queue !== undefined)?.queue,
    rootId,
    parentId: about.parentId,
    groupId: about.groupId,
    publication: life.number,
    eta: about.eta,
    expires: about.expires,
    firstAt: life.firstAt,
    lastAt: life.lastAt,
    state,
    sends: life.sends.map((send, index) => sendOf(about.id, life, send, index)),
    attempts: life.attempts.map((run) => attemptOf(about.id, run)),
    exception: life.end?.exception,
    traceId: traceIdOf(rootId),
    spanId: spanIdOf(about.id, taskPart(life.number)),
    parentSpanId,
  };
}

export interface PublicationEnd {
  readonly at: number;
  readonly outcome: Outcome;
  readonly cause: Cause | undefined;
  readonly attempt: AttemptRecord | undefined;
}

/** How a life ended, or undefined while it may go on. */
export function endOfPublication(life: Publication): PublicationEnd | undefined {
  if (!isOver(life)) return undefined;
  if (life.end !== undefined && life.attempts.every((run) => run.outcome === undefined || run.outcome === 'retried')) {
    return {
      at: life.end.at,
      outcome: outcomeOf(life.end.outcome, life.end.cause, life),
      cause: life.end.cause,
      attempt: undefined,
    };
  }
  const run = life.attempts
    .filter(({ endedAt }) => endedAt !== undefined)
    .sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))
    .at(-1);
  if (run === undefined) return undefined;
  const outcome = outcomeOf(run.outcome, run.cause, life, run.retries);
  return { at: run.endedAt ?? life.lastAt, outcome, cause: run.cause, attempt: run };
}

/** `retries` of the run that decides: all earlier ones may have been lost. */
function outcomeOf(
  outcome: AttemptRecord['outcome'],
  cause: Cause | undefined,
  life: Publication,
  retries = 0,
): Outcome {
  const hasRetried = retries > 0 || life.attempts.some((run) => run.outcome === 'retried');
  switch (outcome) {
    case 'succeeded':
      // A second run that follows a success repeats the work; one that follows a failure, a retry or a loss mends it.
      return life.attempts.some((run) => run.outcome !== 'succeeded' && run.cause !== 'replaced')
        ? 'recovered'
        : 'succeeded';
    case 'failed':
      return hasRetried ? 'exhausted' : 'failed';
    case 'revoked':
      return cause === 'expired' ? 'expired' : 'revoked';
    case 'rejected':
      return 'rejected';
    case 'cancelled':
      return 'cancelled';
    case 'lost':
      return 'lost';
    default:
      return 'unknown';
  }
}
