/**
 * Takes over the work of owners that died, and hands it back when their host has a sidecar again. Runs in every instance;
 * which owners an instance may take over depends on its role (see membership.ts).
 */
import type { Millis } from '../event/ids.ts';
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Gap } from '../source/source.ts';
import type { FleetStore, HostOwner } from '../store/fleet.ts';
import { decodeOwnerState, type OwnerAnnouncer, ownerTtlMs } from './owner-announcer.ts';
import type { Ownership } from './ownership.ts';

/** No instance owned a host: from the last announcement of its owner to the takeover. */
export type HandOverGap = Omit<Gap, 'source' | 'cause'> & {
  /** `restart`: the owner was this pod before its restart. */
  readonly cause: 'hand-over' | 'restart';
  readonly host: string;
};

export interface TakeoverHandlers {
  /** Adds open work of another instance. A host can return to its first owner, so some of it may be known already. */
  readonly restore: (open: string, host: string) => void;
  /** Removes the open work of a host and returns it for `restore` in the new sidecar of that host; '' if there is none. */
  readonly handBack: (host: string) => string;
  readonly onHandOver: (gap: HandOverGap) => void;
}

export interface TakeoverOptions {
  readonly store: FleetStore;
  readonly instance: string;
  /** Host of this sidecar; undefined in a standalone instance. */
  readonly ownHost: string | undefined;
  readonly ownership: Ownership;
  readonly announcer: OwnerAnnouncer | undefined;
  readonly clock: Clock;
  readonly report: Report;
  /** True while this instance holds the lease that permits it to take over any owner. */
  readonly isWatchingFleet: () => boolean;
}

/** Owners are read at the rate at which the lease is renewed. */
const searchMs = 2_000;

/**
 * A sidecar searches for work of its own host this long after the store knows it. Within that time the instance that adopted
 * the host has noticed it and hands the work back.
 */
const ownHostSearchMs = 60_000;

/** A living sidecar has this long to take over from its predecessor on the same host. Then any other instance does. */
const ownHostFirstMs = 30_000;

/**
 * After an outage of the store every owner looks dead until its next announcement. An instance therefore declares no owner
 * dead before the store has answered it for this long.
 */
const settleMs = ownerTtlMs;

/** Workers send events every few seconds, so a host without any for an hour does not return. */
const silentMs = 60 * 60_000;

export class Takeover {
  readonly #options: TakeoverOptions;
  readonly #startedAt: Millis;
  #handlers: TakeoverHandlers | undefined;
  #knownSince = Number.NEGATIVE_INFINITY;
  #searchedAt = Number.NEGATIVE_INFINITY;
  #storeFailedAt = Number.NEGATIVE_INFINITY;
  #releasedAt: Millis;
  #isStopping = false;

  constructor(options: TakeoverOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#releasedAt = this.#startedAt;
  }

  start(handlers: TakeoverHandlers): void {
    this.#handlers = handlers;
  }

  /** No further owner is taken over. */
  stop(): void {
    this.#isStopping = true;
  }

  /** The store did not know this sidecar until now, so its host may have been adopted. */
  noteBecameKnown(): void {
    this.#knownSince = this.#options.clock.now();
  }

  noteStoreFailed(): void {
    this.#storeFailedAt = this.#options.clock.now();
  }

  /** Releases silent hosts, hands hosts back and takes over dead owners, as far as each is due. Rejects if the store fails. */
  async run(): Promise<void> {
    const { store, instance, ownership, clock } = this.#options;
    const now = clock.now();
    this.#releaseSilent(now);
    if (!this.#isSearchDue(now)) return;
    this.#searchedAt = now;
    const others = (await store.owners()).filter((owner) => owner.instance !== instance);
    const livingHosts = new Set(others.filter(({ isAlive }) => isAlive).map(({ host }) => host));
    for (const host of ownership.adopted()) if (livingHosts.has(host)) await this.#handBack(host);
    const isWatching = this.#isWatching(now);
    for (const owner of others) {
      if (this.#isStopping) return;
      if (this.#mayTakeOver(owner, { livingHosts, isWatching, now })) await this.#takeOver(owner, livingHosts);
    }
  }

  #releaseSilent(now: Millis): void {
    if (now - this.#releasedAt < silentMs) return;
    this.#options.ownership.releaseSilent();
    this.#releasedAt = now;
  }

  #isSearchDue(now: Millis): boolean {
    const { ownHost, ownership } = this.#options;
    const isOwnHostSearch = ownHost !== undefined && now < this.#knownSince + ownHostSearchMs;
    if (!isOwnHostSearch && !this.#isWatching(now) && ownership.adopted().length === 0) return false;
    return now < this.#searchedAt || now >= this.#searchedAt + searchMs;
  }

  #isWatching(now: Millis): boolean {
    const isSettled = now >= Math.max(this.#startedAt, this.#storeFailedAt) + settleMs;
    return isSettled && this.#options.isWatchingFleet();
  }

  #mayTakeOver(
    owner: HostOwner,
    at: { readonly livingHosts: ReadonlySet<string>; readonly isWatching: boolean; readonly now: Millis },
  ): boolean {
    if (owner.host === this.#options.ownHost) return !owner.isAlive || this.#isEarlierSelf(owner);
    if (owner.isAlive || !at.isWatching) return false;
    return !at.livingHosts.has(owner.host) || at.now >= owner.seenAt + ownHostFirstMs;
  }

  /**
   * True for this pod before its restart. It cannot be alive, although its announcement is still valid. An announcement after
   * the start of this process comes from another one.
   */
  #isEarlierSelf(owner: HostOwner): boolean {
    return this.#isOwnId(owner) && owner.seenAt <= this.#startedAt;
  }

  #isOwnId({ instance: other }: HostOwner): boolean {
    return stableIdOf(other) === stableIdOf(this.#options.instance);
  }

  async #takeOver(owner: HostOwner, livingHosts: ReadonlySet<string>): Promise<void> {
    const { store, ownHost, clock } = this.#options;
    const text = await store.takeOver(owner.instance, { force: owner.isAlive });
    // Another instance was first, or the owner is alive.
    if (text === undefined) return;
    const { adopted, isHandBack, open } = decodeOwnerState(text);
    for (const host of [owner.host, ...adopted]) if (host !== ownHost && !livingHosts.has(host)) this.#adopt(host);
    if (open !== '') this.#guarded('restore', () => this.#handlers?.restore(open, owner.host));
    if (isHandBack) return;
    const to = clock.now();
    const cause = this.#isOwnId(owner) ? 'restart' : 'hand-over';
    const gap = { host: owner.host, from: Math.min(owner.seenAt, to), to, cause } as const;
    this.#guarded('onHandOver', () => this.#handlers?.onHandOver(gap));
  }

  #adopt(host: string): void {
    if (this.#options.ownership.adopt(host) === undefined) return;
    this.#options.report({ kind: 'items-dropped', queue: 'adopted-hosts', reason: 'full', count: 1 });
  }

  /** Gives a host and its work to the new sidecar of the host, or keeps both if the store fails. */
  async #handBack(host: string): Promise<void> {
    const { ownership, announcer } = this.#options;
    ownership.release(host);
    let open = '';
    this.#guarded('handBack', () => {
      open = this.#handlers?.handBack(host) ?? '';
    });
    if (open === '') return;
    try {
      await announcer?.handBack(host, open);
    } catch (error) {
      ownership.adopt(host);
      this.#guarded('restore', () => this.#handlers?.restore(open, host));
      throw error;
    }
  }

  /** A bug in a handler costs this one call. */
  #guarded(where: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.report({ kind: 'bug', where: `membership ${where}`, error });
    }
  }
}

/** The part of an instance id that survives a restart. */
function stableIdOf(instance: string): string {
  return instance.split('/', 1)[0] ?? instance;
}
