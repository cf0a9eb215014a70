/** Tasks, attempts and transitions for tests: complete, and different only in the fields that a test sets. */
import type { Hostname, TaskId } from '../../src/event/ids.ts';
import type { ExceptionText } from '../../src/event/python/exception.ts';
import type { Redacted } from '../../src/event/untrusted.ts';
import type { Attempt, Send, Task, Transition } from '../../src/lifecycle/transition.ts';

export function anAttempt(fields: Partial<Attempt> = {}): Attempt {
  return {
    key: '0.1',
    number: 1,
    retries: 0,
    isRedelivery: false,
    hostname: 'celery@mail-1' as Hostname,
    pid: 7,
    receivedAt: 1_000,
    eta: undefined,
    startedAt: 2_000,
    endedAt: 5_000,
    outcome: 'succeeded',
    cause: undefined,
    exception: undefined,
    signal: undefined,
    result: undefined,
    runtimeMs: undefined,
    spanId: 'attempt-span',
    ...fields,
  };
}

export function aSend(fields: Partial<Send> = {}): Send {
  return {
    key: '0.0.1',
    at: 500,
    hostname: 'gen1@web' as Hostname,
    retries: 0,
    queue: 'mail',
    exchange: undefined,
    routingKey: undefined,
    spanId: 'send-span',
    ...fields,
  };
}

export function aTask(fields: Partial<Task> = {}): Task {
  return {
    id: 'task-1' as TaskId,
    name: 'mail.send' as Redacted,
    args: undefined,
    kwargs: undefined,
    queue: 'mail',
    rootId: 'root-1' as TaskId,
    parentId: undefined,
    groupId: undefined,
    publication: 0,
    eta: undefined,
    expires: undefined,
    firstAt: 500,
    lastAt: 5_000,
    state: 'success',
    sends: [],
    attempts: [anAttempt()],
    exception: undefined,
    traceId: 'trace-1',
    spanId: 'task-span',
    parentSpanId: undefined,
    ...fields,
  };
}

export function anException(type: string, message: string, traceback?: string): ExceptionText {
  return { type: type as Redacted, message: message as Redacted, traceback: traceback as Redacted | undefined };
}

type Of<Kind extends Transition['kind']> = Extract<Transition, { kind: Kind }>;

export function attemptEnded(fields: Partial<Of<'attempt-ended'>> = {}): Of<'attempt-ended'> {
  const attempt = fields.attempt ?? anAttempt();
  return {
    kind: 'attempt-ended',
    at: 5_000,
    task: aTask({ attempts: [attempt] }),
    attempt,
    wait: undefined,
    ...fields,
  };
}

export function taskEnded(fields: Partial<Of<'task-ended'>> = {}): Of<'task-ended'> {
  const task = fields.task ?? aTask();
  return {
    kind: 'task-ended',
    at: 5_000,
    task,
    outcome: 'succeeded',
    cause: undefined,
    attempt: task.attempts.at(-1),
    unbegun: [],
    corrects: undefined,
    ...fields,
  };
}
