/**
 * The state of each worker: online, offline or lost.
 *
 * - A worker that never sent a heartbeat is never lost: `--without-heartbeat` sends none.
 * - Silence counts only while events can arrive: a gap restarts the time of silence.
 * - `worker-offline` is sent at the start of a warm shutdown: the worker's tasks go on, and it is gone after silence only.
 * - A worker is a node name and a process. Another process with the same name is a restart, and the old process is gone once
 *   it is silent. A process that sent `worker-offline` may finish its tasks beside its successor, and two processes that
 *   share a name by mistake alternate.
 */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { WorkerEvent } from '../../event/task-event.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';

export interface WorkerOptions {
  /** Shortest silence after which a worker counts as lost; three of its own heartbeats must be missing too. */
  readonly silentAfterMs: number;
  /** Node names held; the one with the oldest worker event is evicted first. */
  readonly workersMax: number;
}

export type WorkerTransition = {
  readonly kind: 'worker-online' | 'worker-offline' | 'worker-restarted' | 'worker-lost';
  readonly at: Millis;
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  /** Number of executing tasks in the latest heartbeat that had one, and its time by the worker's clock. */
  readonly active: number | undefined;
  readonly activeAt: Millis | undefined;
  /** False for a worker that never reported an executing task, like the solo pool, where a task blocks the heartbeat. */
  readonly hasReportedActive: boolean;
  /** Time since the last event of the worker. */
  readonly silentMs: number;
};

export interface WorkerView {
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly state: 'online' | 'offline' | 'lost';
  readonly lastSeenAt: Millis;
  readonly active: number | undefined;
  readonly processed: number | undefined;
  readonly software: string | undefined;
}

interface Worker {
  pid: number | undefined;
  heartbeatMs: number;
  /** Receipt of the last event, by our clock. */
  lastSeenAt: Millis;
  /** The worker sent `worker-offline`. */
  isOffline: boolean;
  isLost: boolean;
  active: number | undefined;
  /** By the worker's clock. */
  activeAt: Millis | undefined;
  hasReportedActive: boolean;
  /** The longest silence after which this process sent an event again. */
  longestSilenceMs: number;
  /** By the worker's clock: every heartbeat since then reported no executing task. */
  idleSince: Millis | undefined;
  processed: number | undefined;
  software: string | undefined;
}

/** Limit of the learned silence: a host that was suspended for a night must not delay detection by two nights. */
const longestSilenceMsMax = 600_000;

interface ReplacedWorker {
  readonly hostname: Hostname;
  readonly worker: Worker;
}

export class WorkerTable {
  readonly #options: WorkerOptions;
  readonly #workers: BoundedMap<Hostname, Worker>;
  /** Processes that did not send `worker-offline` and whose name another process uses now. */
  readonly #replaced = new Map<string, ReplacedWorker>();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#workers = new BoundedMap({ itemsMax: options.workersMax });
  }

  apply(event: WorkerEvent): WorkerTransition[] {
    const { hostname, receivedAt } = event;
    const previous = this.#workers.get(hostname);
    const isOther = previous?.pid !== undefined && event.pid !== undefined && previous.pid !== event.pid;
    const returned = isOther ? this.#replace(previous, event) : undefined;
    const same = isOther ? returned : previous;
    const worker = workerAfter(same, event);
    this.#workers.delete(hostname);
    this.#workers.set(hostname, worker);
    const kind = isOther && returned === undefined ? 'worker-restarted' : changeBetween(same, worker);
    if (kind === undefined) return [];
    const silentMs = previous === undefined ? 0 : receivedAt - previous.lastSeenAt;
    return [transitionOf({ kind, at: event.at, hostname, worker, silentMs })];
  }

  /** Sets `previous` aside as replaced, unless it is gone. Returns the process of `event` if it was set aside before. */
  #replace(previous: Worker, { hostname, pid }: WorkerEvent): Worker | undefined {
    const returned = this.#replaced.get(keyOf(hostname, pid));
    this.#replaced.delete(keyOf(hostname, pid));
    const isGone = previous.isOffline || previous.isLost;
    if (!isGone && this.#replaced.size < this.#options.workersMax)
      this.#replaced.set(keyOf(hostname, previous.pid), { hostname, worker: previous });
    return returned?.worker;
  }

  /** A task event shows that its worker is alive, also a worker that sends no heartbeats. */
  noteTaskEvent(hostname: Hostname, pid: number | undefined, receivedAt: Millis): void {
    if (this.#replaced.size > 0) {
      const replaced = this.#replaced.get(keyOf(hostname, pid));
      if (replaced !== undefined) replaced.worker.lastSeenAt = receivedAt;
    }
    const worker = this.#workers.get(hostname);
    if (worker !== undefined && !worker.isLost) worker.lastSeenAt = receivedAt;
  }

  /** No event could arrive until `at`: silence before that does not count. */
  skipGap(at: Millis): void {
    for (const worker of this.#workers.values()) worker.lastSeenAt = Math.max(worker.lastSeenAt, at);
    for (const { worker } of this.#replaced.values()) worker.lastSeenAt = Math.max(worker.lastSeenAt, at);
  }

  /** The workers that are lost by now and were not before. A silent worker that sent `worker-offline` is no loss. */
  sweep(now: Millis): WorkerTransition[] {
    const lost: WorkerTransition[] = [];
    for (const [hostname, worker] of this.#workers) {
      const silentMs = now - worker.lastSeenAt;
      if (worker.isLost || silentMs < this.#silenceMaxMs(worker)) continue;
      worker.isLost = true;
      if (!worker.isOffline) lost.push(transitionOf({ kind: 'worker-lost', at: now, hostname, worker, silentMs }));
    }
    return lost;
  }

  /** A worker that returned after a long silence may do so again: a solo pool is silent while it executes a task. */
  #silenceMaxMs({ heartbeatMs, longestSilenceMs }: Worker): number {
    const learned = 2 * Math.min(longestSilenceMs, longestSilenceMsMax);
    return Math.max(this.#options.silentAfterMs, 3 * heartbeatMs, learned);
  }

  /** Replaced processes that are silent since then: lost like any other silent worker. */
  takeReplaced(now: Millis): WorkerTransition[] {
    const silent = [...this.#replaced].filter(([, { worker }]) => now - worker.lastSeenAt >= 3 * worker.heartbeatMs);
    return silent.map(([key, { hostname, worker }]) => {
      this.#replaced.delete(key);
      const silentMs = now - worker.lastSeenAt;
      return transitionOf({ kind: 'worker-restarted', at: now, hostname, worker, silentMs });
    });
  }

  /** Start of the time in which every heartbeat reported no executing task; undefined while it executes or never reported. */
  idleSince(hostname: Hostname): Millis | undefined {
    return this.#workers.get(hostname)?.idleSince;
  }

  /** True if this process went offline, is lost, or was replaced. False for a worker that never sent a worker event. */
  isGone(hostname: Hostname, pid: number | undefined): boolean {
    const worker = this.#workers.get(hostname);
    if (worker === undefined) return false;
    const isOther = pid !== undefined && worker.pid !== undefined && pid !== worker.pid;
    return isOther ? !this.#replaced.has(keyOf(hostname, pid)) : worker.isOffline || worker.isLost;
  }

  names(): IterableIterator<Hostname> {
    return this.#workers.keys();
  }

  /** One event per worker that restores its state in another table. */
  lastEvents(): WorkerEvent[] {
    return [...this.#workers].map(([hostname, worker]) => ({
      type: worker.isOffline ? 'worker-offline' : 'worker-heartbeat',
      hostname,
      pid: worker.pid,
      at: worker.lastSeenAt,
      receivedAt: worker.lastSeenAt,
      heartbeatMs: worker.heartbeatMs,
      active: worker.active,
      processed: worker.processed,
      software: worker.software,
    }));
  }

  remove(hostname: Hostname): void {
    this.#workers.delete(hostname);
  }

  views(): WorkerView[] {
    return [...this.#workers].map(([hostname, worker]) => ({
      hostname,
      pid: worker.pid,
      state: worker.isOffline ? 'offline' : worker.isLost ? 'lost' : 'online',
      lastSeenAt: worker.lastSeenAt,
      active: worker.active,
      processed: worker.processed,
      software: worker.software,
    }));
  }
}

/** The state of a process after `event`; `before` is undefined for its first event. */
function workerAfter(before: Worker | undefined, event: WorkerEvent): Worker {
  const { active, receivedAt, at } = event;
  return {
    pid: event.pid,
    heartbeatMs: event.heartbeatMs,
    lastSeenAt: receivedAt,
    isOffline: event.type === 'worker-offline',
    isLost: false,
    active: active ?? before?.active,
    activeAt: active === undefined ? before?.activeAt : at,
    hasReportedActive: (before?.hasReportedActive ?? false) || (active ?? 0) > 0,
    longestSilenceMs: before === undefined ? 0 : Math.max(before.longestSilenceMs, receivedAt - before.lastSeenAt),
    idleSince: active === 0 ? (before?.idleSince ?? at) : active === undefined ? before?.idleSince : undefined,
    processed: event.processed ?? before?.processed,
    software: event.software ?? before?.software,
  };
}

function changeBetween(before: Worker | undefined, worker: Worker): WorkerTransition['kind'] | undefined {
  if (before === undefined) return worker.isOffline ? undefined : 'worker-online';
  if (worker.isOffline) return before.isOffline ? undefined : 'worker-offline';
  return before.isOffline || before.isLost ? 'worker-online' : undefined;
}

interface WorkerChange extends Pick<WorkerTransition, 'kind' | 'at' | 'hostname' | 'silentMs'> {
  readonly worker: Worker;
}

function transitionOf({ kind, at, hostname, worker, silentMs }: WorkerChange): WorkerTransition {
  const { pid, active, activeAt, hasReportedActive } = worker;
  return { kind, at, hostname, pid, active, activeAt, hasReportedActive, silentMs };
}

function keyOf(hostname: Hostname, pid: number | undefined): string {
  return `${pid} ${hostname}`;
}
