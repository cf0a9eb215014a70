/**
 * Which workers each pool has, which of them died without a word, and whether another one took the place. An absence is
 * never believed at once: it has to last, and a worker that a rollout replaced is not missing.
 */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { DeployMark } from '../signal.ts';
import { forgetFirst } from './causes.ts';
import type { Observation } from './observation.ts';
import { poolOf } from './worker-pool.ts';

type WorkerSeen = Extract<Observation, { kind: 'worker' }>;

const hostsMax = 10_000;
const deathsMax = 50;
/** Two workers may die together; when more fall silent at once, it is we who do not hear. */
const deafWorkersMin = 3;
/** Pub/sub and a busy worker lose or delay a heartbeat now and then; three in a row are silence. */
const silenceLeastMs = 25_000;
const heartbeatsMissed = 3;
/** A worker that was not replaced for so long was one too many. */
const relearnMs = 60 * 60_000;

export interface Host {
  readonly host: Hostname;
  readonly pool: string;
  readonly release: string | undefined;
  readonly firstSeenAt: Millis;
  pid: number | undefined;
  heartbeatMs: Millis;
  lastSeenAt: Millis;
  active: number | undefined;
  processed: number | undefined;
  /** What it last said of itself. */
  state: 'online' | 'offline';
  /** Silent for too long. */
  isGone: boolean;
}

export interface Death {
  readonly host: Hostname;
  /** The last sign of life. */
  readonly at: Millis;
}

export interface Pool {
  readonly name: string;
  /** Dead and not replaced, by name, since their last sign of life. */
  readonly missing: Map<Hostname, Millis>;
  /** Ends without a word, the latest last. */
  readonly deaths: Death[];
  /** When the release that came last was first seen. */
  newestRelease: { readonly release: string | undefined; readonly at: Millis };
}

export class Workers {
  readonly #hosts = new Map<Hostname, Host>();
  readonly #pools = new Map<string, Pool>();
  #rollouts: DeployMark[] = [];

  observe(seen: WorkerSeen): void {
    const known = this.#hosts.get(seen.host);
    if (known === undefined || known.isGone || known.state !== 'online') this.#appeared(seen, known);
    else if (seen.change === 'online' && isRestart(known, seen)) this.#died(known, seen.at);
    const host = this.#hosts.get(seen.host) as Host;
    host.pid = seen.pid ?? host.pid;
    host.heartbeatMs = seen.heartbeatMs;
    host.lastSeenAt = seen.at;
    host.isGone = false;
    host.active = seen.active ?? host.active;
    host.processed = seen.processed ?? host.processed;
    host.state = seen.change === 'offline' ? 'offline' : 'online';
    if (host.state === 'online') this.#poolOf(host).missing.delete(host.host);
  }

  /** A task event is a sign of life too. */
  noteActivity(hostname: Hostname, at: Millis): void {
    const host = this.#hosts.get(hostname);
    if (host !== undefined && !host.isGone) host.lastSeenAt = Math.max(host.lastSeenAt, at);
  }

  /** Nobody was heard until `at`: nobody's silence counts before that. */
  noteGap(at: Millis): void {
    for (const host of this.#hosts.values()) host.lastSeenAt = Math.max(host.lastSeenAt, at);
  }

  /**
   * Takes note of who has gone silent, and answers who is gone since the last call. In a fleet, one is silent only as far as
   * others have been heard since: `heardAt` is when anybody was.
   */
  sweep(now: Millis, heardAt: Millis): Set<Hostname> {
    const gone = new Set<Hostname>();
    const until = this.silenceLimitMs(0) === undefined ? now : heardAt;
    for (const host of this.#hosts.values()) {
      if (host.isGone || until - host.lastSeenAt < Math.max(silenceLeastMs, heartbeatsMissed * host.heartbeatMs))
        continue;
      host.isGone = true;
      gone.add(host.host);
      // A warm shutdown says offline first, and runs on.
      if (host.state === 'offline') continue;
      this.#died(host, host.lastSeenAt);
      this.#poolOf(host).missing.set(host.host, host.lastSeenAt);
    }
    for (const pool of this.#pools.values()) {
      for (const [host, since] of pool.missing) {
        if (now - since > relearnMs || this.#isRolledOut(host, pool)) pool.missing.delete(host);
      }
    }
    return gone;
  }

  host(hostname: Hostname): Host | undefined {
    return this.#hosts.get(hostname);
  }

  pool(name: string): Pool | undefined {
    return this.#pools.get(name);
  }

  pools(): Iterable<Pool> {
    return this.#pools.values();
  }

  online(pool: string): Host[] {
    return [...this.#hosts.values()].filter((host) => host.pool === pool && isThere(host));
  }

  /** Releases that were first seen in a pool that was there before, since the last call. */
  takeRollouts(): DeployMark[] {
    const rollouts = this.#rollouts;
    this.#rollouts = [];
    return rollouts;
  }

  /** Somebody ought to be heard after so long; undefined: so few are there that their silence is their own. */
  silenceLimitMs(leastMs: Millis): Millis | undefined {
    const alive = [...this.#hosts.values()].filter(isThere);
    if (alive.length < deafWorkersMin) return undefined;
    return Math.max(leastMs, 2.5 * Math.max(...alive.map(({ heartbeatMs }) => heartbeatMs)));
  }

  #appeared(seen: WorkerSeen, known: Host | undefined): void {
    const { pool: name, release } = poolOf(seen.host);
    const host: Host = {
      host: seen.host,
      pool: name,
      release,
      firstSeenAt: known?.firstSeenAt ?? seen.at,
      pid: seen.pid,
      heartbeatMs: seen.heartbeatMs,
      lastSeenAt: seen.at,
      active: seen.active,
      processed: seen.processed,
      state: 'online',
      isGone: false,
    };
    this.#hosts.delete(seen.host);
    this.#hosts.set(seen.host, host);
    if (this.#hosts.size > hostsMax) forgetFirst(this.#hosts);
    const pool = this.#poolOf(host);
    if (known !== undefined) return;
    if (pool.newestRelease.release !== release) {
      pool.newestRelease = { release, at: seen.at };
      if (release !== undefined) this.#rollouts.push({ version: release, at: seen.at, pools: [pool.name] });
    }
    // A worker never seen before takes the place of the one that has been missing longest.
    const replaced = pool.missing.keys().next();
    if (!replaced.done && seen.change !== 'offline') pool.missing.delete(replaced.value);
  }

  #died(host: Host, at: Millis): void {
    const { deaths } = this.#poolOf(host);
    deaths.push({ host: host.host, at });
    if (deaths.length > deathsMax) deaths.shift();
  }

  /** Of an older release than its pool's newest: a rollout took it down, and its last word was lost. */
  #isRolledOut(hostname: Hostname, pool: Pool): boolean {
    const host = this.#hosts.get(hostname);
    return host?.release !== undefined && host.release !== pool.newestRelease.release;
  }

  #poolOf({ pool: name, release, firstSeenAt }: Host): Pool {
    let pool = this.#pools.get(name);
    if (pool === undefined) {
      pool = { name, missing: new Map(), deaths: [], newestRelease: { release, at: firstSeenAt } };
      this.#pools.set(name, pool);
      if (this.#pools.size > hostsMax) forgetFirst(this.#pools);
    }
    return pool;
  }
}

function isThere({ state, isGone }: Host): boolean {
  return state === 'online' && !isGone;
}

/** The same process that goes on counting has only found its broker again. */
function isRestart(known: Host, seen: WorkerSeen): boolean {
  const isSameProcess = known.pid === undefined || seen.pid === undefined || known.pid === seen.pid;
  return !isSameProcess || (seen.processed ?? 0) < (known.processed ?? 0);
}
