/** How an incident ends: resolved when all its conditions are over, and removed when its end is shown and cannot reopen. */
import type { Millis } from '../../event/ids.ts';
import type { Incident } from '../incident.ts';
import type { KeyText } from '../key.ts';
import { isAnnounced, type ReceiverName, receiptOf } from '../receipts.ts';
import { withDigestLine } from './bulletin.ts';
import { incidentSubject, lineOf, minutes } from './decision-text.ts';
import type { Draft } from './draft.ts';
import { withLine, withRev } from './incident-change.ts';

/** Knowledge about conditions that no longer fire. */
export interface Absence {
  /** False while events may be missing: then silence proves nothing. */
  readonly canJudge: boolean;
  readonly firing: ReadonlySet<KeyText>;
  /** Keys that fired before and are known to be over. */
  readonly cleared: ReadonlySet<KeyText>;
}

const minute = 60_000;
/** Silence must last this long where this instance has no evidence of the condition's end. */
const silenceMinMs = 10 * minute;
const clearMaxMs = 120 * minute;
/** Evidence carries an instance's own clock, the book the store's. */
const clockSkewMs = 2_000;
/** A closed incident's id stays reserved for the longest detection window, so that a new incident cannot reuse it. */
const idReservedMs = 40 * minute;
/** An incident whose end could not be delivered to all receivers for this long is given up and counted as undeliverable. */
const undeliveredKeepMs = 24 * 60 * minute;

/** Each reopening doubles the quiet time that the next resolution takes, so that a flapping condition settles in one message. */
export function isOver({ keys, reopens }: Incident, { canJudge, firing, cleared }: Absence, now: Millis): boolean {
  if (!canJudge && keys.every(({ signal }) => signal !== 'self.blind')) return false;
  return keys.every(({ key, lastAt, clearMs }) => {
    if (firing.has(key)) return false;
    const isKnown = cleared.has(key);
    const quietMs = Math.min(clearMaxMs, Math.max(clearMs, isKnown ? 0 : silenceMinMs) * 2 ** reopens);
    // Another instance may have detected it later than the one that knows the end.
    return now - lastAt >= (isKnown ? quietMs - clockSkewMs : quietMs);
  });
}

export function resolveIncident(draft: Draft, incident: Incident): void {
  const at = draft.now;
  const forgotten = isForgotten(incident) ? { isForgotten: true as const } : {};
  const phase = { name: 'resolved', at, by: undefined, ...forgotten } as const;
  const resolved: Incident = { ...incident, phase, snoozedUntil: undefined };
  if (incident.hidden !== undefined && !isAnnounced(incident)) {
    const { reason, by } = incident.hidden;
    draft.put(resolved);
    draft.suppress(incidentSubject(resolved), reason, by);
    const line = `${lineOf(incident)}, over after ${minutes(at - incident.firstAt)} (${reason})`;
    draft.change(withDigestLine(draft.book, at, line));
    return;
  }
  const { show } = draft.policy.resolve;
  const text = `after ${minutes(incident.lastAt - incident.firstAt)}`;
  const line = { at, what: 'resolved', text, ...(show === 'channel' && { isLoud: true }) } as const;
  draft.put(withRev(show === 'edit' ? resolved : withLine(resolved, line)));
  draft.notify(incidentSubject(resolved), 'resolved', 'edit');
}

/** Nothing proves that a level is over if no instance saw it clear. No further occurrence is the end of a count. */
function isForgotten({ keys }: Incident): boolean {
  return keys.some(({ total, state }) => state === 'forgotten' || (total === undefined && state !== 'over'));
}

/** Removes a resolved incident when it can no longer reopen in its old message. */
export function closeIncident(draft: Draft, incident: Incident, resolvedAt: Millis): void {
  const isComplete = draft.receivers.every((receiver) => isSettled(incident, receiver));
  const keepMs = isComplete ? Math.max(idReservedMs, draft.policy.resolve.reopenQuietlyWithinMs) : undeliveredKeepMs;
  if (draft.now - resolvedAt < keepMs) return;
  draft.remove(incident.id);
  if (!isComplete) draft.suppress(incidentSubject(incident), 'undeliverable');
}

/** True if nothing of the incident remains to be delivered to the receiver. */
function isSettled(incident: Incident, receiver: ReceiverName): boolean {
  const { rev, ref } = receiptOf(incident, receiver);
  return incident.rev === 0 || rev >= incident.rev || (incident.hidden !== undefined && ref === undefined);
}

/** A receiver that is unreachable does not change how the incident goes on for the others. */
export function isSettledForAny(incident: Incident, receivers: readonly ReceiverName[]): boolean {
  return receivers.some((receiver) => isSettled(incident, receiver));
}
