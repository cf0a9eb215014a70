/** How an incident begins: pending while signals are collected, then open, and then either posted or hidden for a reason. */
import type { NotifyReason } from '../decision.ts';
import type { Incident } from '../incident.ts';
import { matches } from '../matcher.ts';
import type { Signal } from '../signal.ts';
import { withBulletin, withDigestCount, withDigestLine } from './bulletin.ts';
import { takeBudgetToken } from './channel-budget.ts';
import { incidentSubject, lineOf, signalSubject } from './decision-text.ts';
import type { Draft } from './draft.ts';
import { gravityOf } from './heading.ts';
import { conditionOf, incidentIdOf, withRev } from './incident-change.ts';
import { hiddenBy, ownerOf } from './suppression.ts';

/** More incidents than any team reads one by one; the excess is counted as suppressed. */
const incidentsMax = 2_000;

export interface BeginOptions {
  /** The incident that explains the signal. The new incident stays hidden while that one is open. */
  readonly inhibitedBy?: Incident;
  /** An incident of the same condition that ended long ago. The new incident gets an id and a message of its own. */
  readonly previous?: Incident;
}

export function beginIncident(draft: Draft, signal: Signal, options: BeginOptions = {}): void {
  if (draft.incidentsCount >= incidentsMax) {
    draft.suppress(signalSubject(signal, undefined), 'budget', 'incidents-max');
    return;
  }
  const incident = newIncident(draft, signal, options);
  if (draft.incident(incident.id) !== undefined) return;
  draft.put(incident);
  if (signal.waitMs > 0) draft.suppress(signalSubject(signal, incident.id), 'collecting');
  else openIncident(draft, incident);
}

function newIncident({ policy, now, book }: Draft, signal: Signal, { inhibitedBy, previous }: BeginOptions): Incident {
  const owner = ownerOf(policy, signal);
  const isResolvedMark = ({ match, state }: (typeof book.marks)[number]): boolean =>
    state === 'resolved' && matches(match, signal.subject, signal.name);
  const regressionOf = signal.name === 'failures.regressed' ? book.marks.findLast(isResolvedMark)?.incident : undefined;
  return {
    id: incidentIdOf(signal, regressionOf ?? previous?.id ?? ''),
    phase: { name: 'pending', until: now + signal.waitMs },
    severity: signal.severity,
    keys: [conditionOf(signal)],
    subject: signal.subject,
    trend: signal.trend,
    causeText: signal.causeText,
    deploy: signal.deploy,
    firstAt: signal.firstAt,
    lastAt: signal.lastAt,
    openedAt: undefined,
    count: signal.total ?? 0,
    toldCount: signal.total ?? 0,
    countedAt: now,
    reopens: 0,
    ack: undefined,
    snoozedUntil: undefined,
    hidden: inhibitedBy === undefined ? undefined : { reason: 'inhibited', by: inhibitedBy.id, since: now },
    regressionOf,
    channel: owner?.channel ?? '',
    mentions: owner?.mentions[signal.severity] ?? [],
    also: owner?.also ?? [],
    lines: [],
    reminders: 0,
    remindersDue: 0,
    rev: 0,
    receipts: {},
  };
}

/** Removes a pending incident that ended before its collection time did. */
export function absorbIncident(draft: Draft, incident: Incident): void {
  draft.remove(incident.id);
  draft.change(withDigestLine(draft.book, draft.now, `absorbed: ${incident.subject.title}`));
  draft.suppress(incidentSubject(incident), 'absorbed');
}

/** Opens the incident, and posts it unless a silence, mute hours or another incident hides it. */
export function openIncident(draft: Draft, incident: Incident): void {
  const open: Incident = { ...draft.present(incident), phase: { name: 'open' }, openedAt: draft.now };
  const hidden = incident.hidden ?? hiddenBy(open, draft.policy, draft.book.silences, draft.now);
  if (hidden === undefined) {
    announce(draft, open, 'opened');
    return;
  }
  draft.put({ ...open, hidden });
  draft.change(withDigestCount(draft.book, hidden.reason));
  draft.suppress(incidentSubject(open), hidden.reason, hidden.by);
}

/** Posts the incident, or lists it in the storm message if the budget of its channel is used up. Critical ones always post. */
export function announce(draft: Draft, incident: Incident, reason: NotifyReason): void {
  const { policy, now } = draft;
  const { budgets, isGranted } = takeBudgetToken(draft.book.budgets, policy, incident.channel, now);
  if (isGranted || incident.severity === 'critical') {
    draft.change({ budgets });
    // Reminders count from the post, which may come long after the incident began, if it was hidden.
    const shown = draft.present(incident);
    const told = { toldCount: shown.count, toldGravity: gravityOf(shown) };
    draft.put(withRev({ ...shown, ...told, hidden: undefined, openedAt: now }));
    draft.notify(incidentSubject(incident), reason, 'post');
    return;
  }
  const storm = withBulletin(draft.book, 'storm', incident.channel, now, lineOf(incident));
  const isFirst = !draft.book.bulletins.some(({ id }) => id === storm.id);
  draft.change(storm.change);
  if (isFirst) draft.notify(incidentSubject(incident), 'storm', 'post');
  draft.put({ ...incident, hidden: { reason: 'budget', by: storm.id, since: now } });
  draft.suppress(incidentSubject(incident), 'budget', storm.id);
}
