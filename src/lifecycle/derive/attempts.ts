/**
 * What a task's events, in the order of their own time, say about its attempts. Pure: the same set of events gives the
 * same answer, in whatever order and however often they arrived, which is why lifecycle/ keeps events and derives state
 * from them instead of changing state with each event.
 *
 *   sent ──▶ received ──▶ started ──▶ succeeded | failed | revoked | rejected(requeue=false)      the life is over
 *              │  ▲          ├──────▶ retried, and sent with retries + 1                          it goes on
 *              │  │          ├──────▶ rejected(requeue=true), cancelled                           it may be delivered again
 *              │  └──────────┴─ the broker delivers again: the open attempt is superseded
 *              └──▶ revoked, expired                                                              over without an attempt
 *
 * An id can be used again: once a life is over, the next publication with no retries begins another one.
 */

import type { Hostname, Millis } from '../../event/ids.ts';
import { causeOf, readException, signalOf } from '../../event/python/exception.ts';
import type { TaskEvent, TaskReceived, TaskSent } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { AttemptOutcome, Cause, TaskState, TransitionException } from '../transition.ts';

type AboutTheTask = 'name' | 'args' | 'kwargs' | 'rootId' | 'parentId' | 'expires';
export type SentRecordEvent = Omit<TaskSent<Redacted>, AboutTheTask>;
export type ReceivedRecordEvent = Omit<TaskReceived<Redacted>, AboutTheTask>;

/** An event without what the task says about itself, which is kept once and not with every event. */
export type TaskRecordEvent =
  | SentRecordEvent
  | ReceivedRecordEvent
  | Exclude<TaskEvent<Redacted>, TaskSent<Redacted> | TaskReceived<Redacted>>;

/** An attempt under construction; `lifecycle/derive/task-view.ts` turns it into what later stages see. */
export interface AttemptRecord {
  readonly key: string;
  readonly number: number;
  readonly retries: number;
  readonly isRedelivery: boolean;
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly receivedAt: Millis | undefined;
  startedAt: Millis | undefined;
  endedAt: Millis | undefined;
  outcome: AttemptOutcome | undefined;
  cause: Cause | undefined;
  exception: TransitionException | undefined;
  signal: string | undefined;
  result: Redacted | undefined;
  runtimeMs: number | undefined;
  /** A later delivery of the same publication was seen: the worker died, or both run. */
  isSuperseded: boolean;
  /** Its retry was delivered, so only the word of that can still come. */
  isRetryReceived: boolean;
}

export interface SendRecord {
  readonly at: Millis;
  readonly hostname: Hostname;
  readonly retries: number;
  readonly queue: string | undefined;
  readonly exchange: string | undefined;
  readonly routingKey: string | undefined;
  readonly eta: Millis | undefined;
}

export interface Publication {
  readonly number: number;
  readonly sends: SendRecord[];
  readonly attempts: AttemptRecord[];
  firstAt: Millis;
  lastAt: Millis;
  /** How it ended without a run: revoked, expired, unregistered. */
  end:
    | {
        readonly at: Millis;
        readonly hostname: Hostname;
        readonly outcome: AttemptOutcome;
        readonly cause: Cause;
        readonly exception: TransitionException | undefined;
      }
    | undefined;
  readonly waiting: Delivery[];
  receivedCount: number;
}

interface Delivery {
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly at: Millis;
  readonly retries: number;
  readonly eta: Millis | undefined;
}

/** How much later than the end of a task its publication may be told, and still be that publication. */
const lateSendMs = 5_000;

const rank: Record<TaskRecordEvent['type'], number> = {
  'task-sent': 0,
  'task-received': 1,
  'task-started': 2,
  'task-retried': 3,
  'task-succeeded': 3,
  'task-failed': 3,
  'task-revoked': 3,
  'task-cancelled': 3,
  'task-rejected': 4,
};

const stateAfter: Record<TaskRecordEvent['type'], TaskState> = {
  'task-sent': 'sent',
  'task-received': 'received',
  'task-started': 'started',
  'task-retried': 'retry',
  'task-succeeded': 'success',
  'task-failed': 'failure',
  'task-revoked': 'revoked',
  'task-cancelled': 'cancelled',
  'task-rejected': 'rejected',
};

/** Order of two events of one task: by the speakers' time, then by what must come first, then by a stable rest. */
export function compareRecordEvents(a: TaskRecordEvent, b: TaskRecordEvent): number {
  if (a.at !== b.at) return a.at - b.at;
  if (rank[a.type] !== rank[b.type]) return rank[a.type] - rank[b.type];
  if (a.type !== b.type) return a.type < b.type ? -1 : 1;
  if (a.hostname !== b.hostname) return a.hostname < b.hostname ? -1 : 1;
  return (a.pid ?? 0) - (b.pid ?? 0);
}

/** Celery's state as far as the events tell: that of the last one, by their own time, that is not a publication. */
export function stateOf(events: readonly TaskRecordEvent[]): TaskState {
  const last = events.findLast((event) => event.type !== 'task-sent');
  return last === undefined ? 'sent' : stateAfter[last.type];
}

/** The lives in `events`, which are sorted by `compareSaid` and not empty. */
export function derivePublications(events: readonly TaskRecordEvent[]): readonly Publication[] {
  let life = newPublication(0, events[0]?.at ?? 0);
  const lives = [life];
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index] as TaskRecordEvent;
    if (startsNextPublication(event, life, events, index)) {
      life = newPublication(lives.length, event.at);
      lives.push(life);
    }
    take(event, life);
    life.firstAt = Math.min(life.firstAt, event.at);
    life.lastAt = Math.max(life.lastAt, event.at);
  }
  for (const each of lives) if (each.attempts.length > 1) concludeRetried(each);
  return lives;
}

/** A later attempt with more retries has begun, so this one ended in a retry, though nobody told of that. */
function concludeRetried(life: Publication): void {
  for (const run of life.attempts) {
    if (run.outcome !== undefined || run.isSuperseded) continue;
    const next = life.attempts.find(({ retries }) => retries > run.retries);
    if (next === undefined) continue;
    run.outcome = 'retried';
    run.endedAt = Math.max(
      run.startedAt ?? 0,
      life.sends.find(({ retries }) => retries === next.retries)?.at ?? next.receivedAt ?? next.startedAt ?? 0,
    );
  }
}

/** Nothing more is expected: it ended for good, and neither a publication nor a run of it is open. */
export function isOver(life: Publication): boolean {
  if (life.end !== undefined) return true;
  const last = life.attempts.findLast((run) => run.outcome !== undefined);
  if (last === undefined || !isFinal(last)) return false;
  if (life.attempts.some((run) => run.outcome === undefined && !run.isSuperseded)) return false;
  const retriesSeen = Math.max(...life.attempts.map((run) => run.retries));
  if (life.sends.some((send) => send.retries > retriesSeen)) return false;
  const published = life.sends.filter((send) => send.retries === last.retries).length;
  return !life.waiting.some((delivery) => delivery.retries > retriesSeen || published > 1);
}

function isFinal(run: AttemptRecord): boolean {
  switch (run.outcome) {
    case 'succeeded':
    case 'failed':
    case 'revoked':
      return true;
    case 'rejected':
      return run.cause !== 'requeued';
    default:
      return false;
  }
}

function newPublication(number: number, at: Millis): Publication {
  return { number, sends: [], attempts: [], firstAt: at, lastAt: at, end: undefined, waiting: [], receivedCount: 0 };
}

function startsNextPublication(
  event: TaskRecordEvent,
  life: Publication,
  events: readonly TaskRecordEvent[],
  index: number,
): boolean {
  if (event.type !== 'task-sent' && event.type !== 'task-received') return false;
  if (event.retries !== 0 || !isOver(life)) return false;
  // A short task can be over before its producer tells of it: such a late word belongs to the life that it began.
  if (event.type === 'task-sent') return life.sends.length > 0 || event.at > life.lastAt + lateSendMs;
  if (life.receivedCount === 0) return false;
  // Where publications are told, a delivery that has none of its own, not even a late one, is the old one delivered again.
  const isTold = life.sends.some(({ retries }) => retries === 0);
  const isPublished = (other: TaskRecordEvent): boolean =>
    other.type === 'task-sent' && other.retries === 0 && other.at <= event.at + lateSendMs;
  return !isTold || events.slice(index + 1).some(isPublished);
}

function take(event: TaskRecordEvent, life: Publication): void {
  switch (event.type) {
    case 'task-sent': {
      const { at, hostname, retries, queue, exchange, routingKey, eta } = event;
      life.sends.push({ at, hostname, retries, queue, exchange, routingKey, eta });
      return;
    }
    case 'task-received':
      life.receivedCount += 1;
      markRetryReceived(life, event.retries);
      life.waiting.push({
        hostname: event.hostname,
        pid: event.pid,
        at: event.at,
        retries: event.retries,
        eta: event.eta,
      });
      supersede(life, event.retries, event.at);
      return;
    case 'task-started':
      begin(life, event).startedAt = event.at;
      return;
    default:
      finish(event, life);
  }
}

/** Only a run publishes its retry, so what was delivered before with fewer retries has run, though nobody told of it. */
function markRetryReceived(life: Publication, retries: number): void {
  for (const delivery of life.waiting.filter((one) => one.retries < retries)) {
    // An id that was published twice has two runs of one count.
    if (life.sends.filter((send) => send.retries === delivery.retries).length > 1) continue;
    if (life.attempts.some((run) => run.retries === delivery.retries))
      life.waiting.splice(life.waiting.indexOf(delivery), 1);
    else begin(life, delivery).isRetryReceived = true;
  }
}

/** A new delivery with the same count of retries, without a publication for it, follows a run that never ended. */
function supersede(life: Publication, retries: number, at: Millis): void {
  for (const run of life.attempts) {
    if (run.outcome !== undefined || run.retries !== retries || run.isSuperseded) continue;
    // After its receipt, since the parent process tells of a start only when it gets to it: the task may have gone on by then.
    const since = run.receivedAt ?? run.startedAt ?? at;
    const isPublishedAgain = life.sends.some((send) => send.retries === retries && send.at > since);
    run.isSuperseded = true;
    // `replace()` publishes the task's own id again and leaves this run without an end of its own.
    if (isPublishedAgain) run.cause = 'replaced';
  }
}

/** A run where `speaker` is, of the first delivery that waits there. */
function begin(life: Publication, speaker: Pick<TaskRecordEvent, 'hostname' | 'pid'>): AttemptRecord {
  const index = life.waiting.findIndex((delivery) => delivery.hostname === speaker.hostname);
  const delivery = index < 0 ? undefined : life.waiting.splice(index, 1)[0];
  const before = life.attempts.at(-1);
  const retries =
    delivery?.retries ?? (before === undefined ? 0 : before.retries + (before.outcome === 'retried' ? 1 : 0));
  const nth = life.attempts.filter((run) => run.retries === retries).length + 1;
  const published = life.sends.filter((send) => send.retries === retries).length;
  const run: AttemptRecord = {
    key: `${life.number}.${retries}.${nth}`,
    number: life.attempts.length + 1,
    retries,
    isRedelivery: nth > 1 && nth > published,
    hostname: speaker.hostname,
    pid: speaker.pid ?? delivery?.pid,
    receivedAt: delivery?.at,
    startedAt: undefined,
    endedAt: undefined,
    outcome: undefined,
    cause: undefined,
    exception: undefined,
    signal: undefined,
    result: undefined,
    runtimeMs: undefined,
    isSuperseded: false,
    isRetryReceived: false,
  };
  life.attempts.push(run);
  return run;
}

type EndEvent = Exclude<TaskRecordEvent, { type: 'task-sent' | 'task-received' | 'task-started' }>;

function finish(event: EndEvent, life: Publication): void {
  const run = endedAttemptOf(event, life);
  const { outcome, cause, exception, signal } = attemptEndOf(event);
  if (run === undefined) {
    life.end ??= { at: event.at, hostname: event.hostname, outcome, cause: cause ?? 'app-error', exception };
    return;
  }
  // gevent tells of a run that it has just killed as a success, in no time.
  if (run.cause === 'terminated' && event.type === 'task-succeeded' && event.runtimeMs === undefined) return;
  run.endedAt = Math.max(event.at, run.endedAt ?? event.at);
  run.outcome = outcome;
  run.cause = cause;
  run.exception = exception ?? run.exception;
  run.signal = signal ?? run.signal;
  if (event.type !== 'task-succeeded') return;
  run.result = event.result;
  run.runtimeMs = event.runtimeMs;
}

/** The run this ends: an open one there; else one whose start was not told; else the one that already ended there. */
function endedAttemptOf(event: EndEvent, life: Publication): AttemptRecord | undefined {
  const here = (run: AttemptRecord): boolean => run.hostname === event.hostname;
  const canEnd = (run: AttemptRecord): boolean =>
    run.outcome === undefined && run.cause !== 'replaced' && (!run.isRetryReceived || event.type === 'task-retried');
  const open = life.attempts.filter((run) => here(run) && canEnd(run));
  if (open.length > 0) return open.find((run) => !run.isSuperseded) ?? open[0];
  const isWaiting = life.waiting.some((delivery) => delivery.hostname === event.hostname);
  // All else is said of a task that executes: only its own code rejects it, and only what runs is cancelled or terminated.
  const ranUnseen = event.type !== 'task-revoked' || event.terminated;
  if (isWaiting) {
    if (ranUnseen) return begin(life, event);
    // Revoked or expired before it ran: the delivery is used up, and there was no run.
    const index = life.waiting.findIndex((delivery) => delivery.hostname === event.hostname);
    life.waiting.splice(index, 1);
    return undefined;
  }
  const ended = life.attempts.findLast(here);
  if (ended !== undefined) return ended;
  const isUnregistered = event.type === 'task-failed' && attemptEndOf(event).cause === 'unregistered';
  return ranUnseen && !isUnregistered ? begin(life, event) : undefined;
}

interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly cause: Cause | undefined;
  readonly exception: TransitionException | undefined;
  readonly signal: string | undefined;
}

function attemptEndOf(event: EndEvent): AttemptEnd {
  const nothing = { exception: undefined, signal: undefined };
  switch (event.type) {
    case 'task-succeeded':
      return { outcome: 'succeeded', cause: undefined, ...nothing };
    case 'task-failed': {
      const exception = readException(event.exception, event.traceback);
      const cause = causeOf(exception);
      // Later releases tell of a rejection as a failure.
      return { outcome: cause === 'rejected' ? 'rejected' : 'failed', cause, exception, signal: signalOf(exception) };
    }
    case 'task-retried': {
      const exception = readException(event.exception, event.traceback);
      return { outcome: 'retried', cause: causeOf(exception), exception, signal: undefined };
    }
    case 'task-rejected':
      return { outcome: 'rejected', cause: event.requeue ? 'requeued' : 'rejected', ...nothing };
    case 'task-revoked': {
      const cause = event.expired ? 'expired' : event.terminated ? 'terminated' : 'revoked';
      return { outcome: 'revoked', cause, exception: undefined, signal: signalName(event.signal) };
    }
    case 'task-cancelled':
      return { outcome: 'cancelled', cause: 'cancelled', ...nothing };
    default:
      return event satisfies never;
  }
}

const signalNames: Readonly<Record<string, string>> = {
  '1': 'SIGHUP',
  '2': 'SIGINT',
  '3': 'SIGQUIT',
  '6': 'SIGABRT',
  '9': 'SIGKILL',
  '10': 'SIGUSR1',
  '11': 'SIGSEGV',
  '15': 'SIGTERM',
};

function signalName(signal: string | undefined): string | undefined {
  return signal === undefined ? undefined : (signalNames[signal] ?? signal);
}
