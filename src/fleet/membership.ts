/**
 * One instance among others: it says that it is alive and what is open with it, takes over from those who are not, and
 * knows whether it is the one that tells.
 *
 *   sidecar     announces its host and its open work. Whoever holds the duty `fleet` looks after the dead: restores what
 *               was open there and adopts the host, until a sidecar of that host is back. A sidecar that starts takes over
 *               from earlier ones of its own host itself.
 *   standalone  one holds the duty `tell` and exports, the others follow the events and stay warm. The one that tells looks
 *               after dead sidecars too, should there be any under its namespace.
 *
 * While the store is away everybody keeps what it has: a sidecar its host, nobody adopts, and whoever tells stops before
 * its lease can have gone to another one.
 *
 * Exports: Membership, MembershipOptions, HandOver, createMembership.
 */
import { errorName, type Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Service } from '../runtime/service.ts';
import type { Gap } from '../source/source.ts';
import type { FleetStore, HostOwner, Lease } from '../store/fleet.ts';
import { createAnnouncer, decodeLegacy, ownerTtlMs } from './owner-announcer.ts';
import { createDuty } from './lease-holder.ts';
import type { Ownership } from './ownership.ts';

/** Nobody listened for a host: from the last word of its owner until now. */
export type HandOver = Omit<Gap, 'source' | 'cause'> & { readonly cause: 'hand-over'; readonly host: string };

export interface MembershipOptions {
  readonly store: FleetStore;
  /** Nobody else can reach the store, so nothing has to be agreed: always telling, nobody to take over from. */
  readonly isAlone: boolean;
  /** Unique to this run of the process. What stands before the first "/" stays the same over restarts. */
  readonly instance: string;
  /** The host part of the names of the workers beside a sidecar. */
  readonly role: { readonly mode: 'standalone' } | { readonly mode: 'sidecar'; readonly host: string };
  /** Adopted hosts are added to it and taken from it here. */
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly report: Report;
}

/** Work and exports of this instance, given at the start because they in turn ask the membership. */
export interface MembershipHandlers {
  /** Our open work as text, '' when nothing is open. Asked for every second. */
  readonly snapshot: () => string;
  /** Takes in what was open elsewhere. Some of it may be known already: a host can come back to us. */
  readonly restore: (open: string, host: string) => void;
  /** Forgets a host's open work and gives it as text for `restore` in its new sidecar; '' when nothing is open there. */
  readonly handBack: (host: string) => string;
  readonly onHandOver: (gap: HandOver) => void;
  /** Up to where everything was delivered, for the next one that tells. */
  readonly watermark: () => string;
  /**
   * From now on we tell: what came after `lease.note`, the watermark of the one before. It is '' when nobody told before
   * or the store lost it, and may be behind our own when it was us who paused: the later one counts.
   */
  readonly onTelling: (lease: Lease) => void;
}

export interface Membership extends Omit<Service, 'start'> {
  /** Resolves after a first round, so that earlier work is there before the first event; the store sets its limit. */
  start(handlers: MembershipHandlers): Promise<void>;
  /** Whether this instance looks after the whole fleet: of all that share a store, one at most. */
  isWatchingFleet(): boolean;
  /** Ask before each delivery. A sidecar always tells, of its own; of standalone instances at most one (see duty.ts). */
  isTelling(): boolean;
}

const tickMs = 1_000;

/** The dead are looked for at the pace at which the duty is renewed. */
const lookMs = 2_000;

/**
 * How long a sidecar looks for work of its own host after it became known: within that time whoever adopted the host has
 * seen it and hands the work back.
 */
const ownLookMs = 60_000;

/** A living sidecar has that long to take over from the dead one before it on its host, then another one does. */
const ownFirstMs = 30_000;

/**
 * After an outage of the store everybody there looks dead until they have said a word again. So nobody is taken for dead
 * by one whom the store has not answered for that long.
 */
const settleMs = ownerTtlMs;

/** Something is asked every two seconds at least: an outage in which nothing failed for that long is over. */
const outageQuietMs = 10_000;

/** Workers say something every few seconds; a host that is silent from one hour to the next is gone for good. */
const silentMs = 60 * 60_000;

export function createMembership(options: MembershipOptions): Membership {
  const { store, instance, role, ownership, clock, report } = options;
  let handlers: MembershipHandlers | undefined;
  const ownHost = role.mode === 'sidecar' ? role.host : undefined;
  const fleet = createDuty({ store, name: 'fleet', instance, clock, note: () => '' });
  const tell = createDuty({ store, name: 'tell', instance, clock, note: () => handlers?.watermark() ?? '' });
  const announcer =
    ownHost === undefined
      ? undefined
      : createAnnouncer({
          store,
          instance,
          host: ownHost,
          clock,
          report,
          legacy: () => ({ adopted: ownership.adopted(), isHandBack: false, open: handlers?.snapshot() ?? '' }),
        });

  let ticking: Disposable | undefined;
  /** The pass that is under way, if one is. */
  let passing: Promise<void> | undefined;
  let isStopping = false;
  /** When the store last did not answer us. */
  let failedAt = Number.NEGATIVE_INFINITY;
  let isKnownSince = Number.NEGATIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const startedAt = clock.now();
  let sweptAt = startedAt;

  async function pass(): Promise<void> {
    if (announcer === undefined) {
      const asked = await tell.ask();
      if (asked?.isResumed) guarded('onTelling', () => handlers?.onTelling(asked.lease));
      // One that does not tell must not take work that others could tell of.
      if (tell.isHeld()) await fleet.ask();
    } else {
      if ((await announcer.say()).isNew) isKnownSince = clock.now();
      await fleet.ask();
    }
    await look();
  }

  async function look(): Promise<void> {
    const now = clock.now();
    if (now - sweptAt >= silentMs) {
      ownership.letGoSilent();
      sweptAt = now;
    }
    const isOwnLook = ownHost !== undefined && now < isKnownSince + ownLookMs;
    const isSettled = now >= Math.max(startedAt, failedAt) + settleMs;
    const isWatching = isSettled && fleet.isHeld() && (ownHost !== undefined || tell.isHeld());
    if (!isOwnLook && !isWatching && ownership.adopted().length === 0) return;
    if (now >= lookedAt && now < lookedAt + lookMs) return;
    lookedAt = now;

    const others = (await store.owners()).filter((owner) => owner.instance !== instance);
    const livingHosts = new Set(others.filter(({ isAlive }) => isAlive).map(({ host }) => host));
    for (const host of ownership.adopted()) if (livingHosts.has(host)) await handBack(host);
    for (const owner of others) {
      if (isStopping) return;
      if (owner.host === ownHost) {
        if (!owner.isAlive || isEarlierSelf(owner)) await takeOver(owner, livingHosts);
      } else if (isWatching && !owner.isAlive) {
        const isLeftToItsHost = livingHosts.has(owner.host) && now < owner.seenAt + ownFirstMs;
        if (!isLeftToItsHost) await takeOver(owner, livingHosts);
      }
    }
  }

  /** The same pod before its restart. It cannot be alive, whatever it promised; a word from after our start is no ghost's. */
  function isEarlierSelf({ instance: other, seenAt }: HostOwner): boolean {
    return stableIdOf(other) === stableIdOf(instance) && seenAt <= startedAt;
  }

  async function takeOver(owner: HostOwner, livingHosts: ReadonlySet<string>): Promise<void> {
    const text = await store.takeOver(owner.instance, { force: owner.isAlive });
    // Another one was first, or it is alive after all.
    if (text === undefined) return;
    const { adopted, isHandBack, open } = decodeLegacy(text);
    for (const host of [owner.host, ...adopted]) if (host !== ownHost && !livingHosts.has(host)) adopt(host);
    if (open !== '') guarded('restore', () => handlers?.restore(open, owner.host));
    if (isHandBack) return;
    const to = clock.now();
    guarded('onHandOver', () =>
      handlers?.onHandOver({ host: owner.host, from: Math.min(owner.seenAt, to), to, cause: 'hand-over' }),
    );
  }

  function adopt(host: string): void {
    if (ownership.adopt(host) === undefined) return;
    report({ kind: 'items-dropped', queue: 'adopted-hosts', reason: 'full', count: 1 });
  }

  /** A host has a sidecar of its own again. Its work goes there; when it cannot, we keep both. */
  async function handBack(host: string): Promise<void> {
    ownership.letGo(host);
    let open = '';
    guarded('handBack', () => {
      open = handlers?.handBack(host) ?? '';
    });
    if (open === '') return;
    try {
      if (announcer !== undefined) await announcer.handBack(host, open);
    } catch (error) {
      ownership.adopt(host);
      guarded('restore', () => handlers?.restore(open, host));
      throw error;
    }
  }

  /** A bug in what we were given costs this one thing. */
  function guarded(where: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      report({ kind: 'bug', where: `membership ${where}`, error });
    }
  }

  /** Never rejects. An outage is reported once, however many calls fail in it. */
  async function attempt(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      const isSameOutage = clock.now() - failedAt < outageQuietMs;
      failedAt = clock.now();
      if (isSameOutage) return;
      const reason = errorName(error);
      report({ kind: 'delivery-failed', sink: 'store', reason, count: 0, willRetry: true });
    }
  }

  function tick(): Promise<void> {
    passing ??= attempt(pass).finally(() => {
      passing = undefined;
    });
    return passing;
  }

  return {
    name: 'membership',

    isTelling: () => options.isAlone || ownHost !== undefined || tell.isHeld(),

    isWatchingFleet: () => options.isAlone || fleet.isHeld(),

    async start(given) {
      handlers = given;
      if (options.isAlone) {
        if (ownHost === undefined) given.onTelling({ isMine: true, holder: instance, term: 0, note: '' });
        return;
      }
      ticking = clock.every(tickMs, () => void tick());
      await tick();
    },

    async stop() {
      isStopping = true;
      if (ticking === undefined) return;
      ticking[Symbol.dispose]();
      ticking = undefined;
      await passing;
      if (announcer !== undefined) await attempt(announcer.sayGoodbye);
      await attempt(fleet.release);
      await attempt(tell.release);
    },
  };
}

function stableIdOf(instance: string): string {
  return instance.split('/', 1)[0] ?? instance;
}
