/** Derives observations for the alert engine from events, transitions and failures. */

import type { Millis } from '../../event/ids.ts';
import { shortName } from '../../event/python/class-name.ts';
import type { Event } from '../../event/task-event.ts';
import { partOf, type Redacted, redactedText } from '../../event/untrusted.ts';
import type { Failure } from '../../failure/failure.ts';
import type { Attempt, Task, Transition } from '../../lifecycle/transition.ts';
import type { Observation } from './observation.ts';

export type Observe = (observation: Observation) => void;

/**
 * `at` is the time of receipt by the local clock, because the clocks of workers differ. Observations go to a callback, because
 * this function runs for every event.
 */
export function observeEvent(event: Event<Redacted>, at: Millis, observe: Observe): void {
  switch (event.type) {
    case 'worker-online':
    case 'worker-heartbeat':
    case 'worker-offline':
      observe({
        kind: 'worker',
        at,
        change: event.type === 'worker-online' ? 'online' : event.type === 'worker-offline' ? 'offline' : 'heartbeat',
        host: event.hostname,
        pid: event.pid,
        heartbeatMs: event.heartbeatMs,
        active: event.active,
        processed: event.processed,
      });
      return;
    case 'task-sent':
    case 'task-received': {
      const { id: taskId, retries, name: task, eta, expires } = event;
      // A message with an expiry can leave the queue without an event.
      if (expires !== undefined) return;
      observe({
        kind: 'waiting',
        at,
        taskId,
        retries,
        task,
        queue: event.type === 'task-sent' ? event.queue : undefined,
        eta,
      });
      return;
    }
    case 'task-revoked':
      observe({ kind: 'taken', at, taskId: event.id });
      return;
    default:
  }
}

export function observeTransition(transition: Transition, at: Millis, observe: Observe): void {
  const { task } = transition;
  switch (transition.kind) {
    case 'attempt-started': {
      const { spanId: attempt, hostname: host, retries } = transition.attempt;
      const { id: taskId, name, queue, traceId } = task;
      observe({ kind: 'attempt-started', at, attempt, taskId, traceId, retries, task: name, queue, host });
      return;
    }
    case 'attempt-ended': {
      const { spanId: attempt, hostname: host, retries, runtimeMs } = transition.attempt;
      const { id: taskId, name, queue } = task;
      const outcome = transition.attempt.outcome ?? 'unknown';
      const retry = outcome === 'retried' ? retryOf(task, transition.attempt) : undefined;
      observe({
        kind: 'attempt-ended',
        at,
        attempt,
        taskId,
        retries,
        task: name,
        queue,
        host,
        outcome,
        runtimeMs,
        retry,
      });
      return;
    }
    case 'task-noted': {
      const { note } = transition;
      if (note.what !== 'poison-loop' && note.what !== 'run-twice') return;
      const times = note.what === 'poison-loop' ? note.starts : note.runs;
      const { id: taskId, traceId, name, queue } = task;
      observe({
        kind: 'noted',
        at,
        what: note.what,
        taskId,
        traceId,
        task: name,
        queue,
        host: task.attempts.at(-1)?.hostname,
        times,
        redeliveredAfterMs: note.what === 'run-twice' ? redeliveredAfterMs(task.attempts) : undefined,
      });
      return;
    }
    case 'task-queued':
    case 'task-ended':
      return;
    default:
      transition satisfies never;
  }
}

/** A poison loop is reported by its note, which contains the number of starts. */
export function observeFailure(failure: Failure, at: Millis, observe: Observe): void {
  if (failure.cause === 'poison-loop') return;
  const { task } = failure;
  observe({
    kind: 'failed',
    at,
    failure: {
      id: failure.id,
      fingerprint: failure.fingerprint,
      task: task.name,
      queue: task.queue,
      // An attempt that is unknown ended where its task was received.
      host: (failure.attempt ?? task.attempts.at(-1))?.hostname,
      title: failure.title,
      exception: exceptionOf(failure),
      class: failure.class,
      cause: failure.cause,
      death: deathOf(failure),
      isExhausted: failure.outcome === 'exhausted',
      taskId: task.id,
      traceId: task.traceId,
    },
  });
}

/** Time between two deliveries of one message, of which the second came before the first run had ended. */
function redeliveredAfterMs(attempts: readonly Attempt[]): Millis | undefined {
  const deliveries = attempts.flatMap((attempt) => {
    const at = attempt.receivedAt ?? attempt.startedAt;
    return at === undefined ? [] : [{ ...attempt, at }];
  });
  for (const [index, { at, endedAt = Infinity, retries }] of deliveries.entries()) {
    const next = deliveries.slice(index + 1).find((later) => later.retries === retries);
    if (next !== undefined && next.at > at && next.at < endedAt) return next.at - at;
  }
  return undefined;
}

function deathOf({ cause, attempt }: Failure): string | undefined {
  if (cause !== 'worker-lost') return undefined;
  const { signal, exception } = attempt ?? {};
  const code = /exitcode (-?\d+)/.exec(exception?.message ?? '')?.[1];
  return signal ?? (code === undefined ? undefined : `exit code ${code}`);
}

function retryOf(task: Task, { exception }: Attempt) {
  const name = exception === undefined ? redactedText`Retry` : shortName(exception.type);
  const title =
    exception === undefined || exception.message === '' ? name : redactedText`${name}: ${exception.message}`;
  return { exception: name, title: partOf(title, title.slice(0, 200).toWellFormed()), traceId: task.traceId };
}

/** Class of the exception. A killed process raises none, so the failure has the name that Celery gives it. */
function exceptionOf({ cause, exception, attempt, task }: Failure): string | undefined {
  if (cause === 'worker-lost') return 'WorkerLostError';
  if (cause === 'hard-time-limit') return 'TimeLimitExceeded';
  const type = exception?.type ?? attempt?.exception?.type ?? task.exception?.type;
  return type === undefined || type === '' ? undefined : shortName(type);
}
