/**
 * Events of one task from a readable story, 100 ms apart:
 *
 *   storyOf('sent, received, started, sent retry 1, retried, received retry 1 on b, started on b, succeeded on b')
 *
 * Each step is a word from `TaskStoryStep`, optionally with `retry N` and `on HOST`. Host `a` is the default.
 */
import type { Hostname, TaskId } from '../../src/event/ids.ts';
import type { TaskEvent, TaskResult, WorkerEvent } from '../../src/event/task-event.ts';
import { type Redacted, redactedText } from '../../src/event/untrusted.ts';

export const storyTaskId = 'c46fcd27-5762-483e-bd16-38dca825ab2a' as TaskId;
export const storyStart = 1_800_000_000_000;

export type StoryEvent = TaskEvent<Redacted>;

const stepNames = [
  'sent',
  'received',
  'started',
  'succeeded',
  /** As the gevent pool reports an attempt that it killed. */
  'succeeded-without-runtime',
  'failed',
  /** The worker's child process was killed. */
  'killed',
  /** The worker does not know the task. */
  'unregistered',
  'retried',
  'requeued',
  'rejected',
  'terminated',
  'revoked',
  'expired',
  'cancelled',
] as const;
export type TaskStoryStep = (typeof stepNames)[number];

export function storyOf(story: string): StoryEvent[] {
  return story.split(', ').map((step, index) => eventOf(step, storyStart + index * 100));
}

/** One step of a story at `at`, received at the same moment. */
export function eventOf(step: string, at: number): StoryEvent {
  const match = /^([\w-]+)(?: retry (\d+))?(?: on (\w+))?$/.exec(step);
  const name = stepNames.find((one) => one === match?.[1]);
  if (match === null || name === undefined) throw new Error(`unknown step "${step}"`);
  const hostname = `w@${match[3] ?? 'a'}` as Hostname;
  return stepEvent(name, { id: storyTaskId, hostname, pid: 1, at, receivedAt: at }, Number(match[2] ?? 0));
}

type Common = Pick<StoryEvent, 'id' | 'hostname' | 'pid' | 'at' | 'receivedAt'>;

const killedTraceback = redactedText`Traceback (most recent call last):
  File "/b/pool.py", line 1, in mark
    raise WorkerLostError(
billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 4.
`;

function stepEvent(name: TaskStoryStep, common: Common, retries: number): StoryEvent {
  const attributes = {
    name: redactedText`mill.grind`,
    args: undefined,
    kwargs: undefined,
    retries,
    rootId: common.id,
    parentId: undefined,
    eta: undefined,
    expires: undefined,
  };
  const failure = { exception: redactedText`ValueError('no grain')`, traceback: undefined };
  const revoked = { type: 'task-revoked', ...common, terminated: false, expired: false, signal: undefined } as const;
  switch (name) {
    case 'sent':
      return {
        type: 'task-sent',
        ...common,
        ...attributes,
        queue: 'flour',
        exchange: undefined,
        routingKey: undefined,
      };
    case 'received':
      return { type: 'task-received', ...common, ...attributes };
    case 'started':
      return { type: 'task-started', ...common };
    case 'succeeded':
      return { type: 'task-succeeded', ...common, result: undefined, runtimeMs: 5 };
    case 'succeeded-without-runtime':
      return { type: 'task-succeeded', ...common, result: undefined, runtimeMs: undefined };
    case 'failed':
      return { type: 'task-failed', ...common, ...failure };
    case 'killed':
      return {
        type: 'task-failed',
        ...common,
        exception: redactedText`ExceptionWithTraceback()`,
        traceback: killedTraceback,
      };
    case 'unregistered':
      return {
        type: 'task-failed',
        ...common,
        exception: redactedText`NotRegistered('mill.grind')`,
        traceback: undefined,
      };
    case 'retried':
      return { type: 'task-retried', ...common, ...failure };
    case 'requeued':
    case 'rejected':
      return { type: 'task-rejected', ...common, requeue: name === 'requeued' };
    case 'terminated':
      return { ...revoked, terminated: true, signal: '15' };
    case 'revoked':
      return revoked;
    case 'expired':
      return { ...revoked, expired: true };
    case 'cancelled':
      return { type: 'task-cancelled', ...common };
    default:
      return name satisfies never;
  }
}

export function heartbeatAt(at: number, fields: Partial<WorkerEvent> = {}): WorkerEvent {
  return {
    type: 'worker-heartbeat',
    hostname: 'w@a' as Hostname,
    pid: 1,
    at,
    receivedAt: at,
    heartbeatMs: 2_000,
    active: 1,
    processed: 9,
    clock: undefined,
    software: undefined,
    ...fields,
  };
}

export function resultAt(at: number, fields: Partial<TaskResult<Redacted>> = {}): TaskResult<Redacted> {
  return {
    type: 'task-result',
    id: storyTaskId,
    status: 'success',
    at,
    receivedAt: at,
    hostname: undefined,
    retries: undefined,
    name: undefined,
    groupId: undefined,
    parentId: undefined,
    exception: undefined,
    traceback: undefined,
    ...fields,
  };
}
