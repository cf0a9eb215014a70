import type { Incident } from '../../alert/incident.ts';
import { matchesEverything } from '../../alert/matcher.ts';
import type { Matcher } from '../../alert/policy.ts';
import { definitionOf } from '../../alert/signals/registry.ts';

/**
 * The scope of a silence of this incident, as its signals declare it: its tasks, its queues or pools, or only the signals.
 * A pool or a queue executes many tasks, so there only the signals are silenced, not every failure of those tasks.
 */
export function silenceMatcher({ subject, keys }: Incident): Matcher {
  const tasks = subject.tasks.map(exactGlob);
  const pools = subject.pools.map(exactGlob);
  const queues = subject.queues.map(exactGlob);
  const signals = [...new Set(keys.map(({ signal }) => signal))];
  const scopes = new Set(signals.map((signal) => definitionOf(signal)?.silences ?? 'signal'));
  const isTasksOnly = scopes.size === 1 && scopes.has('task');
  if (isTasksOnly && tasks.length > 0) return { ...matchesEverything, tasks };
  if (scopes.has('queue') && queues.length > 0) return { ...matchesEverything, queues, signals };
  return pools.length > 0 ? { ...matchesEverything, pools, signals } : { ...matchesEverything, signals };
}

/** Matchers are globs. A star in a name must not match other names. */
function exactGlob(name: string): string {
  return name.replaceAll('*', '?');
}
