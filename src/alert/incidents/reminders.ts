/** When an incident that nobody has acknowledged is told of again. */
import type { Millis } from '../../event/ids.ts';
import type { Incident } from '../incident.ts';
import type { Policy } from '../policy.ts';

/** More would be years of an outage at once. */
const remindersAtOnceMax = 1_000;

/** How many reminders are due by `now`, since it was told. */
export function remindersDue(policy: Policy, incident: Incident, now: Millis): number {
  let due = incident.remindersDue;
  while (due - incident.remindersDue < remindersAtOnceMax && reminderAt(policy, incident, due) <= now) due += 1;
  return due;
}

/** When the next reminder is due; its steps are counted from the opening, and the last one repeats. */
export function reminderAt({ remindersMs }: Policy, { openedAt, root }: Incident, due: number): Millis {
  if (remindersMs.length === 0 || openedAt === undefined || root === undefined) return Number.POSITIVE_INFINITY;
  const last = remindersMs.length - 1;
  const step = remindersMs[Math.min(due, last)] as Millis;
  return openedAt + step + Math.max(0, due - last) * (remindersMs[last] as Millis);
}
