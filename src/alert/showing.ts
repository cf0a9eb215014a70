/**
 * What an incident's messages should tell, what they tell, and when somebody must look again.
 *
 * Exports: nothingShown, withChange, withReminder, withoutReminders, wantedDelivery, scheduled, repeatDueAt, forgetAt,
 * closeAt, isShown, reopenWithinMs, undeliveredKeepMs, sightingKeepMs.
 */
import type { Millis } from '../event/ids.ts';
import type { AlertState, Incident, Showing } from './alert-state.ts';

/** How long a resolved incident can come back to life in its old message. */
export const reopenWithinMs = 60 * 60_000;
/** An incident that could not be shown for so long after its end is given up and counted as undeliverable. */
export const undeliveredKeepMs = 24 * 60 * 60_000;
/** A failure told by a second observer this late is still recognised; also the least time a count is kept. */
export const sightingKeepMs = 60 * 60_000;

/** A message that counts up need not do so every second; 40 incidents at once stay within Slack's 50 edits a minute. */
const editEveryMinMs = 30_000;
const editEveryMaxMs = 10 * 60_000;

export const nothingShown: Showing = {
  rev: 0,
  shown: 0,
  shownAt: 0,
  shownPhase: undefined,
  root: undefined,
  repeats: 0,
  repeated: 0,
  claim: undefined,
  firstTryAt: undefined,
  failures: 0,
  notBefore: 0,
};

export function withChange(showing: Showing): Showing {
  return { ...showing, rev: showing.rev + 1 };
}

export function withReminder(showing: Showing): Showing {
  return { ...showing, repeats: showing.repeats + 1 };
}

/** Nobody needs to be reminded of what is over: what was wanted counts as done, so that its id is not used again. */
export function withoutReminders(showing: Showing): Showing {
  const firstTryAt = showing.root === undefined ? showing.firstTryAt : undefined;
  return { ...showing, repeated: showing.repeats, firstTryAt };
}

export function isShown({ showing }: Incident): boolean {
  return showing.shown >= showing.rev;
}

/** The one thing to send next for this incident: without a root nothing else makes sense, and a reminder is news while
 * an edit is not. */
export function wantedDelivery({ phase, showing }: Incident): 'post' | 'reply' | 'edit' | undefined {
  if (phase.name === 'pending') return undefined;
  if (showing.root === undefined) return 'post';
  if (showing.repeats > showing.repeated) return 'reply';
  return showing.shown < showing.rev ? 'edit' : undefined;
}

/** When the wanted delivery may be claimed; infinite when nothing is wanted. */
export function deliveryDueAt(incident: Incident): Millis {
  const { showing, phase } = incident;
  const wanted = wantedDelivery(incident);
  if (wanted === undefined) return Number.POSITIVE_INFINITY;
  const free = Math.max(showing.notBefore, showing.claim?.until ?? 0);
  if (wanted !== 'edit' || showing.shownPhase !== phase.name) return free;
  return Math.max(free, showing.shownAt + editEveryMs(incident));
}

/** The state with the time at which somebody has to look at it again. Every path that changes a state ends here. */
export function scheduled(state: AlertState): AlertState {
  return { ...state, dueAt: dueAt(state) };
}

/** When the next reminder is due. It needs a root to hang on, and two that wait would say the same. */
export function repeatDueAt(state: AlertState, { showing, toldAt }: Incident): Millis {
  if (showing.root === undefined || toldAt === undefined) return Number.POSITIVE_INFINITY;
  if (showing.repeats > showing.repeated) return Number.POSITIVE_INFINITY;
  return toldAt + state.rule.repeatIntervalMs;
}

export function forgetAt(state: AlertState): Millis {
  return (state.sightings.at(-1)?.[1] ?? 0) + Math.max(state.rule.windowMs, sightingKeepMs);
}

export function closeAt(incident: Incident, resolvedAt: Millis): Millis {
  return resolvedAt + (isShown(incident) ? reopenWithinMs : undeliveredKeepMs);
}

function dueAt(state: AlertState): Millis {
  const { incident, rule } = state;
  if (incident === undefined) return forgetAt(state);
  const { phase } = incident;
  switch (phase.name) {
    case 'pending':
      return phase.until;
    case 'open':
      return Math.min(incident.lastAt + rule.resolveAfterMs, repeatDueAt(state, incident), deliveryDueAt(incident));
    case 'resolved':
      return Math.min(closeAt(incident, phase.at), deliveryDueAt(incident));
    default:
      return phase satisfies never;
  }
}

// The longer it has been going on, the less one more failure is news.
function editEveryMs({ firstAt, lastAt }: Incident): Millis {
  return Math.min(editEveryMaxMs, Math.max(editEveryMinMs, (lastAt - firstAt) / 20));
}
