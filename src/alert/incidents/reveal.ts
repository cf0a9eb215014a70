/** Shows an open incident that was hidden, when the reason for hiding it ends. */
import type { Hidden, Incident } from '../incident.ts';
import type { MuteHours } from '../policy.ts';
import { withBulletin, withDigestLine } from './bulletin.ts';
import { incidentSubject, lineOf } from './decision-text.ts';
import type { Draft } from './draft.ts';
import { announce } from './open.ts';
import { hiddenBy } from './suppression.ts';

/** An incident is shown by itself if it outlives the incident that explained it by this long. */
const outlivesMs = 5 * 60_000;

export function revealHidden(draft: Draft, incident: Incident, hidden: Hidden): void {
  // A bulletin lists it already.
  if (hidden.reason === 'budget') return;
  if (hidden.reason === 'inhibited' && !isInhibitionOver(draft, hidden)) return;
  const { policy, book, now } = draft;
  const still = hiddenBy({ ...incident, hidden: undefined }, policy, book.silences, now);
  if (still !== undefined) {
    if (still.reason !== hidden.reason) draft.put({ ...incident, hidden: still });
    return;
  }
  const hours = policy.mutes.find(({ name }) => hidden.reason === 'muted' && name === hidden.by);
  if (hours === undefined) announce(draft, { ...incident, hidden: undefined }, 'shown-after');
  else listAfterMuteHours(draft, incident, hours);
}

function isInhibitionOver(draft: Draft, { by, since }: Hidden): boolean {
  const source = draft.incident(by);
  const endedAt = source === undefined ? since : source.phase.name === 'resolved' ? source.phase.at : undefined;
  return endedAt !== undefined && draft.now - Math.max(endedAt, since) >= outlivesMs;
}

/** Incidents that mute hours hid are listed in one message, so that their end does not bring many messages at once. */
function listAfterMuteHours(draft: Draft, incident: Incident, hours: MuteHours): void {
  const { now } = draft;
  if (hours.atEnd === 'digest') {
    const line = `${lineOf(incident)}, still open after ${hours.name}`;
    draft.change(withDigestLine(draft.book, now, line));
    draft.put({ ...incident, hidden: { reason: 'budget', by: 'digest', since: now } });
    draft.suppress(incidentSubject(incident), 'muted', hours.name);
    return;
  }
  const summary = withBulletin(draft.book, 'summary', incident.channel, now, lineOf(incident));
  draft.change(summary.change);
  draft.put({ ...incident, hidden: { reason: 'budget', by: summary.id, since: now } });
  draft.notify(incidentSubject(incident), 'summary', 'post');
}
