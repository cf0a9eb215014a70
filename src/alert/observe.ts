/** What passes through the pipeline → what the alert engine is told. Pure. */
import type { Event } from '../event/task-event.ts';
import type { Millis } from '../event/ids.ts';
import { shortName } from '../event/exception.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Failure } from '../failure/failure.ts';
import type { Attempt, Task, Transition } from '../lifecycle/transition.ts';
import type { Observation } from './observation.ts';

/** `at` is the time of receipt on our clock: workers' clocks differ, and windows must not. */
export function observationsOfEvent(event: Event<Redacted>, at: Millis): Observation[] {
  const heard: Observation = { kind: 'heard', at };
  switch (event.type) {
    case 'worker-online':
    case 'worker-heartbeat':
    case 'worker-offline':
      return [
        heard,
        {
          kind: 'worker',
          at,
          change: event.type === 'worker-online' ? 'online' : event.type === 'worker-offline' ? 'offline' : 'heartbeat',
          host: event.hostname,
          pid: event.pid,
          heartbeatMs: event.heartbeatMs,
          active: event.active,
          processed: event.processed,
        },
      ];
    case 'task-sent':
    case 'task-received': {
      const { id, retries, name, eta, expires } = event;
      const queue = event.type === 'task-sent' ? event.queue : undefined;
      // What may expire may leave the queue without a word.
      if (expires !== undefined) return [heard];
      return [heard, { kind: 'waiting', at, taskId: id, retries, task: name, queue, eta }];
    }
    case 'task-revoked':
      return [heard, { kind: 'taken', at, taskId: event.id }];
    case 'task-result':
      return [];
    default:
      return [heard];
  }
}

export function observationsOf(transition: Transition, at: Millis): Observation[] {
  const { task } = transition;
  switch (transition.kind) {
    case 'attempt-started':
      return [{ ...attemptOf(task, transition.attempt), kind: 'attempt-started', at, traceId: task.traceId }];
    case 'attempt-ended': {
      const { attempt } = transition;
      const { outcome, runtimeMs } = attempt;
      return [{ ...attemptOf(task, attempt), kind: 'attempt-ended', at, outcome: outcome ?? 'unknown', runtimeMs, retry: retryOf(task, attempt) }];
    }
    case 'task-noted': {
      const { note } = transition;
      if (note.what !== 'poison-loop' && note.what !== 'run-twice') return [];
      const times = note.what === 'poison-loop' ? note.starts : note.runs;
      const { id: taskId, traceId, name, queue } = task;
      return [{ kind: 'noted', at, what: note.what, taskId, traceId, task: name, queue, host: task.attempts.at(-1)?.hostname, times }];
    }
    case 'task-queued':
    case 'task-ended':
      return [];
    default:
      return transition satisfies never;
  }
}

/** Poison loops are told by their note, which knows how often. */
export function observationsOfFailure(failure: Failure, at: Millis): Observation[] {
  if (failure.cause === 'poison-loop') return [];
  const { task } = failure;
  return [
    {
      kind: 'failed',
      at,
      failure: {
        id: failure.id,
        fingerprint: failure.fingerprint,
        task: task.name,
        queue: task.queue,
        host: failure.attempt?.hostname,
        title: failure.title,
        exception: exceptionOf(failure),
        class: failure.class,
        cause: failure.cause,
        isExhausted: failure.outcome === 'exhausted',
        taskId: task.id,
        traceId: task.traceId,
      },
    },
  ];
}

function attemptOf(task: Task, attempt: Attempt) {
  const { spanId, hostname, retries } = attempt;
  return { attempt: spanId, taskId: task.id, retries, task: task.name, queue: task.queue, host: hostname };
}

function retryOf(task: Task, { outcome, exception }: Attempt) {
  if (outcome !== 'retried') return undefined;
  const name = exception === undefined ? 'Retry' : shortName(exception.type);
  const title = exception === undefined || exception.message === '' ? name : `${name}: ${exception.message}`;
  return { exception: name, title: title.slice(0, 200).toWellFormed() as Redacted, traceId: task.traceId };
}

/** The class that people know it by: a killed child has none of its own, and is called what Celery calls it. */
function exceptionOf({ cause, exception, attempt, task }: Failure): string | undefined {
  if (cause === 'worker-lost') return 'WorkerLostError';
  if (cause === 'hard-time-limit') return 'TimeLimitExceeded';
  const type = exception?.type ?? attempt?.exception?.type ?? task.exception?.type;
  return type === undefined || type === '' ? undefined : shortName(type);
}
