/** State of each source, for the readiness probe and the metrics. */
import type { Millis } from '../event/ids.ts';
import type { ReadinessComponent } from '../status/server.ts';

export interface ReadinessTable {
  setConnected(source: string, isConnected: boolean, since: Millis): void;
  readonly components: () => readonly ReadinessComponent[];
}

/** Every source is `starting` until it reports for the first time. */
export function createReadiness(sources: readonly string[], startedAt: Millis): ReadinessTable {
  const components = new Map<string, ReadinessComponent>();
  for (const name of sources) components.set(name, { name, state: 'starting', since: startedAt, reason: 'connecting' });
  return {
    setConnected(name, isConnected, since) {
      const state = isConnected ? 'ready' : 'down';
      components.set(name, { name, state, since, reason: isConnected ? undefined : 'disconnected' });
    },
    components: () => [...components.values()],
  };
}
