/** Relation of a signal to the open incidents: the same, a part of one, explained by one, or none. The first that holds counts. */
import type { Millis } from '../../event/ids.ts';
import type { JoinRule } from '../detection/joins.ts';
import type { Incident } from '../incident.ts';
import { familyOf } from '../matcher.ts';
import type { Inhibition } from '../policy.ts';
import type { Signal, SignalName, Subject } from '../signal.ts';
import { definitionOf } from '../signals/registry.ts';

export type Relation =
  | { readonly is: 'same'; readonly incident: Incident }
  /** A further signal of the same problem, by the join rules that the signal declares. */
  | { readonly is: 'joins'; readonly incident: Incident }
  /** A consequence: shown in the thread, and on its own only if it outlasts the incident. */
  | { readonly is: 'inhibited'; readonly incident: Incident }
  | { readonly is: 'alone' };

export function relate(
  signal: Signal,
  incidents: readonly Incident[],
  inhibit: readonly Inhibition[],
  now: Millis,
): Relation {
  const known = incidents.filter(({ keys }) => keys.some(({ key }) => key === signal.key));
  // A regressed cause has two incidents for a while: the resolved one and the new one.
  const same = known.findLast(({ phase }) => phase.name !== 'resolved') ?? known.at(-1);
  if (same !== undefined) return { is: 'same', incident: same };
  const active = incidents.filter((incident) => incident.phase.name !== 'resolved');
  const joined = active.find((incident) => isSameTrouble(signal, incident, now));
  if (joined !== undefined) return { is: 'joins', incident: joined };
  const source = active.find((incident) => inhibit.some((rule) => explains(rule, incident, signal)));
  return source === undefined ? { is: 'alone' } : { is: 'inhibited', incident: source };
}

/** One rule of the signal is enough. */
function isSameTrouble(signal: Signal, incident: Incident, now: Millis): boolean {
  return definitionOf(signal.name)?.joins.some((rule) => holds(rule, signal, incident, now)) ?? false;
}

function holds(rule: JoinRule, signal: Signal, incident: Incident, now: Millis): boolean {
  const { openedBy, shares = [], consistsOf } = rule;
  return (
    isOneOf(openedBy, incident.keys[0]!.signal) &&
    shares.every((part) => hasInCommon(part, signal, incident)) &&
    !(rule.areBothExternal === true && !(isExternal(signal.subject) && isExternal(incident.subject))) &&
    !(consistsOf !== undefined && !incident.keys.every((key) => isOneOf(consistsOf, key.signal))) &&
    now - incident.firstAt < (rule.begunWithinMs ?? Number.POSITIVE_INFINITY) &&
    now - incident.lastAt < (rule.activeWithinMs ?? Number.POSITIVE_INFINITY) &&
    !(rule.unlessCritical === true && signal.severity === 'critical')
  );
}

function hasInCommon(
  part: NonNullable<JoinRule['shares']>[number],
  { subject, causeText }: Signal,
  incident: Incident,
): boolean {
  if (part === 'words') return causeText !== undefined && causeText === incident.causeText;
  return intersects(subject[namesOf[part]], incident.subject[namesOf[part]]);
}

const namesOf = { task: 'tasks', queue: 'queues', pool: 'pools', exception: 'exceptions' } as const;

function isExternal({ class: kind }: Subject): boolean {
  return kind === 'transient' || kind === 'resource';
}

function explains({ source, target, equal }: Inhibition, incident: Incident, signal: Signal): boolean {
  return (
    isOneOf(source, incident.keys[0]!.signal) &&
    isOneOf(target, signal.name) &&
    equal.every((part) => intersects(signal.subject[namesOf[part]], incident.subject[namesOf[part]]))
  );
}

function isOneOf(names: readonly string[], signal: SignalName): boolean {
  return names.includes(signal) || names.includes(familyOf(signal));
}

function intersects(some: readonly string[], others: readonly string[]): boolean {
  return some.some((name) => others.includes(name));
}
