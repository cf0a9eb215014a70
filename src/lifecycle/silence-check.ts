/** Finds open tasks and attempts that are silent for longer than an undisturbed task would be. Decides only. */
import type { Millis } from '../event/ids.ts';
import type { ReceivedRecordEvent } from './derive/record-event.ts';
import type { LifecycleState } from './lifecycle-state.ts';
import type { SuspicionKind } from './suspicion.ts';
import type { RecordContents } from './tables/packed-events.ts';
import type { RunningAttempt, TaskRecord } from './tables/task-record.ts';
import { isSamePid } from './tables/worker-session.ts';
import type { GoneWorker } from './tables/worker-transition.ts';

export interface Doubt {
  readonly kind: SuspicionKind;
  /** The task may have ended without an event, or may run without a start event. */
  readonly isUncertain: boolean;
}

/** An idle worker starts what it has reserved at once; only a rate limit delays it for longer. */
const idleReservedMs = 60_000;
/** A runtime this many times the longest one of the task name is overdue. */
const overdueFactor = 3;

const lostForSure: Doubt = { kind: 'lost', isUncertain: false };
const perhapsLost: Doubt = { kind: 'lost', isUncertain: true };
const vanished: Doubt = { kind: 'vanished', isUncertain: false };
const overdue: Doubt = { kind: 'overdue', isUncertain: false };
const endUnreported: Doubt = { kind: 'end-unreported', isUncertain: false };
const notRedelivered: Doubt = { kind: 'not-redelivered', isUncertain: false };

/** The doubt about an open task without a suspicion; undefined if its silence is normal or its next check is not due. */
export function doubtAbout(state: LifecycleState, record: TaskRecord, now: Millis): Doubt | undefined {
  const { options } = state;
  if (record.dueAt !== undefined || now < record.nextCheckAt) return undefined;
  // A witness expected another delivery by now.
  if (record.nextAttempt !== undefined) return lostForSure;
  const { openAttempt } = record;
  if (openAttempt !== undefined) return doubtAboutAttempt(state, { record, openAttempt, now });
  // Unpacked once: most open tasks are packed, and each is checked every ten seconds.
  const { contents } = record;
  const last = contents.events.findLast(({ type }) => type !== 'task-sent');
  switch (last?.type) {
    case undefined:
    case 'task-retried':
      return doubtAboutPublished(state, contents, now);
    case 'task-received':
      return doubtAboutReceived(state, { contents, received: last, now });
    case 'task-rejected':
    case 'task-cancelled':
      // Requeued, unless the message was acknowledged at the start: then it is gone. Only the broker has the answer.
      return options.witnesses.includes('broker') && last.receivedAt + idleReservedMs <= now
        ? notRedelivered
        : undefined;
    default:
      return undefined;
  }
}

interface AttemptCheck {
  readonly record: TaskRecord;
  readonly openAttempt: RunningAttempt;
  readonly now: Millis;
}

function doubtAboutAttempt(
  { options, workers, baseline }: LifecycleState,
  { record, openAttempt: { hostname, pid, startedAt }, now }: AttemptCheck,
): Doubt | undefined {
  const runningMs = now - startedAt;
  if (runningMs <= options.overdueAfterMs) return undefined;
  // A worker in warm shutdown may finish its tasks, but not without a limit, and its death is not reported.
  if (workers.isGone(hostname, pid, startedAt)) return perhapsLost;
  return runningMs > overdueFactor * baseline.longestMs(record.attributes.name) ? overdue : undefined;
}

function doubtAboutPublished(
  { options, baseline }: LifecycleState,
  contents: RecordContents,
  now: Millis,
): Doubt | undefined {
  if (dueAt(contents) + options.vanishedAfterMs > now) return undefined;
  // A worker of another instance may execute it, which only the workers themselves can answer.
  if (!options.ownsAllWorkers && !options.witnesses.includes('workers')) return undefined;
  // Without a single receive event for the task name, the workers do not send such events.
  return baseline.isReceived(contents.attributes.name) ? vanished : undefined;
}

interface ReceivedCheck {
  readonly contents: RecordContents;
  readonly received: ReceivedRecordEvent;
  readonly now: Millis;
}

function doubtAboutReceived(
  { options, workers }: LifecycleState,
  { contents, received: { hostname, pid, at, receivedAt }, now }: ReceivedCheck,
): Doubt | undefined {
  if (receivedAt + idleReservedMs > now) return undefined;
  // The broker delivers again what a dead worker had reserved, unless the task had started without an event.
  if (options.witnesses.length > 0 && workers.isGone(hostname, pid, at)) return perhapsLost;
  const idleSince = workers.idleSince(hostname);
  const isIdle = idleSince !== undefined && Math.max(idleSince, at) + idleReservedMs < now;
  // Some pools lose the events of short tasks, so that `task-received` is the last event.
  return isIdle && dueAt(contents) + idleReservedMs <= now ? endUnreported : undefined;
}

/** The time at which a worker should have received or started the task: the latest event or eta. */
function dueAt({ attributes, events }: RecordContents): Millis {
  let due = attributes.eta ?? 0;
  for (const event of events) due = Math.max(due, event.receivedAt, ('eta' in event ? event.eta : undefined) ?? 0);
  return due;
}

export interface DoubtfulTask {
  readonly record: TaskRecord;
  readonly doubt: Doubt;
}

/**
 * The open attempts of a worker that is gone. If more are open than the worker last reported as active, some of them ended
 * without an event, and nothing distinguishes those from the rest. A worker that never reported an active task may have
 * executed any of them, except those that started after its last report if another process took its place.
 */
export function attemptsLostWith(
  { running }: LifecycleState,
  { kind, hostname, pid, active, activeAt, hasReportedActive, from, until, isShared }: GoneWorker,
): DoubtfulTask[] {
  // No event contains which of two processes with one name and pid executes a task.
  if (isShared) return [];
  const open = running.onWorker(hostname).filter(({ openAttempt }) => {
    const startedAt = openAttempt?.startedAt ?? from;
    return isSamePid(pid, openAttempt?.pid) && startedAt >= from && startedAt < until;
  });
  const isCounted = ({ openAttempt }: TaskRecord): boolean => (openAttempt?.startedAt ?? 0) <= (activeAt ?? 0);
  const isMore = active !== undefined && open.filter(isCounted).length > active;
  return open.map((record) => {
    const isUnknown = kind !== 'worker-restarted' || active === undefined || isCounted(record);
    const isUncertain = (!hasReportedActive && isUnknown) || (isMore && isCounted(record));
    return { record, doubt: isUncertain ? perhapsLost : lostForSure };
  });
}
