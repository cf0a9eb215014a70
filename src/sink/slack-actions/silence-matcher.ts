import type { Incident } from '../../alert/incident.ts';
import { parseKey } from '../../alert/key.ts';
import { matchesEverything } from '../../alert/matcher.ts';
import type { Matcher } from '../../alert/policy.ts';

/** The scope of a silence of this incident: its tasks, else its queues, else its pools, else its signals. */
export function silenceMatcher({ subject, keys }: Incident): Matcher {
  const tasks = subject.tasks.map(exactGlob);
  const pools = subject.pools.map(exactGlob);
  const queues = subject.queues.map(exactGlob);
  const signals = [...new Set(keys.map(({ signal }) => signal))];
  const kinds = new Set(keys.map(({ key }) => parseKey(key)?.kind));
  const isAboutPlace = kinds.has('pool') || kinds.has('queue') || kinds.has('host');
  if (tasks.length > 0 && !isAboutPlace) return { ...matchesEverything, tasks };
  // A pool or a queue executes many tasks: only this signal is silenced there, not every failure of its tasks.
  if (kinds.has('queue') && queues.length > 0) return { ...matchesEverything, queues, signals };
  return pools.length > 0 ? { ...matchesEverything, pools, signals } : { ...matchesEverything, signals };
}

/** Matchers are globs. A star in a name must not match other names. */
function exactGlob(name: string): string {
  return name.replaceAll('*', '?');
}
