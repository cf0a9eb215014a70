/** Parts of a message that depend on all conditions of an incident: its heading, its count and its title. */
import type { Incident, IncidentCondition } from '../incident.ts';
import { parseKey } from '../key.ts';
import type { Gravity } from '../signal.ts';

/** The condition that the headline names: the gravest; of several the one that opened the incident. */
export function headingOf({ keys, phase }: Pick<Incident, 'keys' | 'phase'>): IncidentCondition {
  const weightOf = ({ gravity = 0, peak = 0 }: IncidentCondition): number =>
    phase.name === 'resolved' ? peak : gravity;
  return keys.reduce((gravest, next) => (weightOf(next) > weightOf(gravest) ? next : gravest));
}

/** The greatest weight of meaning that the conditions have now. */
export function gravityOf({ keys }: Pick<Incident, 'keys'>): Gravity {
  return Math.max(...keys.map(({ gravity = 0 }) => gravity)) as Gravity;
}

/** Occurrences in the unit of `condition`, over all conditions that count in it; 0 for a level. */
export function countOf({ keys }: Pick<Incident, 'keys'>, condition: IncidentCondition = keys[0]!): number {
  const sum = countedWith(keys, condition).reduce((total, one) => total + (one.total ?? 0), 0);
  // A condition about all failures of a task has those of its causes among them, from its own start on.
  return isWhole(condition) ? Math.max(condition.total ?? 0, sum - (condition.total ?? 0)) : sum;
}

/** The conditions that count the same events as `condition`, with it; no event is in the counts of two of them. */
export function countedWith(keys: Incident['keys'], condition: IncidentCondition): readonly IncidentCondition[] {
  const { noun } = condition;
  if (noun === undefined) return [];
  return keys.filter((one) => one === condition || (one.total !== undefined && one.noun === noun && !isWhole(one)));
}

/** True if the condition is about all failures of a task, whatever the causes. */
export function isWhole({ key }: IncidentCondition): boolean {
  const parsed = parseKey(key);
  return parsed?.kind === 'task' && parsed.condition === undefined;
}

/** The text of the heading: an exception, or what several kinds of one trouble add up to. */
export function titleOf(incident: Incident): string {
  const heading = headingOf(incident);
  const title = heading === incident.keys[0] ? incident.subject.title : heading.title;
  return kindsOf(heading) ?? title ?? incident.subject.title;
}

/** `4 attempts lost: SIGKILL 3, SIGABRT 1`; undefined for occurrences of one kind, which a title describes. */
export function kindsOf({ parts = {}, total, noun = 'times' }: IncidentCondition): string | undefined {
  const kinds = Object.entries(parts).filter(([, count]) => count > 0);
  if (kinds.length < 2) return undefined;
  const listed = kinds.toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
  return `${total} ${noun}: ${listed.join(', ')}`;
}
