/** Reminders of an open incident without an acknowledgement, and the end of a snooze. */
import type { Millis } from '../../event/ids.ts';
import type { SuppressReason } from '../decision.ts';
import type { Incident } from '../incident.ts';
import type { Policy } from '../policy.ts';
import { isAnnounced } from '../receipts.ts';
import { incidentSubject } from './decision-text.ts';
import type { Draft } from './draft.ts';
import { withLine, withRev } from './incident-change.ts';
import { hiddenBy } from './suppression.ts';

/** Limit of one step: more would be the reminders of years. */
const remindersAtOnceMax = 1_000;

export function remind(draft: Draft, incident: Incident): void {
  const { policy, now } = draft;
  if (incident.snoozedUntil !== undefined && incident.snoozedUntil <= now) {
    const line = { at: now, what: 'woke', text: 'still going on' } as const;
    draft.put(withRev(withLine({ ...incident, snoozedUntil: undefined }, line)));
    draft.notify(incidentSubject(incident), 'reminder', 'line');
    return;
  }
  if (now < reminderAt(policy, incident, incident.remindersDue)) return;
  const quiet = quietReasonOf(draft, incident);
  // An instance that was down for days sends one reminder, not all that were due meanwhile.
  const reminders = incident.reminders + (quiet === undefined ? 1 : 0);
  draft.put({ ...incident, reminders, remindersDue: remindersDue(policy, incident, now) });
  if (quiet === undefined) draft.notify(incidentSubject(incident), 'reminder', 'reminder');
  else draft.suppress(incidentSubject(incident), quiet.reason, quiet.by);
}

/** Why a reminder that is due is not sent. */
function quietReasonOf(
  { policy, book, now }: Draft,
  incident: Incident,
): { readonly reason: SuppressReason; readonly by: string } | undefined {
  const { ack, snoozedUntil } = incident;
  if (ack !== undefined) return { reason: 'acked', by: ack.by };
  if (snoozedUntil !== undefined) return { reason: 'snoozed', by: new Date(snoozedUntil).toISOString() };
  return hiddenBy(incident, policy, book.silences, now);
}

/** How many reminders are due by `now`, counted since the incident was posted or reopened. */
function remindersDue(policy: Policy, incident: Incident, now: Millis): number {
  let due = incident.remindersDue;
  while (due - incident.remindersDue < remindersAtOnceMax && reminderAt(policy, incident, due) <= now) due += 1;
  return due;
}

/** When the next reminder is due. Its steps count from the opening, and the last step repeats. */
function reminderAt({ remindersMs }: Policy, incident: Incident, due: number): Millis {
  const { openedAt } = incident;
  if (remindersMs.length === 0 || openedAt === undefined || !isAnnounced(incident)) return Number.POSITIVE_INFINITY;
  const last = remindersMs.length - 1;
  const step = remindersMs[Math.min(due, last)] as Millis;
  return openedAt + step + Math.max(0, due - last) * (remindersMs[last] as Millis);
}
