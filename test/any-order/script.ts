/**
 * Writes the events of one task as Celery's workers and producers send them. Each function appends events to a script, with
 * true times on one clock; `disturb.ts` moves clocks and arrivals afterwards.
 */
import type { Hostname, TaskId } from '../../src/event/ids.ts';
import type { TaskEvent } from '../../src/event/task-event.ts';
import { type Redacted, redactedText, Untrusted } from '../../src/event/untrusted.ts';
import type { Outcome } from '../../src/lifecycle/transition.ts';
import { digestOf } from '../../src/redact/message-digest.ts';

export type ScriptEvent = TaskEvent<Redacted>;

/** One true execution on a worker, for the counters in its heartbeats. */
export interface TrueRun {
  readonly hostname: Hostname;
  readonly from: number;
  readonly to: number;
}

/** A worker died. */
export interface TrueDeath {
  readonly hostname: Hostname;
  readonly at: number;
}

/** One use of an id, as it really went. */
export interface TruePublication {
  readonly runs: number;
  readonly outcome: Outcome | undefined;
  /** The event that decides it; a second one only repeats it. */
  readonly decidedBy: readonly ScriptEvent[];
  /** Outcomes of the runs that a stream without losses shows, in their order. */
  readonly attempts: readonly string[];
}

export interface Script {
  readonly id: TaskId;
  readonly kind: string;
  readonly events: ScriptEvent[];
  readonly runs: TrueRun[];
  readonly publications: TruePublication[];
  readonly deaths: TrueDeath[];
}

/** The message of a task: equal in every delivery of the same message. */
export interface Body {
  readonly retries: number;
  readonly args: Redacted;
  readonly parentId: TaskId | undefined;
  readonly eta: number | undefined;
}

const latencyMs = 5;
const pid = 10;

export function newScript(id: TaskId, kind: string): Script {
  return { id, kind, events: [], runs: [], publications: [], deaths: [] };
}

export function workerOn(host: number): Hostname {
  return `w@node-${'abcd'[host]}` as Hostname;
}

/** The child process of a worker publishes under a name of its own on the same machine. */
export function childOf(worker: Hostname): Hostname {
  return `gen77@${worker.split('@')[1]}` as Hostname;
}

export const producer = 'gen9@web' as Hostname;

type Where = { readonly hostname: Hostname; readonly at: number };

function common(script: Script, { hostname, at }: Where) {
  const isWorker = hostname.startsWith('w');
  return { id: script.id, hostname, pid: isWorker ? pid : 77, at, receivedAt: at + latencyMs };
}

function messageOf(script: Script, body: Body) {
  const { retries, args, parentId, eta } = body;
  const name = redactedText`mill.grind`;
  return { name, args, kwargs: redactedText`{}`, retries, rootId: script.id, parentId, eta, expires: undefined };
}

function add<E extends ScriptEvent>(script: Script, event: E): E {
  script.events.push(event);
  return event;
}

export function sent(script: Script, where: Where, body: Body): ScriptEvent {
  const route = { queue: 'flour', exchange: undefined, routingKey: undefined };
  return add(script, { type: 'task-sent', ...common(script, where), ...messageOf(script, body), ...route });
}

export function received(script: Script, where: Where, body: Body): ScriptEvent {
  const event = { type: 'task-received', ...common(script, where), ...messageOf(script, body) } as const;
  const [name, args, kwargs] = [event.name, event.args, event.kwargs].map((text) => new Untrusted(text));
  return add(script, { ...event, digest: digestOf({ ...event, name, args, kwargs }) });
}

export function started(script: Script, where: Where): ScriptEvent {
  return add(script, { type: 'task-started', ...common(script, where) });
}

const failure = { exception: redactedText`ValueError('no grain')`, traceback: undefined };
const killed = {
  exception: redactedText`ExceptionWithTraceback()`,
  traceback: redactedText`Traceback (most recent call last):
  File "/b/pool.py", line 1, in mark
    raise WorkerLostError(
billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 4.
`,
};

export type End =
  | 'succeeded'
  | 'failed'
  | 'killed'
  | 'retried'
  | 'requeued'
  | 'rejected'
  | 'cancelled'
  | 'terminated'
  | 'revoked'
  | 'expired'
  | 'unregistered';

/** An end event; `runtimeMs` is part of a success only. */
export function ended(script: Script, where: Where, end: End, runtimeMs?: number): ScriptEvent {
  const about = common(script, where);
  const revoked = { type: 'task-revoked', ...about, terminated: false, expired: false, signal: undefined } as const;
  switch (end) {
    case 'succeeded':
      return add(script, { type: 'task-succeeded', ...about, result: undefined, runtimeMs });
    case 'failed':
      return add(script, { type: 'task-failed', ...about, ...failure });
    case 'killed':
      return add(script, { type: 'task-failed', ...about, ...killed });
    case 'unregistered':
      return add(script, {
        type: 'task-failed',
        ...about,
        exception: redactedText`NotRegistered('mill.grind')`,
        traceback: undefined,
      });
    case 'retried':
      return add(script, { type: 'task-retried', ...about, ...failure });
    case 'requeued':
    case 'rejected':
      return add(script, { type: 'task-rejected', ...about, requeue: end === 'requeued' });
    case 'cancelled':
      return add(script, { type: 'task-cancelled', ...about });
    case 'terminated':
      return add(script, { ...revoked, terminated: true, signal: '15' });
    case 'revoked':
      return add(script, revoked);
    case 'expired':
      return add(script, { ...revoked, expired: true });
    default:
      return end satisfies never;
  }
}

/** One arrival as text: `+120 (at +110) received retry 1 on w@node-a`. Times in milliseconds after `start`. */
export function textOf(event: ScriptEvent, start: number): string {
  const { type, hostname, at, receivedAt } = event;
  const retry = 'retries' in event ? ` retry ${event.retries}` : '';
  const runtime = event.type === 'task-succeeded' ? ` after ${event.runtimeMs}` : '';
  const requeue = event.type === 'task-rejected' && event.requeue ? ' requeue' : '';
  const id = event.id.replace('task-', '#');
  return `${id} +${Math.round(receivedAt - start)} (at ${Math.round(at - start)}) ${type.slice(5)}${requeue}${retry}${runtime} on ${hostname}`;
}
