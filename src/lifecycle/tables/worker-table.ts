/**
 * Which workers are alive, by rules that do not cry wolf:
 *
 * - A worker that never sent a heartbeat is never called lost: `--without-heartbeat` sends none.
 * - Silence counts only while we listen: a gap moves the clock on.
 * - Offline is said at the start of a warm shutdown: its tasks run on, and it is gone only after silence.
 * - A worker is its node name and its process. Another process under the same name is a restart, and the old one is gone
 *   once it is silent; but one that said offline may still finish its tasks beside its successor, and two that share a name
 *   by mistake take turns.
 */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { WorkerEvent } from '../../event/task-event.ts';

export interface WorkerOptions {
  /** Least silence before a worker counts as lost; at least three of its own heartbeats must be missing too. */
  readonly silentAfterMs: number;
  /** Node names remembered; the longest silent leaves first. */
  readonly workersMax: number;
}

export type WorkerTransition = {
  readonly kind: 'worker-online' | 'worker-offline' | 'worker-restarted' | 'worker-lost';
  readonly at: Millis;
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  /** Tasks it said to be executing when it last said so, and when that was, by its own clock. */
  readonly active: number | undefined;
  readonly activeAt: Millis | undefined;
  /** It was heard while it executed something. One with the solo pool never is: what it executes blocks its heartbeat. */
  readonly hasReportedActive: boolean;
  /** Since the last sign of life. */
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
  /** Our clock. */
  lastSeenAt: Millis;
  isOffline: boolean;
  isLost: boolean;
  active: number | undefined;
  /** Its own clock, when it said so. */
  activeAt: Millis | undefined;
  hasReportedActive: boolean;
  /** The longest silence after which this process spoke again. */
  longestSilenceMs: number;
  /** Its own clock; since then it has said without a break that it executes nothing. */
  idleSince: Millis | undefined;
  processed: number | undefined;
  software: string | undefined;
}

/** A machine that slept for a night must not make us wait for two. */
const longestSilenceMsMax = 600_000;

interface Replaced {
  readonly hostname: Hostname;
  readonly worker: Worker;
}

export class WorkerTable {
  readonly #options: WorkerOptions;
  readonly #workers = new Map<Hostname, Worker>();
  /** Processes whose name another one uses now, and that did not say that they go. */
  readonly #replaced = new Map<string, Replaced>();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  apply(event: WorkerEvent): WorkerTransition[] {
    const before = this.#workers.get(event.hostname);
    const isOther = before?.pid !== undefined && event.pid !== undefined && before.pid !== event.pid;
    const back = isOther ? this.#takeTurns(event, before) : undefined;
    const known = isOther ? back : before;
    const worker: Worker = {
      pid: event.pid,
      heartbeatMs: event.heartbeatMs,
      lastSeenAt: event.receivedAt,
      isOffline: event.type === 'worker-offline',
      isLost: false,
      active: event.active ?? known?.active,
      activeAt: event.active === undefined ? known?.activeAt : event.at,
      hasReportedActive: (known?.hasReportedActive ?? false) || (event.active ?? 0) > 0,
      longestSilenceMs: known === undefined ? 0 : Math.max(known.longestSilenceMs, event.receivedAt - known.lastSeenAt),
      idleSince:
        event.active === 0 ? (known?.idleSince ?? event.at) : event.active === undefined ? known?.idleSince : undefined,
      processed: event.processed ?? known?.processed,
      software: event.software ?? known?.software,
    };
    this.#workers.delete(event.hostname);
    this.#workers.set(event.hostname, worker);
    if (this.#workers.size > this.#options.workersMax) this.#forgetOldest();
    const kind = isOther && back === undefined ? 'worker-restarted' : changeBetween(known, worker);
    if (kind === undefined) return [];
    const silentMs = before === undefined ? 0 : event.receivedAt - before.lastSeenAt;
    const { hostname, at } = event;
    const { pid, active, activeAt, hasReportedActive } = worker;
    return [{ kind, at, hostname, pid, active, activeAt, hasReportedActive, silentMs }];
  }

  /** Puts the one that was last heard under this name aside; answers the one that speaks now, if it was aside. */
  #takeTurns({ hostname, pid }: WorkerEvent, before: Worker): Worker | undefined {
    const back = this.#replaced.get(keyOf(hostname, pid));
    this.#replaced.delete(keyOf(hostname, pid));
    const isGone = before.isOffline || before.isLost;
    if (!isGone && this.#replaced.size < this.#options.workersMax)
      this.#replaced.set(keyOf(hostname, before.pid), { hostname, worker: before });
    return back?.worker;
  }

  /** A task event is a sign of life too, also for a worker that sends no heartbeat. */
  noteTaskEvent(hostname: Hostname, pid: number | undefined, receivedAt: Millis): void {
    if (this.#replaced.size > 0) {
      const replaced = this.#replaced.get(keyOf(hostname, pid));
      if (replaced !== undefined) replaced.worker.lastSeenAt = receivedAt;
    }
    const worker = this.#workers.get(hostname);
    if (worker !== undefined && !worker.isLost) worker.lastSeenAt = receivedAt;
  }

  /** We heard nobody until `at`: nobody's silence counts before that. */
  skipGap(at: Millis): void {
    for (const worker of this.#workers.values()) worker.lastSeenAt = Math.max(worker.lastSeenAt, at);
    for (const { worker } of this.#replaced.values()) worker.lastSeenAt = Math.max(worker.lastSeenAt, at);
  }

  sweep(now: Millis): WorkerTransition[] {
    const lost: WorkerTransition[] = [];
    for (const [hostname, worker] of this.#workers) {
      const silentMs = now - worker.lastSeenAt;
      if (worker.isLost || silentMs < this.#patienceMs(worker)) continue;
      worker.isLost = true;
      const { pid, active, activeAt, hasReportedActive } = worker;
      if (worker.isOffline) continue;
      lost.push({ kind: 'worker-lost', at: now, hostname, pid, active, activeAt, hasReportedActive, silentMs });
    }
    return lost;
  }

  /** What was silent for so long before and came back may do so again: a solo pool is silent while it executes. */
  #patienceMs({ heartbeatMs, longestSilenceMs }: Worker): number {
    const learned = 2 * Math.min(longestSilenceMs, longestSilenceMsMax);
    return Math.max(this.#options.silentAfterMs, 3 * heartbeatMs, learned);
  }

  /** The processes that were replaced under their own name and are silent since: as lost as any that went silent. */
  takeReplaced(now: Millis): WorkerTransition[] {
    const silent = [...this.#replaced].filter(([, { worker }]) => now - worker.lastSeenAt >= 3 * worker.heartbeatMs);
    return silent.map(([key, { hostname, worker }]) => {
      this.#replaced.delete(key);
      const { pid, active, activeAt, hasReportedActive, lastSeenAt } = worker;
      const silentMs = now - lastSeenAt;
      return { kind: 'worker-restarted', at: now, hostname, pid, active, activeAt, hasReportedActive, silentMs };
    });
  }

  /** Since when this worker has said that it executes nothing; undefined while it does, or when it never said. */
  idleSince(hostname: Hostname): Millis | undefined {
    return this.#workers.get(hostname)?.idleSince;
  }

  /** Whether this process said that it goes, went silent, or left its name to another. False for one that was never heard. */
  isGone(hostname: Hostname, pid: number | undefined): boolean {
    const worker = this.#workers.get(hostname);
    if (worker === undefined) return false;
    const isOther = pid !== undefined && worker.pid !== undefined && pid !== worker.pid;
    return isOther ? !this.#replaced.has(keyOf(hostname, pid)) : worker.isOffline || worker.isLost;
  }

  names(): IterableIterator<Hostname> {
    return this.#workers.keys();
  }

  /** What each worker last said, as it would say it again. */
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

  forget(hostname: Hostname): void {
    this.#workers.delete(hostname);
  }

  views(): WorkerView[] {
    return [...this.#workers].map(([hostname, worker]) => ({
      hostname,
      pid: worker.pid,
      state: worker.isLost && !worker.isOffline ? 'lost' : worker.isOffline ? 'offline' : 'online',
      lastSeenAt: worker.lastSeenAt,
      active: worker.active,
      processed: worker.processed,
      software: worker.software,
    }));
  }

  #forgetOldest(): void {
    const oldest = this.#workers.keys().next();
    if (!oldest.done) this.#workers.delete(oldest.value);
  }
}

function keyOf(hostname: Hostname, pid: number | undefined): string {
  return `${pid} ${hostname}`;
}

function changeBetween(known: Worker | undefined, worker: Worker): WorkerTransition['kind'] | undefined {
  if (known === undefined) return worker.isOffline ? undefined : 'worker-online';
  if (worker.isOffline) return known.isOffline ? undefined : 'worker-offline';
  return known.isOffline || known.isLost ? 'worker-online' : undefined;
}
