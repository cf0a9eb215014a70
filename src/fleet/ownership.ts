/**
 * Which events are mine. In a sidecar: those of the workers beside it, and of hosts whose own sidecar died and that it
 * looks after for as long; standing alone: all.
 *
 * Exports: Ownership, createOwnership, adoptedMax.
 */

export interface Ownership {
  /** Of a Celery node name, `name@host`: is what it says ours? Asked for every message, so it must cost nothing. */
  accepts(hostname: string): boolean;
  /** Takes a host in. Answers the one that had to go for it, the first of more than `adoptedMax`. */
  adopt(host: string): string | undefined;
  letGo(host: string): void;
  /** Lets go of the adopted hosts that nothing was accepted from since the last call of this, and names them. */
  letGoSilent(): readonly string[];
  /** In the order in which they were adopted. */
  adopted(): readonly string[];
}

/** A whole fleet that falls to one survivor has room; beyond it the oldest goes. */
export const adoptedMax = 1_000;

export function createOwnership(
  options: { readonly mode: 'standalone' } | { readonly mode: 'sidecar'; readonly host: string },
): Ownership {
  const adopted = new Set<string>();
  const heard = new Set<string>();
  const own = options.mode === 'sidecar' ? options.host : undefined;
  const letGo = (host: string): void => {
    adopted.delete(host);
    heard.delete(host);
  };

  return {
    accepts(hostname) {
      if (own === undefined) return true;
      const host = hostPartOf(hostname);
      if (host === own) return true;
      if (!adopted.has(host)) return false;
      heard.add(host);
      return true;
    },
    adopt(host) {
      adopted.add(host);
      heard.add(host);
      if (adopted.size <= adoptedMax) return undefined;
      const [oldest] = adopted;
      if (oldest !== undefined) letGo(oldest);
      return oldest;
    },
    letGo,
    letGoSilent() {
      const silent = [...adopted].filter((host) => !heard.has(host));
      for (const host of silent) letGo(host);
      heard.clear();
      return silent;
    },
    adopted: () => [...adopted],
  };
}

/** What follows the first "@", and the whole name where there is none: as Celery itself splits it. */
function hostPartOf(hostname: string): string {
  return hostname.slice(hostname.indexOf('@') + 1);
}
