/** The fleet of a single instance, or of several in one process, for tests and the demo. */
import type { Millis } from '../event/ids.ts';
import { type FleetStore, forgetMs, ownersMax, type SavedName } from './fleet.ts';
import { checkSize, hold, isAlive, type LeaseRecord, type OwnerRecord, release } from './fleet-record.ts';

/** Duties are constants of the program; there are two. */
const dutiesMax = 100;

/** `now` is the store's clock, in epoch milliseconds. At `ownersMax` the owner that was silent for longest is evicted. */
export function createMemoryFleet({ now }: { readonly now: () => Millis }): FleetStore {
  const leases = new Map<string, LeaseRecord>();
  const saved = new Map<SavedName, string>();
  /** In the order of their latest announcement or renewal. */
  const owners = new Map<string, OwnerRecord>();

  function evictSilent(): void {
    for (const [instance, { seenAt }] of owners) {
      if (owners.size <= ownersMax && now() < seenAt + forgetMs) return;
      owners.delete(instance);
    }
  }

  // Atomic, because nothing here waits between reading and writing.
  return {
    async hold(duty, request) {
      checkSize(request);
      const { next, lease } = hold(leases.get(duty), request, now() * 1_000);
      if (next === undefined) return lease;
      if (!leases.has(duty) && leases.size >= dutiesMax) throw new RangeError(`expected at most ${dutiesMax} duties`);
      leases.set(duty, next);
      return lease;
    },

    async release(duty, request) {
      checkSize(request);
      const next = release(leases.get(duty), request);
      if (next !== undefined) leases.set(duty, next);
    },

    async announce({ instance, host }, open, ttlMs) {
      checkSize({ open });
      evictSilent();
      const isNew = !owners.delete(instance);
      owners.set(instance, { host, seenAt: now(), until: now() + ttlMs, open });
      evictSilent();
      return { isNew };
    },

    async renew(instance, ttlMs) {
      evictSilent();
      const found = owners.get(instance);
      if (found === undefined) return false;
      owners.delete(instance);
      owners.set(instance, { ...found, seenAt: now(), until: now() + ttlMs });
      return true;
    },

    async owners() {
      evictSilent();
      return Array.from(owners, ([instance, owner]) => ({
        instance,
        host: owner.host,
        seenAt: owner.seenAt,
        isAlive: isAlive(owner, now()),
      }));
    },

    async takeOver(instance, { force = false } = {}) {
      evictSilent();
      const found = owners.get(instance);
      if (found === undefined || (isAlive(found, now()) && !force)) return undefined;
      owners.delete(instance);
      return found.open;
    },

    async save(name, text) {
      checkSize({ open: text });
      saved.set(name, text);
    },

    load: async (name) => saved.get(name),

    async stop() {},
  };
}
