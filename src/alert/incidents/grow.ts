/** Changes that a signal makes to an existing incident: it grows, gets worse, is joined by another condition, or reopens. */
import type { Millis } from '../../event/ids.ts';
import type { Incident } from '../incident.ts';
import type { Signal } from '../signal.ts';
import { incidentSubject, ordinal, signalSubject } from './decision-text.ts';
import type { Draft } from './draft.ts';
import { gravityOf, headingOf, titleOf } from './heading.ts';
import { conditionOf, isNews, isTurn, severityRank, withLine, withRev, withSignal } from './incident-change.ts';
import { beginIncident, openIncident } from './open.ts';
import { isSettledForAny } from './resolve.ts';

const keysMax = 50;
/**
 * Counts and times in the book may lag this far behind. All are written in one step, so that thousands of incidents cost two
 * writes of the book a minute instead of one a second.
 */
const countEveryMs = 30_000;
/** A count that has grown by this factor since the last thread line gets another line. */
const growthFactor = 10;
/** After a person resolves an incident, late events of the same trouble do not reopen it for this long. */
const resolvedGraceMs = 5 * 60_000;

/** A signal with a key of the incident. */
export function continueIncident(draft: Draft, incident: Incident, signal: Signal): void {
  const { phase } = incident;
  if (phase.name === 'resolved') {
    if (signal.state === 'holds' && signal.lastAt > phase.at) reopen(draft, incident, signal, phase);
    return;
  }
  const isWorse = isMoreSevere(signal, incident);
  if (!isWorse && !isTurn(incident, signal) && !isCountDue(incident, signal, draft.now)) return;
  const severity = isWorse ? signal.severity : incident.severity;
  const counted: Incident = { ...withSignal(draft.present(incident), signal), severity };
  const isVisible = phase.name === 'open' && incident.hidden === undefined;
  if (isVisible) showGrowth(draft, { before: incident, counted, isWorse });
  else draft.put(counted);
}

function isCountDue(incident: Incident, signal: Signal, now: Millis): boolean {
  if (countSlotOf(now) !== countSlotOf(incident.countedAt)) return true;
  // An instance that lost this event would resolve the incident by the time in the book, so that time must not lag near the end.
  const condition = incident.keys.find(({ key }) => key === signal.key);
  return condition !== undefined && signal.lastAt - condition.lastAt >= condition.clearMs / 2;
}

function showGrowth(
  draft: Draft,
  { before, counted, isWorse }: { readonly before: Incident; readonly counted: Incident; readonly isWorse: boolean },
): void {
  const at = draft.now;
  const hasGrown = counted.count >= growthFactor * Math.max(1, before.toldCount);
  let next = counted;
  if (hasGrown) {
    const text = `${counted.count} so far`;
    next = withLine({ ...next, toldCount: counted.count }, { at, what: 'grew', text });
  }
  if (isWorse) next = withLine(next, { at, what: 'worse', text: `now ${counted.severity}` });
  const graver = isGraver(counted);
  if (graver) next = withGraverMeaning(next, at);
  const isLine = next.lines.length > before.lines.length;
  draft.put(isLine || hasGrown || isNews(before, counted) ? withRev(next) : next);
  if (hasGrown) draft.notify(incidentSubject(counted), 'grew', 'line');
  if (isWorse || graver) draft.notify(incidentSubject(counted, headingOf(counted)), 'worse', 'line');
}

/** True if the trouble means more than its messages show so far, such as no worker left instead of one missing. */
function isGraver(incident: Incident): boolean {
  return gravityOf(incident) > (incident.toldGravity ?? 0);
}

/** The channel shows each step of meaning, once. */
function withGraverMeaning(incident: Incident, at: Millis): Incident {
  const told: Incident = { ...incident, toldGravity: gravityOf(incident) };
  return withLine(told, { at, what: 'worse', text: titleOf(told), isLoud: true });
}

/** A signal with another key that `relate` found to be the same trouble. */
export function joinIncident(draft: Draft, incident: Incident, signal: Signal): void {
  if (incident.keys.length >= keysMax) {
    draft.suppress(signalSubject(signal, incident.id), 'already-told');
    return;
  }
  const joined = withSignal(draft.present({ ...incident, keys: [...incident.keys, conditionOf(signal)] }), signal);
  const severity = isMoreSevere(signal, incident) ? signal.severity : incident.severity;
  const next: Incident = { ...joined, severity };
  if (incident.phase.name !== 'open') {
    draft.put(next);
    draft.suppress(signalSubject(signal, incident.id), 'collecting');
    return;
  }
  if (incident.rev === 0) {
    // The incident was never posted, so the joining condition is not posted either.
    draft.put(next);
    draft.suppress(signalSubject(signal, incident.id), incident.hidden?.reason ?? 'already-told', incident.hidden?.by);
    return;
  }
  showJoined(draft, { before: incident, joined: next, signal });
}

function showJoined(
  draft: Draft,
  { before, joined, signal }: { readonly before: Incident; readonly joined: Incident; readonly signal: Signal },
): void {
  const at = draft.now;
  const subject = signalSubject(signal, joined.id);
  const text = joinText(before, signal);
  if (isGraver(joined)) {
    draft.put(withRev(withGraverMeaning(joined, at)));
    draft.notify(subject, 'worse', 'line');
  } else if (text === undefined) {
    // Another view of the same failures: the root message shows it, and its thread has named them before.
    draft.put(withRev(joined));
    draft.suppress(subject, 'already-told');
  } else {
    draft.put(withRev(withLine(joined, { at, what: 'joined', text })));
    draft.notify(subject, 'joined', 'line');
  }
}

/** The exception and the tasks that the incident has not named yet; undefined: none. */
function joinText({ keys, subject: known }: Incident, { subject }: Signal): string | undefined {
  const newTasks = subject.tasks.filter((task) => !known.tasks.includes(task));
  if (newTasks.length > 0) return `${subject.title} in ${newTasks.join(', ')}`;
  const isNamed = known.title === subject.title || keys.some(({ title }) => title === subject.title);
  return isNamed ? undefined : subject.title;
}

function reopen(
  draft: Draft,
  incident: Incident,
  signal: Signal,
  { at, by }: { readonly at: Millis; readonly by: string | undefined },
): void {
  const { now, policy } = draft;
  if (signal.name === 'failures.regressed') {
    beginIncident(draft, signal);
    return;
  }
  if (by !== undefined && now - at < resolvedGraceMs) {
    draft.suppress(signalSubject(signal, incident.id), 'resolved-by-human', by);
    return;
  }
  if (isSettledForAny(incident, draft.receivers) && now - at >= policy.resolve.reopenQuietlyWithinMs) {
    beginIncident(draft, signal, { previous: incident });
    return;
  }
  const reopened: Incident = {
    ...withSignal(draft.present(incident), signal),
    phase: { name: 'open' },
    reopens: incident.reopens + 1,
    ack: undefined,
    openedAt: now,
    remindersDue: 0,
  };
  if (incident.rev === 0) {
    // The incident was never posted, so it is as new as it was the first time.
    const hidden = incident.hidden?.reason === 'inhibited' ? incident.hidden : undefined;
    openIncident(draft, { ...reopened, hidden });
    return;
  }
  const text = reopened.reopens === 1 ? 'again' : `again, for the ${ordinal(reopened.reopens + 1)} time`;
  draft.put(withRev(withLine(reopened, { at: now, what: 'reopened', text })));
  draft.notify(incidentSubject(reopened), 'reopened', 'edit');
}

function isMoreSevere(signal: Signal, incident: Incident): boolean {
  return severityRank(signal.severity) > severityRank(incident.severity);
}

function countSlotOf(at: Millis): number {
  return Math.floor(at / countEveryMs);
}
