/** State of each source, for the readiness probe and the metrics. */
import type { Millis } from '../event/ids.ts';
import type { ReadinessComponent } from '../status/server.ts';

export interface ReadinessTable {
  setConnected(source: string, isConnected: boolean, since: Millis): void;
  readonly components: () => readonly ReadinessComponent[];
}

/**
 * Every source is `starting` until it reports for the first time. While only events of other hosts arrive, a connected source
 * stays ready, because a restart repairs nothing, and names that as its reason.
 */
export function createReadiness(
  sources: readonly string[],
  startedAt: Millis,
  isForeignOnly: () => boolean,
): ReadinessTable {
  const components = new Map<string, ReadinessComponent>();
  for (const name of sources) components.set(name, { name, state: 'starting', since: startedAt, reason: 'connecting' });
  return {
    setConnected(name, isConnected, since) {
      const state = isConnected ? 'ready' : 'down';
      components.set(name, { name, state, since, reason: isConnected ? undefined : 'disconnected' });
    },
    components() {
      const all = [...components.values()];
      if (!isForeignOnly()) return all;
      return all.map((one) => (one.state === 'ready' ? { ...one, reason: 'only events of other hosts' } : one));
    },
  };
}
