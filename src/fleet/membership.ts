/**
 * This instance as one of several: it announces itself and its open work, takes over from dead instances, and decides whether
 * it exports.
 *
 *   sidecar     announces its host and its open work. The holder of the lease `fleet` takes over dead owners: it restores
 *               their work and adopts their hosts until a sidecar of that host is back. A sidecar that starts takes over
 *               earlier ones of its own host itself.
 *   standalone  the holder of the lease `tell` exports; the others process the same events and stand by. The leader also
 *               takes over dead sidecars, if there are any in its namespace.
 *
 * While the store is unreachable nothing changes: a sidecar keeps its host, no host is adopted, and the leader stops to
 * export before another instance can hold its lease.
 */
import type { Millis } from '../event/ids.ts';
import { errorName, type Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Service } from '../runtime/service.ts';
import type { FleetStore, Lease } from '../store/fleet.ts';
import { createLeaseHolder, type LeaseHolder } from './lease-holder.ts';
import { createOwnerAnnouncer, type OwnerAnnouncer } from './owner-announcer.ts';
import type { Ownership } from './ownership.ts';
import { Takeover, type TakeoverHandlers } from './takeover.ts';

export interface MembershipOptions {
  readonly store: FleetStore;
  /** No other instance can reach the store, so nothing is agreed: this instance exports and takes over from none. */
  readonly isAlone: boolean;
  /** Unique to this run of the process. The part before the first "/" stays the same over restarts. */
  readonly instance: string;
  /** `host`: host part of the node names of the workers beside a sidecar. */
  readonly role: { readonly mode: 'standalone' } | { readonly mode: 'sidecar'; readonly host: string };
  /** Adopted hosts are added to it and released from it here. */
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly report: Report;
}

/** Work and exports of this instance. Given at the start, because they call the membership in turn. */
export interface MembershipHandlers extends TakeoverHandlers {
  /** The open work as text; '' if there is none. Called every second. */
  readonly snapshot: () => string;
  /** Position up to which everything was delivered, for the next leader. */
  readonly watermark: () => string;
  /**
   * This instance leads from now on. `lease.note` is the watermark of the previous leader: '' if there was none or the store
   * lost it. It may be before this instance's own watermark if this instance was paused; the later of the two counts.
   */
  readonly onExporting: (lease: Lease) => void;
}

export interface Membership extends Omit<Service, 'start'> {
  /** Resolves after a first round, so that taken-over work is there before the first event. The store limits the time. */
  start(handlers: MembershipHandlers): Promise<void>;
  /** True in one of all instances that share a store at most: it takes over dead owners. */
  isWatchingFleet(): boolean;
  /** True if this instance may export. Check it before each delivery. Always true in a sidecar, for its own events. */
  isExporting(): boolean;
}

const tickMs = 1_000;

/** The store is called every two seconds at least, so an outage without a failure for this long is over. */
const outageQuietMs = 10_000;

export function createMembership(options: MembershipOptions): Membership {
  return new FleetMember(options);
}

class FleetMember implements Membership {
  readonly name = 'membership';
  readonly #options: MembershipOptions;
  readonly #isSidecar: boolean;
  /** Permits to take over dead owners. */
  readonly #watching: LeaseHolder;
  /** Permits to export. Its name in the store is older than the term "export". */
  readonly #exporting: LeaseHolder;
  readonly #announcer: OwnerAnnouncer | undefined;
  readonly #takeover: Takeover;
  #handlers: MembershipHandlers | undefined;
  #ticks: Disposable | undefined;
  #round: Promise<void> | undefined;
  #storeFailedAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(options: MembershipOptions) {
    const { role } = options;
    const ownHost = role.mode === 'sidecar' ? role.host : undefined;
    this.#options = options;
    this.#isSidecar = ownHost !== undefined;
    this.#watching = createLeaseHolder({ ...options, name: 'fleet', note: () => '' });
    this.#exporting = createLeaseHolder({ ...options, name: 'tell', note: () => this.#handlers?.watermark() ?? '' });
    this.#announcer = ownHost === undefined ? undefined : this.#createAnnouncer(ownHost);
    this.#takeover = new Takeover({
      ...options,
      ownHost,
      announcer: this.#announcer,
      isWatchingFleet: () => this.#watching.isHeld() && (this.#isSidecar || this.#exporting.isHeld()),
    });
  }

  isExporting(): boolean {
    return this.#options.isAlone || this.#isSidecar || this.#exporting.isHeld();
  }

  isWatchingFleet(): boolean {
    return this.#options.isAlone || this.#watching.isHeld();
  }

  async start(handlers: MembershipHandlers): Promise<void> {
    const { isAlone, instance, clock } = this.#options;
    this.#handlers = handlers;
    this.#takeover.start(handlers);
    if (isAlone) {
      if (!this.#isSidecar) handlers.onExporting({ isMine: true, holder: instance, term: 0, note: '' });
      return;
    }
    this.#ticks = clock.every(tickMs, () => void this.#tick());
    await this.#tick();
  }

  async stop(): Promise<void> {
    this.#takeover.stop();
    if (this.#ticks === undefined) return;
    this.#ticks[Symbol.dispose]();
    this.#ticks = undefined;
    await this.#round;
    const announcer = this.#announcer;
    if (announcer !== undefined) await this.#attempt(announcer.announceEnd);
    await this.#attempt(this.#watching.release);
    await this.#attempt(this.#exporting.release);
  }

  #createAnnouncer(host: string): OwnerAnnouncer {
    const { ownership } = this.#options;
    const state = () => ({ adopted: ownership.adopted(), isHandBack: false, open: this.#handlers?.snapshot() ?? '' });
    return createOwnerAnnouncer({ ...this.#options, host, state });
  }

  /** One round at a time: a tick during a round waits for that round. */
  #tick(): Promise<void> {
    this.#round ??= this.#attempt(() => this.#runRound()).finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async #runRound(): Promise<void> {
    if (this.#announcer === undefined) {
      await this.#acquireExporting();
      // An instance that does not export must not take work that the leader could export.
      if (this.#exporting.isHeld()) await this.#watching.acquire();
    } else {
      if ((await this.#announcer.announce()).isNew) this.#takeover.noteBecameKnown();
      await this.#watching.acquire();
    }
    await this.#takeover.run();
  }

  async #acquireExporting(): Promise<void> {
    const acquired = await this.#exporting.acquire();
    if (acquired?.isResumed !== true) return;
    try {
      this.#handlers?.onExporting(acquired.lease);
    } catch (error) {
      this.#options.report({ kind: 'bug', where: 'membership onExporting', error });
    }
  }

  /** Never rejects. Reports an outage of the store once, although several calls fail in it. */
  async #attempt(run: () => Promise<void>): Promise<void> {
    const { clock, report } = this.#options;
    try {
      await run();
    } catch (error) {
      const isSameOutage = clock.now() - this.#storeFailedAt < outageQuietMs;
      this.#storeFailedAt = clock.now();
      this.#takeover.noteStoreFailed();
      if (isSameOutage) return;
      report({ kind: 'delivery-failed', sink: 'store', reason: errorName(error), count: 0, willRetry: true });
    }
  }
}
