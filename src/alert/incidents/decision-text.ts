/** Decisions and lines of bulletins: the subject of an incident or a signal as fields and as text. */
import type { Millis } from '../../event/ids.ts';
import type { Incident, IncidentCondition } from '../incident.ts';
import type { Signal } from '../signal.ts';
import { titleOf } from './heading.ts';

const minute = 60_000;

/** `condition`: the one that the decision is about; the one that opened the incident by default. */
export function incidentSubject(incident: Incident, condition: IncidentCondition = incident.keys[0]!) {
  const { key, signal, figures } = condition;
  return {
    signal,
    key,
    figures,
    incident: incident.id,
    task: incident.subject.tasks[0],
    exception: incident.subject.exceptions[0],
  };
}

export function signalSubject({ key, name, figures, subject }: Signal, incident: string | undefined) {
  return { signal: name, key, figures, incident, task: subject.tasks[0], exception: subject.exceptions[0] };
}

export function lineOf(incident: Incident): string {
  const { subject, count } = incident;
  const where = subject.tasks[0] ?? subject.pools[0] ?? subject.queues[0];
  return [where, titleOf(incident), ...(count > 0 ? [`${count} times`] : [])]
    .filter((part) => part !== undefined)
    .join(': ');
}

export function minutes(ms: Millis): string {
  return ms < minute ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / minute)} min`;
}

/** `1st`, `2nd`, `3rd`, `11th`, `21st`. */
export function ordinal(count: number): string {
  const isTeen = count % 100 >= 11 && count % 100 <= 13;
  const suffix = isTeen ? undefined : { 1: 'st', 2: 'nd', 3: 'rd' }[count % 10];
  return `${count}${suffix ?? 'th'}`;
}
