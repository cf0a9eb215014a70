/**
 * One process of a worker, from its first event to its death. In a container every process has the pid 1 and the name
 * stays, so a process is recognised by what only grows while it lives: the number of executed tasks and its logical clock.
 */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { WorkerEvent } from '../../event/task-event.ts';

export interface WorkerSession {
  readonly hostname: Hostname;
  /** Number of the process among those of its name, in the order of their first events. */
  readonly number: number;
  pid: number | undefined;
  /** Attempts that started before belong to an earlier process of this pid. */
  since: Millis;
  heartbeatMs: Millis;
  /** Number of worker events. */
  events: number;
  /** Receipt of the last event of any type. */
  lastSeenAt: Millis;
  /** Times of the first and the last worker event, by the worker's clock. */
  readonly firstAt: Millis;
  lastAt: Millis;
  /** The last event seemed to be older than the one before it. */
  isDelayed: boolean;
  /** The process sent `worker-offline`, and when we received that. */
  isOffline: boolean;
  offlineAt: Millis | undefined;
  isLost: boolean;
  active: number | undefined;
  /** Time of the heartbeat with `active`. */
  activeAt: Millis | undefined;
  hasReportedActive: boolean;
  longestSilenceMs: Millis;
  /** Every heartbeat since then reported no executing task. */
  idleSince: Millis | undefined;
  processed: number | undefined;
  /** The same before the last event. */
  processedBefore: number | undefined;
  clock: number | undefined;
  software: string | undefined;
  /** No event could arrive for some time, and none of this process did since then. */
  isAfterGap: boolean;
}

/** A session without events; `previous` is the latest process of the same pid before it. */
export function startSession(event: WorkerEvent, number: number, previous: WorkerSession | undefined): WorkerSession {
  const { hostname, pid, receivedAt, at } = event;
  return {
    hostname,
    number,
    pid,
    since: previous === undefined ? Number.NEGATIVE_INFINITY : startOf(event, previous),
    heartbeatMs: event.heartbeatMs,
    events: 0,
    lastSeenAt: receivedAt,
    firstAt: at,
    lastAt: at,
    isDelayed: false,
    isOffline: false,
    offlineAt: undefined,
    isLost: false,
    active: undefined,
    activeAt: undefined,
    hasReportedActive: false,
    longestSilenceMs: 0,
    idleSince: undefined,
    processed: undefined,
    processedBefore: undefined,
    clock: undefined,
    software: undefined,
    isAfterGap: false,
  };
}

/** Without `worker-online` a process that executes tasks may have started any of those since its predecessor's last event. */
function startOf({ type, active, at }: WorkerEvent, previous: WorkerSession): Millis {
  return type === 'worker-online' || active === 0 ? at : Math.min(at, previous.lastAt);
}

/** Events this close together may be out of order: threads of a worker send them, and corrections of its clock vary. */
const noiseMs = 500;

/** Adds an event to the process that sent it. */
export function addEvent(session: WorkerSession, event: WorkerEvent): void {
  const { active, receivedAt, at } = event;
  const isFirst = session.events === 0;
  const lateMs = session.lastAt - at;
  if (!isFirst && lateMs > 0 && !session.isDelayed) {
    // Out of order: it proves life, and newer events have the state. Twice in a row: the worker's clock was set back.
    session.isDelayed = lateMs >= noiseMs;
    session.lastSeenAt = Math.max(session.lastSeenAt, receivedAt);
    if (event.type === 'worker-offline' && lateMs < noiseMs) noteOffline(session, event);
    return;
  }
  // A pause in which nothing could arrive is no silence of the worker, and its clock shows that.
  const silentMs = isFirst ? 0 : Math.min(receivedAt - session.lastSeenAt, Math.abs(at - session.lastAt));
  session.longestSilenceMs = Math.max(session.longestSilenceMs, silentMs);
  session.events += 1;
  session.pid = event.pid ?? session.pid;
  session.heartbeatMs = event.heartbeatMs;
  session.lastSeenAt = receivedAt;
  session.lastAt = at;
  session.isDelayed = false;
  session.isAfterGap = false;
  session.isLost = false;
  noteOffline(session, event);
  if (active !== undefined) {
    session.active = active;
    session.activeAt = at;
    session.hasReportedActive ||= active > 0;
    session.idleSince = active === 0 ? (session.idleSince ?? at) : undefined;
  }
  session.processedBefore = session.processed;
  session.processed = event.processed ?? session.processed;
  session.clock = event.clock ?? session.clock;
  session.software = event.software ?? session.software;
}

function noteOffline(session: WorkerSession, { type, receivedAt }: WorkerEvent): void {
  session.isOffline = type === 'worker-offline';
  session.offlineAt = session.isOffline ? (session.offlineAt ?? receivedAt) : undefined;
}

/**
 * The process among `sessions` of one node name that sent the event, or undefined for a new one. Of several that it may
 * continue, the one that did not miss heartbeats, and then the one with the nearest number of executed tasks.
 */
export function sessionOf(sessions: readonly WorkerSession[], event: WorkerEvent): WorkerSession | undefined {
  let best: WorkerSession | undefined;
  for (const session of sessions) {
    if (isContinued(session, event) && (best === undefined || isNearer(session, best, event))) best = session;
  }
  return best;
}

function isContinued(session: WorkerSession, event: WorkerEvent): boolean {
  const { pid, at, processed, clock, software } = event;
  if (!isSamePid(session.pid, pid)) return false;
  if (at < session.lastAt && !session.isDelayed) {
    // Delayed, so its counters are older too. A successor sent no event before its first one.
    return at < session.lastAt - noiseMs ? at >= session.since : !isLess(processed, session.processedBefore);
  }
  if (software !== undefined && session.software !== undefined && software !== session.software) return false;
  if (isLess(processed, session.processed)) return false;
  return at - session.lastAt < noiseMs || !isLess(clock, session.clock);
}

/** Two heartbeats and a half: a live process missed at most one. */
const overdueFactor = 2.5;

function isNearer(session: WorkerSession, other: WorkerSession, event: WorkerEvent): boolean {
  if (session.events < 2 && session.number > other.number) return !isReconnectOf(other, session, event);
  if (other.events < 2 && other.number > session.number) return isReconnectOf(session, other, event);
  const isOverdue = isMissingHeartbeats(session, event.at);
  if (isOverdue !== isMissingHeartbeats(other, event.at)) return !isOverdue;
  const difference = distanceOf(session, event) - distanceOf(other, event);
  return difference < 0 || (difference === 0 && session.lastSeenAt > other.lastSeenAt);
}

/** True if the single event of `young` was a reconnect of `old`, as the next event shows, which both may have sent. */
function isReconnectOf(old: WorkerSession, young: WorkerSession, event: WorkerEvent): boolean {
  if (old.processed === 0 || isMissingHeartbeats(old, event.at)) return false;
  return distanceOf(old, event) <= distanceOf(young, event);
}

function isMissingHeartbeats({ lastAt, heartbeatMs }: WorkerSession, at: Millis): boolean {
  return at - lastAt > overdueFactor * heartbeatMs;
}

function distanceOf(session: WorkerSession, event: WorkerEvent): number {
  return Math.abs((event.processed ?? 0) - (session.processed ?? 0));
}

/** True unless both are known and differ. */
export function isSamePid(one: number | undefined, other: number | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

function isLess(value: number | undefined, than: number | undefined): boolean {
  return value !== undefined && than !== undefined && value < than;
}

/** True if a later process took the name. One event of the same pid is not enough: a worker may have reconnected. */
export function hasSuccessor(sessions: readonly WorkerSession[], { number, pid }: WorkerSession): boolean {
  return sessions.some((one) => one.number > number && (one.events > 1 || !isSamePid(one.pid, pid)));
}

/** True if the process sent an event after its successor had started: two processes share the name. */
export function hasReturned(sessions: readonly WorkerSession[], { number, lastAt }: WorkerSession): boolean {
  return sessions.some((one) => one.number > number && one.firstAt < lastAt);
}

/** True for a process with a single event, after which an earlier one with its pid went on. */
export function isReconnect(
  sessions: readonly WorkerSession[],
  { number, events, pid, firstAt }: WorkerSession,
): boolean {
  return events < 2 && sessions.some((one) => one.number < number && one.lastAt > firstAt && isSamePid(one.pid, pid));
}

/** True if `one` is alive and lived at the same time as `session`. */
export function isBeside(one: WorkerSession, session: WorkerSession): boolean {
  if (one.isLost || one.events < 2) return false;
  return one.number < session.number ? hasReturned([session], one) : hasReturned([one], session);
}
