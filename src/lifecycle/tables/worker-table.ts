/**
 * The state of each worker: online, offline or lost.
 *
 * - A worker that never sent a heartbeat is never lost: `--without-heartbeat` sends none.
 * - Silence counts only while events can arrive: a gap restarts the time of silence.
 * - `worker-offline` is sent at the start of a warm shutdown, and no heartbeat follows. The worker's tasks go on, until it
 *   is killed at the end of its grace period at the latest.
 * - A worker is a node name and a process (worker-session.ts). Another process with the same name is a restart, and the old
 *   process is gone once it is silent. A process that sent `worker-offline` may finish its tasks beside its successor, and
 *   two processes that share a name by mistake alternate.
 */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { WorkerEvent } from '../../event/task-event.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { provenSilenceLimitMs, silenceLimitMs } from './worker-rhythm.ts';
import {
  addEvent,
  hasReturned,
  hasSuccessor,
  isReconnect,
  isSamePid,
  sessionOf,
  startSession,
  type WorkerSession,
} from './worker-session.ts';
import { changeBetween, type GoneWorker, goneOf, transitionOf, type WorkerTransition } from './worker-transition.ts';

export interface WorkerOptions {
  /** Silence after which a worker counts as lost if its own rhythm is unknown; three heartbeats must be missing too. */
  readonly silentAfterMs: Millis;
  /** Time between `worker-offline` and the kill of a worker that still executes tasks. */
  readonly graceMs: Millis;
  /** Node names held; the one with the oldest worker event is evicted first. */
  readonly workersMax: number;
}

export interface WorkerView {
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly state: 'online' | 'offline' | 'lost';
  readonly lastSeenAt: Millis;
  readonly active: number | undefined;
  readonly processed: number | undefined;
  readonly software: string | undefined;
  /** Clock of its host minus ours; 0 if unknown. */
  readonly clockOffsetMs: Millis;
}

export interface WorkerSweep {
  /**
   * Workers that are lost by now and were not before, and those that another process of the same pid replaced. A worker that
   * sent `worker-offline` is no loss.
   */
  readonly lost: readonly WorkerTransition[];
  /** All processes that are gone by now and were not before: lost, replaced, or killed at the end of their grace period. */
  readonly gone: readonly GoneWorker[];
}

/** Processes with one node name at the same time: a shared name by mistake. The oldest is dropped beyond this. */
const sessionsMax = 32;
/** A pause in the arrival of events longer than this one is no proof that events can arrive. */
const flowPauseMs = 5_000;
/** A worker that ends within its grace period sends the last events of its tasks a few seconds later at most. */
const lastEventsMs = 5_000;
/** Heartbeats that a replaced process must miss. */
const replacedHeartbeats = 3;

export class WorkerTable {
  readonly #options: WorkerOptions;
  /** The processes of each node name, the one with the latest worker event last. */
  readonly #nodes: BoundedMap<Hostname, WorkerSession[]>;
  #sessionsStarted = 0;
  /** Receipt of the latest event, and the time since which events arrived without a pause. */
  #lastArrivalAt = Number.NEGATIVE_INFINITY;
  #flowSince = Number.NEGATIVE_INFINITY;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#nodes = new BoundedMap({ itemsMax: options.workersMax });
  }

  apply(event: WorkerEvent): WorkerTransition[] {
    const { hostname, receivedAt } = event;
    this.#noteArrival(receivedAt);
    const sessions = this.#nodes.get(hostname) ?? [];
    this.#nodes.delete(hostname);
    this.#nodes.set(hostname, sessions);
    const previous = sessions.at(-1);
    const silentMs = previous === undefined ? 0 : receivedAt - previous.lastSeenAt;
    const known = sessionOf(sessions, event);
    const session = known ?? this.#start(sessions, event);
    const { isOffline: wasOffline, isLost: wasLost } = known ?? previous ?? session;
    addEvent(session, event);
    if (session !== sessions.at(-1)) sessions.push(...sessions.splice(sessions.indexOf(session), 1));
    const isOther = known === undefined && previous !== undefined && !isSamePid(previous.pid, session.pid);
    const kind = isOther
      ? 'worker-restarted'
      : changeBetween({ isNew: previous === undefined, wasOffline, wasLost }, session);
    return kind === undefined ? [] : [transitionOf({ kind, at: event.at, session, silentMs })];
  }

  #start(sessions: WorkerSession[], event: WorkerEvent): WorkerSession {
    let previous: WorkerSession | undefined;
    for (const one of sessions) {
      if (isSamePid(one.pid, event.pid) && one.number > (previous?.number ?? 0)) previous = one;
    }
    this.#sessionsStarted += 1;
    const session = startSession(event, this.#sessionsStarted, previous);
    if (sessions.length >= sessionsMax) sessions.shift();
    sessions.push(session);
    return session;
  }

  /** A task event shows that its worker is alive, also a worker that sends no heartbeats. */
  noteTaskEvent(hostname: Hostname, pid: number | undefined, receivedAt: Millis): void {
    this.#noteArrival(receivedAt);
    const sessions = this.#nodes.get(hostname);
    if (sessions === undefined) return;
    const session = sessions.findLast((one) => isSamePid(one.pid, pid)) ?? sessions.at(-1);
    if (session !== undefined && !session.isLost) session.lastSeenAt = receivedAt;
  }

  /** Any event proves that events can arrive. */
  #noteArrival(at: Millis): void {
    if (at - this.#lastArrivalAt > flowPauseMs) this.#flowSince = at;
    this.#lastArrivalAt = Math.max(this.#lastArrivalAt, at);
  }

  /** No event could arrive until `at`: silence before that does not count. */
  skipGap(at: Millis): void {
    this.#flowSince = Math.max(this.#flowSince, at);
    for (const sessions of this.#nodes.values()) {
      for (const session of sessions) {
        session.lastSeenAt = Math.max(session.lastSeenAt, at);
        session.isAfterGap = true;
      }
    }
  }

  sweep(now: Millis): WorkerSweep {
    const lost: WorkerTransition[] = [];
    const gone: GoneWorker[] = [];
    for (const sessions of this.#nodes.values()) {
      for (let i = sessions.length - 1; i >= 0; i -= 1) {
        const session = sessions[i] as WorkerSession;
        const end = this.#endOf(sessions, session, now);
        if (end === undefined) continue;
        const silentMs = now - session.lastSeenAt;
        const kind = end === 'silent' ? (session.isOffline ? 'worker-offline' : 'worker-lost') : 'worker-restarted';
        const transition = transitionOf({ kind, at: now, session, silentMs });
        if (!session.isLost && end !== 'reconnect') gone.push(goneOf(transition, sessions, session));
        if (kind === 'worker-lost' || (end === 'replaced' && isSilentRestart(sessions, session))) lost.push(transition);
        session.isLost = true;
        if (end !== 'silent') sessions.splice(i, 1);
      }
    }
    return { lost, gone };
  }

  /**
   * Why a process is over by now and was not before: it is silent for too long, another process replaced it, or it was the
   * reconnect of another process and never existed.
   */
  #endOf(sessions: readonly WorkerSession[], session: WorkerSession, now: Millis): End | undefined {
    const { isOffline, isLost, offlineAt, lastSeenAt, heartbeatMs } = session;
    const silentMs = now - lastSeenAt;
    const isSilentBriefly = silentMs < replacedHeartbeats * heartbeatMs;
    if (sessions.length > 1 && !isSilentBriefly && isReconnect(sessions, session)) return 'reconnect';
    const isReplaced = sessions.length > 1 && hasSuccessor(sessions, session);
    const end = isReplaced ? 'replaced' : 'silent';
    if (isLost) return isReplaced ? 'replaced' : undefined;
    if (isOffline) {
      const graceEnd = (offlineAt ?? lastSeenAt) + this.#options.graceMs + lastEventsMs;
      return now < graceEnd || silentMs < 2 * lastEventsMs ? undefined : end;
    }
    if (isReplaced && !hasReturned(sessions, session)) return isSilentBriefly ? undefined : 'replaced';
    return silentMs < this.#silenceLimitMs(session, now) ? undefined : end;
  }

  #silenceLimitMs(session: WorkerSession, now: Millis): Millis {
    const { silentAfterMs } = this.#options;
    const limitMs = provenSilenceLimitMs(session, silentAfterMs);
    const isFlowing = now - this.#lastArrivalAt <= flowPauseMs && now - this.#flowSince >= limitMs;
    return isFlowing && !session.isAfterGap ? limitMs : silenceLimitMs(session, silentAfterMs);
  }

  /** Tasks that all processes with the name and the pid of a heartbeat execute by its time; undefined if it has no count. */
  activeWith({ hostname, pid, active }: WorkerEvent): number | undefined {
    const sessions = this.#nodes.get(hostname) ?? [];
    if (active === undefined || sessions.length < 2) return active;
    return sessions
      .filter((session) => !session.isLost && isSamePid(session.pid, pid))
      .reduce((sum, session) => sum + (session.active ?? 0), 0);
  }

  /** Start of the time in which every heartbeat reported no executing task; undefined while it executes or never reported. */
  idleSince(hostname: Hostname): Millis | undefined {
    let latest: Millis | undefined;
    for (const { idleSince } of this.#nodes.get(hostname) ?? []) {
      if (idleSince === undefined) return undefined;
      latest = Math.max(latest ?? idleSince, idleSince);
    }
    return latest;
  }

  /**
   * True if the process that started an attempt at `startedAt` went offline, is lost, or was replaced. False for a worker
   * that never sent a worker event.
   */
  isGone(hostname: Hostname, pid: number | undefined, startedAt: Millis): boolean {
    const sessions = this.#nodes.get(hostname);
    if (sessions === undefined) return false;
    return sessions
      .filter((session) => isSamePid(session.pid, pid) && session.since <= startedAt)
      .every(({ isOffline, isLost }) => isOffline || isLost);
  }

  names(): IterableIterator<Hostname> {
    return this.#nodes.keys();
  }

  /** One event per worker that restores its state in another table. */
  lastEvents(): WorkerEvent[] {
    return this.#current().map((session) => ({
      type: session.isOffline ? 'worker-offline' : 'worker-heartbeat',
      hostname: session.hostname,
      pid: session.pid,
      at: session.lastAt,
      receivedAt: session.lastSeenAt,
      heartbeatMs: session.heartbeatMs,
      active: session.active,
      processed: session.processed,
      clock: session.clock,
      software: session.software,
    }));
  }

  remove(hostname: Hostname): void {
    this.#nodes.delete(hostname);
  }

  views(offsetOf: (hostname: Hostname) => Millis = () => 0): WorkerView[] {
    return this.#current().map((session) => ({
      hostname: session.hostname,
      pid: session.pid,
      state: session.isOffline ? 'offline' : session.isLost ? 'lost' : 'online',
      lastSeenAt: session.lastSeenAt,
      active: session.active,
      processed: session.processed,
      software: session.software,
      clockOffsetMs: offsetOf(session.hostname),
    }));
  }

  /** The process of each node name with the latest worker event. */
  #current(): WorkerSession[] {
    return [...this.#nodes.values()].flatMap((sessions) => sessions.slice(-1));
  }
}

/** True for a restart that no transition reported, because the pid is the same. */
function isSilentRestart(
  sessions: readonly WorkerSession[],
  { pid, number, isLost, isOffline }: WorkerSession,
): boolean {
  return !isLost && !isOffline && sessions.some((one) => one.number > number && isSamePid(one.pid, pid));
}

type End = 'silent' | 'replaced' | 'reconnect';
