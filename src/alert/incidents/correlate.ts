/** Which incident a signal belongs to, and which one explains it. Tried in order; the first that fits decides. */
import type { Millis } from '../../event/ids.ts';
import type { Incident } from '../incident.ts';
import type { Inhibition } from '../policy.ts';
import { familyOf, type Signal, type SignalName, type Subject } from '../signal.ts';

export type Relation =
  | { readonly is: 'same'; readonly incident: Incident }
  /** Another sign of the same trouble. */
  | { readonly is: 'joins'; readonly incident: Incident }
  /** What one would expect when that is so: told in its thread, and only by itself if it outlives it. */
  | { readonly is: 'inhibited'; readonly incident: Incident }
  | { readonly is: 'alone' };

const sameCauseWithinMs = 600_000;
const sameTaskWithinMs = 300_000;
const sameBeatWithinMs = 1_800_000;

export function relate(
  signal: Signal,
  incidents: readonly Incident[],
  inhibit: readonly Inhibition[],
  now: Millis,
): Relation {
  const known = incidents.filter(({ keys }) => keys.some(({ key }) => key === signal.key));
  // What regressed is there twice for a while: as it was resolved, and as it is back.
  const same = known.findLast(({ phase }) => phase.name !== 'resolved') ?? known.at(-1);
  if (same !== undefined) return { is: 'same', incident: same };
  const active = incidents.filter((incident) => incident.phase.name !== 'resolved');
  const joined = active.find((incident) => isSameTrouble(signal, incident, now));
  if (joined !== undefined) return { is: 'joins', incident: joined };
  const source = active.find((incident) => inhibit.some((rule) => explains(rule, incident, signal)));
  return source === undefined ? { is: 'alone' } : { is: 'inhibited', incident: source };
}

function isSameTrouble(signal: Signal, incident: Incident, now: Millis): boolean {
  const family = familyOf(signal.name);
  const first = familyOf(incident.keys[0]!.signal);
  const sharesTask = meets(signal.subject.tasks, incident.subject.tasks);
  const sharesPool = meets(signal.subject.pools, incident.subject.pools);
  switch (family) {
    case 'failures':
      if (first !== 'failures' && first !== 'retries') return false;
      if (
        signal.causeText !== undefined &&
        signal.causeText === incident.causeText &&
        now - incident.lastAt < sameCauseWithinMs
      )
        return true;
      // One dependency that is away or full shows in many tasks at once, whatever words each of them has for it.
      if (
        isOutside(signal.subject) &&
        isOutside(incident.subject) &&
        meets(signal.subject.exceptions, incident.subject.exceptions) &&
        now - incident.firstAt < sameTaskWithinMs
      )
        return true;
      // The share of a task's failures is no trouble of its own where one of its causes is told.
      if (signal.name === 'failures.ratio') return sharesTask;
      if (signal.severity === 'critical' || signal.name === 'failures.regressed') return false;
      if (incident.keys.every(({ signal: name }) => name === 'failures.ratio')) return sharesTask;
      return (
        sharesTask &&
        (now - incident.firstAt < sameTaskWithinMs || meets(signal.subject.exceptions, incident.subject.exceptions))
      );
    case 'retries':
      return (first === 'failures' || first === 'retries') && sharesTask && now - incident.firstAt < sameCauseWithinMs;
    case 'lost':
      return sharesPool && (first === 'worker' || first === 'redelivery');
    case 'worker':
      return sharesPool && (first === 'worker' || first === 'lost');
    case 'stuck':
    case 'latency':
      return (first === 'stuck' || first === 'latency') && meets(signal.subject.queues, incident.subject.queues);
    case 'schedule':
      return first === 'schedule' && now - incident.lastAt < sameBeatWithinMs;
    case 'redelivery':
      return first === 'lost' && sharesTask;
    default:
      return false;
  }
}

function isOutside({ class: kind }: Subject): boolean {
  return kind === 'transient' || kind === 'resource';
}

function explains({ source, target, equal }: Inhibition, incident: Incident, signal: Signal): boolean {
  const names = { task: 'tasks', queue: 'queues', pool: 'pools' } as const;
  return (
    isOneOf(source, incident.keys[0]!.signal) &&
    isOneOf(target, signal.name) &&
    equal.every((part) => meets(signal.subject[names[part]], incident.subject[names[part]]))
  );
}

function isOneOf(names: readonly string[], signal: SignalName): boolean {
  return names.includes(signal) || names.includes(familyOf(signal));
}

function meets(some: readonly string[], others: readonly string[]): boolean {
  return some.some((name) => others.includes(name));
}
