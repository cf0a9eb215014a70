/** Changes that a signal makes to an existing incident: it grows, gets worse, is joined by another condition, or reopens. */
import type { Millis } from '../../event/ids.ts';
import type { Incident } from '../incident.ts';
import type { Signal } from '../signal.ts';
import { incidentSubject, ordinal, signalSubject } from './decision-text.ts';
import type { Draft } from './draft.ts';
import { conditionOf, isNews, severityRank, withLine, withRev, withSignal } from './incident-change.ts';
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
  if (!isWorse && !isCountDue(incident, signal, draft.now)) return;
  const severity = isWorse ? signal.severity : incident.severity;
  const counted: Incident = { ...withSignal(incident, signal), countedAt: draft.now, severity };
  const isVisible = phase.name === 'open' && incident.hidden === undefined;
  if (isVisible) showGrowth(draft, { before: incident, counted, isWorse });
  else draft.put(counted);
}

function isCountDue(incident: Incident, signal: Signal, now: Millis): boolean {
  // All keys of an incident are written in the same step.
  if (countSlotOf(now) !== countSlotOf(incident.countedAt) || incident.countedAt === now) return true;
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
  draft.put(hasGrown || isWorse || isNews(before, counted) ? withRev(next) : next);
  if (hasGrown) draft.notify(incidentSubject(counted), 'grew', 'line');
  if (isWorse) draft.notify(incidentSubject(counted), 'worse', 'line');
}

/** A signal with another key that `relate` found to be the same trouble. */
export function joinIncident(draft: Draft, incident: Incident, signal: Signal): void {
  if (incident.keys.length >= keysMax) {
    draft.suppress(signalSubject(signal, incident.id), 'already-told');
    return;
  }
  const joined = withSignal({ ...incident, keys: [...incident.keys, conditionOf(signal)] }, signal);
  const severity = isMoreSevere(signal, incident) ? signal.severity : incident.severity;
  const next: Incident = { ...joined, severity, countedAt: draft.now };
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
  draft.put(withRev(withLine(next, { at: draft.now, what: 'joined', text: joinText(incident, signal) })));
  draft.notify(signalSubject(signal, next.id), 'joined', 'line');
}

function joinText(incident: Incident, { subject }: Signal): string {
  const newTasks = subject.tasks.filter((task) => !incident.subject.tasks.includes(task));
  return newTasks.length === 0 ? subject.title : `${subject.title} in ${newTasks.join(', ')}`;
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
    ...withSignal(incident, signal),
    phase: { name: 'open' },
    reopens: incident.reopens + 1,
    ack: undefined,
    countedAt: now,
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
