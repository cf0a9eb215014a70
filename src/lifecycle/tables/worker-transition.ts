/** Changes of a worker, derived from its processes. */
import type { Hostname, Millis } from '../../event/ids.ts';
import { isBeside, isSamePid, type WorkerSession } from './worker-session.ts';

export type WorkerTransition = {
  readonly kind: 'worker-online' | 'worker-offline' | 'worker-restarted' | 'worker-lost';
  readonly at: Millis;
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  /** Number of executing tasks in the latest heartbeat that had one, and the time of that heartbeat. */
  readonly active: number | undefined;
  readonly activeAt: Millis | undefined;
  /** False for a worker that never reported an executing task, like the solo pool, where a task blocks the heartbeat. */
  readonly hasReportedActive: boolean;
  /** Time since the last event of the worker. */
  readonly silentMs: number;
};

/** A process that does not execute anything any more. */
export interface GoneWorker extends WorkerTransition {
  /** Its attempts started at or after `from` and before `until`; others are of an earlier or a later process of the pid. */
  readonly from: Millis;
  readonly until: Millis;
  /** Another process with the same name and pid is alive: no event contains which of the two has an attempt. */
  readonly isShared: boolean;
}

export function goneOf(
  transition: WorkerTransition,
  sessions: readonly WorkerSession[],
  session: WorkerSession,
): GoneWorker {
  const others = sessions.filter((one) => one !== session && isSamePid(one.pid, session.pid));
  const later = others.filter(({ number }) => number > session.number);
  return {
    ...transition,
    from: session.since,
    until: Math.min(Number.POSITIVE_INFINITY, ...later.map(({ since }) => since)),
    isShared: others.some((one) => isBeside(one, session)),
  };
}

interface Before {
  readonly isNew: boolean;
  readonly wasOffline: boolean;
  readonly wasLost: boolean;
}

export function changeBetween(
  { isNew, wasOffline, wasLost }: Before,
  { isOffline }: WorkerSession,
): WorkerTransition['kind'] | undefined {
  if (isNew) return isOffline ? undefined : 'worker-online';
  if (isOffline) return wasOffline ? undefined : 'worker-offline';
  return wasOffline || wasLost ? 'worker-online' : undefined;
}

interface WorkerChange extends Pick<WorkerTransition, 'kind' | 'at' | 'silentMs'> {
  readonly session: WorkerSession;
}

export function transitionOf({ kind, at, session, silentMs }: WorkerChange): WorkerTransition {
  const { hostname, pid, active, activeAt, hasReportedActive } = session;
  return { kind, at, hostname, pid, active, activeAt, hasReportedActive, silentMs };
}
