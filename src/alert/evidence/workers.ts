/**
 * Workers of each pool: online, dead without a shutdown, and replaced. Absence has to last before it counts, and a worker
 * that a rollout replaced is not missing.
 */
import type { Hostname, Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { loadFields, type SavedFields, saveFields } from '../../runtime/saved-fields.ts';
import type { DeployMark } from '../signal.ts';
import type { Observation } from './observation.ts';
import { poolOf } from './worker-pool.ts';

type WorkerEvent = Extract<Observation, { kind: 'worker' }>;

const hostsMax = 10_000;
const deathsMax = 50;
const rolloutsMax = 100;
/** Two workers may die together. If more fall silent at once, their events do not arrive. */
const fleetMin = 3;
/** The connection or a busy worker loses or delays a heartbeat now and then; three in a row are silence. */
const silenceMinMs = 25_000;
const heartbeatsMissed = 3;
/** Heartbeats of the slowest worker without any event before events of the whole fleet are missing. */
const fleetHeartbeats = 2.5;
/** A worker that was not replaced within this time, while others of its pool work, was removed on purpose. */
const relearnMs = 60 * 60_000;
/** A pool without any worker is watched for this long. */
const relearnPoolMs = 24 * 60 * 60_000;

interface Host {
  readonly host: Hostname;
  readonly pool: string;
  readonly release: string | undefined;
  pid: number | undefined;
  heartbeatMs: Millis;
  lastSeenAt: Millis;
  processed: number | undefined;
  /** The last heartbeat had a lower counter: another process, or one beside this one. */
  isBehind: boolean;
  /** According to the worker's own events. */
  state: 'online' | 'offline';
  /** True after a silence of several heartbeats. */
  isGone: boolean;
}

export interface Death {
  readonly host: Hostname;
  /** Time of the last event. */
  readonly at: Millis;
}

export interface Pool {
  readonly name: string;
  /** Workers that died and were not replaced, with the time of their last event. */
  readonly missing: ReadonlyMap<Hostname, Millis>;
  /** Ends without a shutdown, the newest last. */
  readonly deaths: readonly Death[];
  /** True if the latest missing worker was dropped because of its age, and none has come since. */
  readonly isForgotten: boolean;
}

class PoolState implements Pool {
  readonly name: string;
  readonly missing = new Map<Hostname, Millis>();
  readonly deaths: Death[] = [];
  isForgotten = false;
  /** The latest time without any worker. */
  emptyAt: Millis = 0;
  newestRelease: string | undefined;

  constructor(name: string, release: string | undefined) {
    this.name = name;
    this.newestRelease = release;
  }

  addDeath(death: Death): void {
    this.deaths.push(death);
    if (this.deaths.length > deathsMax) this.deaths.shift();
  }

  /** A new worker replaces the one that has been missing longest. */
  replaceOldest(): void {
    const [oldest] = this.missing.keys();
    if (oldest !== undefined) this.missing.delete(oldest);
  }
}

export class Workers {
  readonly #hosts = new BoundedMap<Hostname, Host>({ itemsMax: hostsMax });
  readonly #pools = new BoundedMap<string, PoolState>({ itemsMax: hostsMax });
  #rollouts: DeployMark[] = [];

  observe(event: WorkerEvent): void {
    const known = this.#hosts.get(event.host);
    if (known !== undefined && !known.isGone && known.state === 'online') {
      if (event.change === 'online' && isRestart(known, event)) this.#addDeath(known, event.at);
      else if (event.change === 'heartbeat' && hasFallenBack(known, event)) {
        // Two live processes with one name and pid alternate. The next heartbeat distinguishes them from a restart.
        if (!known.isBehind) {
          known.isBehind = true;
          known.lastSeenAt = event.at;
          return;
        }
        this.#addDeath(known, event.at);
      }
      this.#update(known, event);
      return;
    }
    this.#update(this.#appear(event, known), event);
  }

  /** A task event proves that its worker is alive. */
  noteActivity(hostname: Hostname, at: Millis): void {
    const host = this.#hosts.get(hostname);
    if (host !== undefined && !host.isGone) host.lastSeenAt = Math.max(host.lastSeenAt, at);
  }

  /** No event could be received before `until`, so silence before that time proves nothing. */
  noteGap(until: Millis): void {
    for (const host of this.#hosts.values()) host.lastSeenAt = Math.max(host.lastSeenAt, until);
  }

  /**
   * Records which workers fell silent. Returns those that are gone since the last call. In a fleet a worker is silent only
   * as far as other workers were received since: `lastEventAt` is the time of the last event of any worker.
   */
  sweep(now: Millis, lastEventAt: Millis): Set<Hostname> {
    const gone = new Set<Hostname>();
    const until = this.silenceLimitMs(0) === undefined ? now : lastEventAt;
    for (const host of this.#hosts.values()) {
      const limit = Math.max(silenceMinMs, heartbeatsMissed * host.heartbeatMs);
      if (host.isGone || until - host.lastSeenAt < limit) continue;
      host.isGone = true;
      gone.add(host.host);
      // A warm shutdown reports offline first and finishes its attempts.
      if (host.state === 'offline') continue;
      this.#addDeath(host, host.lastSeenAt);
      this.#poolOf(host).missing.set(host.host, host.lastSeenAt);
    }
    for (const pool of this.#pools.values()) {
      if (pool.missing.size === 0) continue;
      const isEmpty = this.onlineCount(pool.name) === 0;
      if (isEmpty) pool.emptyAt = now;
      for (const [host, since] of pool.missing) {
        const isRolledOut = this.#isRolledOut(host, pool);
        const isExpected = isEmpty ? now - since <= relearnPoolMs : now - Math.max(since, pool.emptyAt) <= relearnMs;
        if (isExpected && !isRolledOut) continue;
        pool.missing.delete(host);
        pool.isForgotten = !isRolledOut;
      }
    }
    return gone;
  }

  /** True for a worker that sends heartbeats. */
  isKnown(hostname: Hostname): boolean {
    return this.#hosts.has(hostname);
  }

  pools(): Iterable<Pool> {
    return this.#pools.values();
  }

  /** Number of workers of a pool that are online. */
  onlineCount(pool: string): number {
    return this.#online().filter((host) => host.pool === pool).length;
  }

  isAnyOnline(): boolean {
    return this.#online().length > 0;
  }

  /** New releases in pools that existed before, since the last call. */
  takeRollouts(): DeployMark[] {
    const rollouts = this.#rollouts;
    this.#rollouts = [];
    return rollouts;
  }

  /** Silence of all workers that is longer is a gap. Undefined with so few workers that all of them may have stopped. */
  silenceLimitMs(leastMs: Millis): Millis | undefined {
    const online = this.#online();
    if (online.length < fleetMin) return undefined;
    return Math.max(leastMs, fleetHeartbeats * Math.max(...online.map(({ heartbeatMs }) => heartbeatMs)));
  }

  /** For `load`: hosts in the order of their appearance. */
  *saveHosts(): Iterable<SavedFields> {
    for (const host of this.#hosts.values()) yield saveFields(host);
  }

  loadHost(saved: SavedFields): void {
    const host = saved as unknown as Host;
    this.#hosts.set(host.host, { ...host, pid: host.pid, release: host.release, processed: host.processed });
  }

  *savePools(): Iterable<SavedFields> {
    for (const pool of this.#pools.values()) yield saveFields(pool);
  }

  loadPool(saved: SavedFields): void {
    const { name, newestRelease } = saved as unknown as PoolState;
    this.#pools.set(name, loadFields(new PoolState(name, newestRelease), saved));
  }

  #online(): Host[] {
    return [...this.#hosts.values()].filter(({ state, isGone }) => state === 'online' && !isGone);
  }

  #update(host: Host, event: WorkerEvent): void {
    host.pid = event.pid ?? host.pid;
    host.heartbeatMs = event.heartbeatMs;
    host.lastSeenAt = event.at;
    host.isGone = false;
    host.isBehind = false;
    host.processed = event.processed ?? host.processed;
    host.state = event.change === 'offline' ? 'offline' : 'online';
    if (host.state !== 'online') return;
    const pool = this.#poolOf(host);
    if (pool.missing.delete(host.host)) pool.isForgotten = false;
  }

  #appear(event: WorkerEvent, known: Host | undefined): Host {
    const { pool: name, release } = poolOf(event.host);
    const host: Host = {
      host: event.host,
      pool: name,
      release,
      pid: event.pid,
      heartbeatMs: event.heartbeatMs,
      lastSeenAt: event.at,
      processed: event.processed,
      isBehind: false,
      state: 'online',
      isGone: false,
    };
    this.#hosts.delete(event.host);
    this.#hosts.set(event.host, host);
    const pool = this.#poolOf(host);
    if (known !== undefined) return host;
    if (pool.newestRelease !== release) {
      pool.newestRelease = release;
      if (release !== undefined)
        this.#rollouts = [...this.#rollouts, { version: release, at: event.at, pools: [pool.name] }].slice(
          -rolloutsMax,
        );
    }
    if (event.change === 'offline') return host;
    pool.isForgotten = false;
    pool.replaceOldest();
    return host;
  }

  #addDeath(host: Host, at: Millis): void {
    this.#poolOf(host).addDeath({ host: host.host, at });
  }

  /** True for a worker of an older release than the newest one of its pool: a rollout stopped it, and its event was lost. */
  #isRolledOut(hostname: Hostname, pool: PoolState): boolean {
    const host = this.#hosts.get(hostname);
    return host?.release !== undefined && host.release !== pool.newestRelease;
  }

  #poolOf({ pool, release }: Host): PoolState {
    return this.#pools.getOrAdd(pool, () => new PoolState(pool, release));
  }
}

/** A process that continues its count has only reconnected to the broker. */
function isRestart(known: Host, event: WorkerEvent): boolean {
  const isSameProcess = known.pid === undefined || event.pid === undefined || known.pid === event.pid;
  return !isSameProcess || (event.processed ?? 0) < (known.processed ?? 0);
}

/** True if the same process cannot have sent the event. */
function hasFallenBack(known: Host, { pid, processed }: WorkerEvent): boolean {
  return known.pid === pid && processed !== undefined && processed < (known.processed ?? 0);
}
