/** Routing of an incident to its owner, and the silences and mute hours that hide it. */
import type { Millis } from '../../event/ids.ts';
import type { Hidden, Incident } from '../incident.ts';
import { matches } from '../matcher.ts';
import { muteUntil } from '../mute-hours.ts';
import { type Policy, type Route, type Silence, taskPolicyOf } from '../policy.ts';
import type { Signal, Subject } from '../signal.ts';

export function ownerOf(
  policy: Policy,
  { subject, name }: { readonly subject: Subject; readonly name: Signal['name'] },
): Route | undefined {
  return policy.owners.find(({ match }) => matches(match, subject, name));
}

/** The silence or mute hours that hide the incident now; undefined: none. */
export function hiddenBy(
  { subject, severity, keys }: Incident,
  policy: Policy,
  silences: readonly Silence[],
  now: Millis,
): Hidden | undefined {
  const { signal } = keys[0]!;
  const isActive = (until: Millis | undefined): boolean => until === undefined || until > now;
  const silence = [...policy.silences, ...silences].find(
    ({ match, until }) => isActive(until) && matches(match, subject, signal),
  );
  if (silence !== undefined) return { reason: 'silenced', by: silence.id, since: now };
  const names = [
    ...subject.tasks.flatMap((task) => taskPolicyOf(policy, task)?.mute ?? []),
    ownerOf(policy, { subject, name: signal })?.mute ?? [],
  ].flat();
  if (names.includes('always')) return { reason: 'muted', by: 'always', since: now };
  const hours = policy.mutes.find(
    (one) => names.includes(one.name) && !one.letThrough.includes(severity) && muteUntil(one, now) !== undefined,
  );
  return hours === undefined ? undefined : { reason: 'muted', by: hours.name, since: now };
}
