/**
 * Decides which events belong to this instance. A sidecar owns the events of the workers beside it, and of the hosts that it
 * adopted because their own sidecar died. A standalone instance owns all.
 */

export interface Ownership {
  /** True if this instance owns the events of a node, `name@host`. Runs for every message, so it must cost nothing. */
  accepts(hostname: string): boolean;
  /** Adopts a host. Returns the oldest adopted host if that one had to be released for it. */
  adopt(host: string): string | undefined;
  release(host: string): void;
  /** Releases and returns the adopted hosts without an accepted event since the last call. */
  releaseSilent(): readonly string[];
  /** In the order of adoption. */
  adopted(): readonly string[];
}

/** Room for a whole fleet whose sidecars died except one. Beyond it the oldest host is released. */
const adoptedMax = 1_000;

export function createOwnership(
  options: { readonly mode: 'standalone' } | { readonly mode: 'sidecar'; readonly host: string },
): Ownership {
  const adopted = new Set<string>();
  /** Adopted hosts with an event since the last `releaseSilent`. */
  const active = new Set<string>();
  const ownHost = options.mode === 'sidecar' ? options.host : undefined;
  const release = (host: string): void => {
    adopted.delete(host);
    active.delete(host);
  };

  return {
    accepts(hostname) {
      if (ownHost === undefined) return true;
      const host = hostPartOf(hostname);
      if (host === ownHost) return true;
      if (!adopted.has(host)) return false;
      active.add(host);
      return true;
    },
    adopt(host) {
      adopted.add(host);
      active.add(host);
      if (adopted.size <= adoptedMax) return undefined;
      const [oldest] = adopted;
      if (oldest !== undefined) release(oldest);
      return oldest;
    },
    release,
    releaseSilent() {
      const silent = [...adopted].filter((host) => !active.has(host));
      for (const host of silent) release(host);
      active.clear();
      return silent;
    },
    adopted: () => [...adopted],
  };
}

/** The part after the first "@", or the whole name without one, as Celery splits it. */
function hostPartOf(hostname: string): string {
  return hostname.slice(hostname.indexOf('@') + 1);
}
