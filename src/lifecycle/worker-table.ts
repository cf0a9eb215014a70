/**
 * Which workers are alive, by rules that do not cry wolf:
 *
 * - A worker that never sent a heartbeat is never called lost: `--without-heartbeat` sends none.
 * - Silence counts only while we listen: a gap moves the clock on.
 * - Offline is said at the start of a warm shutdown: its tasks run on, and it is gone only after silence.
 * - A worker is its node name and its process: another process under the same name is a restart, and the old one is gone.
 */
import type { Hostname, Millis } from '../event/ids.ts';
import type { WorkerEvent } from '../event/task-event.ts';

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
  saidOffline: boolean;
  isLost: boolean;
  active: number | undefined;
  /** Its own clock, when it said so. */
  activeAt: Millis | undefined;
  /** Its own clock; since then it has said without a break that it executes nothing. */
  idleSince: Millis | undefined;
  processed: number | undefined;
  software: string | undefined;
}

export class WorkerTable {
  readonly #options: WorkerOptions;
  readonly #workers = new Map<Hostname, Worker>();
  #restarted: WorkerTransition[] = [];

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  apply(event: WorkerEvent): WorkerTransition[] {
    const known = this.#workers.get(event.hostname);
    const worker: Worker = {
      pid: event.pid,
      heartbeatMs: event.heartbeatMs,
      lastSeenAt: event.receivedAt,
      saidOffline: event.type === 'worker-offline',
      isLost: false,
      active: event.active ?? known?.active,
      activeAt: event.active === undefined ? known?.activeAt : event.at,
      idleSince:
        event.active === 0 ? (known?.idleSince ?? event.at) : event.active === undefined ? known?.idleSince : undefined,
      processed: event.processed ?? known?.processed,
      software: event.software ?? known?.software,
    };
    this.#workers.delete(event.hostname);
    this.#workers.set(event.hostname, worker);
    if (this.#workers.size > this.#options.workersMax) this.#forgetOldest();
    const kind = changeBetween(known, worker);
    if (kind === undefined) return [];
    const silentMs = known === undefined ? 0 : event.receivedAt - known.lastSeenAt;
    const { hostname, at } = event;
    if (kind === 'worker-restarted') {
      const { pid, active, activeAt } = known as Worker;
      this.#restarted.push({ kind, at, hostname, pid, active, activeAt, silentMs });
    }
    return [{ kind, at, hostname, pid: event.pid, active: event.active, activeAt: event.at, silentMs }];
  }

  /** A task event is a sign of life too, also for a worker that sends no heartbeat. */
  sawTaskEvent(hostname: Hostname, receivedAt: Millis): void {
    const worker = this.#workers.get(hostname);
    if (worker !== undefined && !worker.isLost) worker.lastSeenAt = receivedAt;
  }

  /** We heard nobody until `at`: nobody's silence counts before that. */
  deafUntil(at: Millis): void {
    for (const worker of this.#workers.values()) worker.lastSeenAt = Math.max(worker.lastSeenAt, at);
  }

  sweep(now: Millis): WorkerTransition[] {
    const lost: WorkerTransition[] = [];
    for (const [hostname, worker] of this.#workers) {
      const silentMs = now - worker.lastSeenAt;
      if (worker.isLost || silentMs < Math.max(this.#options.silentAfterMs, 3 * worker.heartbeatMs)) continue;
      worker.isLost = true;
      const { pid, active, activeAt } = worker;
      if (!worker.saidOffline) lost.push({ kind: 'worker-lost', at: now, hostname, pid, active, activeAt, silentMs });
    }
    return lost;
  }

  /** The processes that were replaced under their own name since the last call: as lost as if they had gone silent. */
  takeRestarted(): WorkerTransition[] {
    const restarted = this.#restarted;
    this.#restarted = [];
    return restarted;
  }

  /** Since when this worker has said that it executes nothing; undefined while it does, or when it never said. */
  idleSince(hostname: Hostname): Millis | undefined {
    return this.#workers.get(hostname)?.idleSince;
  }

  isLost(hostname: Hostname): boolean {
    return this.#workers.get(hostname)?.isLost ?? false;
  }

  names(): IterableIterator<Hostname> {
    return this.#workers.keys();
  }

  /** What each worker last said, as it would say it again. */
  lastEvents(): WorkerEvent[] {
    return [...this.#workers].map(([hostname, worker]) => ({
      type: worker.saidOffline ? 'worker-offline' : 'worker-heartbeat',
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
      state: worker.isLost && !worker.saidOffline ? 'lost' : worker.saidOffline ? 'offline' : 'online',
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

function changeBetween(known: Worker | undefined, worker: Worker): WorkerTransition['kind'] | undefined {
  if (known === undefined) return worker.saidOffline ? undefined : 'worker-online';
  if (known.pid !== undefined && worker.pid !== undefined && known.pid !== worker.pid) return 'worker-restarted';
  if (worker.saidOffline) return known.saidOffline ? undefined : 'worker-offline';
  return known.saidOffline || known.isLost ? 'worker-online' : undefined;
}
