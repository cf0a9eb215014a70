/** How an incident ends: resolved when all its conditions are over, and removed when its end is shown and cannot reopen. */
import type { Millis } from '../../event/ids.ts';
import type { Incident } from '../incident.ts';
import type { KeyText } from '../key.ts';
import { withDigestLine } from './bulletin.ts';
import { aboutOf, lineOf, minutes } from './decision-text.ts';
import type { Draft } from './draft.ts';
import { withLine, withRev } from './incident-change.ts';

/** What this step knows about conditions that no longer fire. */
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
/** An incident whose end could not be shown for this long is given up and counted as undeliverable. */
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
  const resolved: Incident = { ...incident, phase: { name: 'resolved', at, by: undefined }, snoozedUntil: undefined };
  if (incident.hidden !== undefined && incident.root === undefined) {
    const { reason, by } = incident.hidden;
    draft.put(resolved);
    draft.suppress(aboutOf(resolved), reason, by);
    const line = `${lineOf(incident)}, over after ${minutes(at - incident.firstAt)} (${reason})`;
    draft.change(withDigestLine(draft.book, at, line));
    return;
  }
  const { show } = draft.policy.resolve;
  const text = `after ${minutes(incident.lastAt - incident.firstAt)}`;
  const line = { at, what: 'resolved', text, ...(show === 'channel' && { isLoud: true }) } as const;
  draft.put(withRev(show === 'edit' ? resolved : withLine(resolved, line)));
  draft.notify(aboutOf(resolved), 'resolved', 'edit');
}

/** Removes a resolved incident when it can no longer reopen in its old message. */
export function closeIncident(draft: Draft, incident: Incident, resolvedAt: Millis): void {
  const keepMs = isShown(incident)
    ? Math.max(idReservedMs, draft.policy.resolve.reopenQuietlyWithinMs)
    : undeliveredKeepMs;
  if (draft.now - resolvedAt < keepMs) return;
  draft.remove(incident.id);
  if (!isShown(incident)) draft.suppress(aboutOf(incident), 'undeliverable');
}

/** Nothing of it remains to be shown. */
export function isShown({ rev, shownRev, hidden, root }: Incident): boolean {
  return rev === 0 || shownRev >= rev || (hidden !== undefined && root === undefined);
}
