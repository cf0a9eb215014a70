/**
 * The noise policy: computes from signals, deliveries and time what changes in the book of incidents, and who is notified.
 * Pure: the same book, input and time give the same result in production, in replay and in tests. If several instances detect
 * one condition, the first to write opens the incident and the others find it open.
 *
 * Contract: an incident whose opening was posted always gets its final state shown.
 */

import { matchesSome } from '../../event/glob.ts';
import type { Millis } from '../../event/ids.ts';
import type { Book, Incident } from '../incident.ts';
import type { Policy } from '../policy.ts';
import { type Delivered, type ReceiverName, withReceipt } from '../receipts.ts';
import type { DeployMark, Signal, SignalFindings } from '../signal.ts';
import { publishDigest } from './bulletin.ts';
import { type Relation, relate } from './correlate.ts';
import { signalSubject } from './decision-text.ts';
import { Draft, type Step } from './draft.ts';
import { continueIncident, joinIncident } from './grow.ts';
import { severityRank } from './incident-change.ts';
import { absorbIncident, beginIncident, openIncident } from './open.ts';
import { remind } from './reminders.ts';
import { type Absence, closeIncident, isOver, resolveIncident } from './resolve.ts';
import { revealHidden } from './reveal.ts';

export interface DecideInput {
  readonly now: Millis;
  readonly findings: SignalFindings;
  /** All configured receivers. */
  readonly receivers: readonly ReceiverName[];
  /** Deliveries since the last step. */
  readonly delivered: readonly Delivered[];
  /** True if events are received, and have been for a while, so that silence means that a condition is over. */
  readonly canJudgeAbsence: boolean;
}

const deploysMax = 100;
/** A rollout is detected when its first worker starts, and announced by a deploy hook some minutes before or after. */
const sameDeployMs = 15 * 60_000;

export function decide(book: Book, policy: Policy, input: DecideInput): Step {
  const { now, receivers, findings, canJudgeAbsence } = input;
  const draft = new Draft(book, { policy, now, receivers, findings });
  for (const delivered of input.delivered) recordDelivery(draft, delivered);
  for (const deploy of findings.deploys) recordDeploy(draft, deploy);
  for (const { failures, reason, ...suppressed } of findings.suppressed)
    draft.suppress({ ...suppressed, incident: undefined }, reason, undefined, failures);
  for (const signal of bySeverity(findings.signals)) draft.guard(() => takeSignal(draft, signal));
  const absence: Absence = {
    canJudge: canJudgeAbsence,
    firing: new Set(findings.signals.map(({ key }) => key)),
    cleared: new Set(findings.cleared),
  };
  for (const { id } of draft.incidents()) draft.guard(() => passTime(draft, id, absence));
  draft.guard(() => publishDigest(draft));
  return draft.done();
}

/** The most severe first, so that the less severe join its incident. */
function bySeverity(signals: readonly Signal[]): Signal[] {
  return signals.toSorted((a, b) => severityRank(b.severity) - severityRank(a.severity));
}

function recordDelivery(draft: Draft, delivered: Delivered): void {
  const incident = draft.incident(delivered.id);
  if (incident !== undefined) {
    const next = withReceipt(incident, delivered);
    if (next !== incident) draft.put(next);
    return;
  }
  const before = draft.book.bulletins;
  const bulletins = before.map((bulletin) =>
    bulletin.id === delivered.id ? withReceipt(bulletin, delivered) : bulletin,
  );
  if (bulletins.some((bulletin, index) => bulletin !== before[index])) draft.change({ bulletins });
}

/** Keeps a rollout that neither a person nor another instance has reported yet. */
function recordDeploy(draft: Draft, deploy: DeployMark): void {
  const { deploys } = draft.book;
  const isKnown = deploys.some(({ at, pools }) => {
    const isSamePool = pools.length === 0 || deploy.pools.some((pool) => matchesSome(pools, pool));
    return isSamePool && Math.abs(at - deploy.at) < sameDeployMs;
  });
  if (!isKnown) draft.change({ deploys: [...deploys, deploy].slice(-deploysMax) });
}

/** Exactly one decision accounts for the failures that a signal counts, also if the signal changes nothing. */
function takeSignal(draft: Draft, signal: Signal): void {
  const same = draft.incidentOfKey(signal.key);
  const relation: Relation =
    same === undefined
      ? relate(signal, draft.incidents(), draft.policy.inhibit, draft.now)
      : { is: 'same', incident: same };
  const isDecided = draft.accountFor(signal.failures, () => applyRelation(draft, signal, relation));
  if (isDecided || signal.failures === 0) return;
  const incident = relation.is === 'alone' ? undefined : draft.incident(relation.incident.id);
  suppressUnchanged(draft, signal, incident);
}

function applyRelation(draft: Draft, signal: Signal, relation: Relation): void {
  if (relation.is === 'same') {
    continueIncident(draft, relation.incident, signal);
    return;
  }
  if (signal.state !== 'holds') return;
  switch (relation.is) {
    case 'joins':
      joinIncident(draft, relation.incident, signal);
      return;
    case 'inhibited':
      beginIncident(draft, signal, { inhibitedBy: relation.incident });
      return;
    case 'alone':
      beginIncident(draft, signal);
      return;
    default:
      relation satisfies never;
  }
}

/** Records the reason why a signal that changed nothing sends no notification. */
function suppressUnchanged(draft: Draft, signal: Signal, incident: Incident | undefined): void {
  const { failures } = signal;
  const subject = signalSubject(signal, incident?.id);
  if (incident === undefined) draft.suppress(subject, 'below-threshold', undefined, failures);
  else if (incident.phase.name === 'pending') draft.suppress(subject, 'collecting', undefined, failures);
  else if (incident.hidden !== undefined) draft.suppress(subject, incident.hidden.reason, incident.hidden.by, failures);
  else if (incident.phase.name === 'open') draft.suppress(subject, 'already-told', undefined, failures);
  else if (incident.phase.by !== undefined) draft.suppress(subject, 'resolved-by-human', incident.phase.by, failures);
  else draft.suppress(subject, 'below-threshold', undefined, failures);
}

function passTime(draft: Draft, id: string, absence: Absence): void {
  const known = draft.incident(id);
  if (known === undefined) return;
  // The book keeps which conditions have cleared, until all of them have.
  const incident = draft.hasCleared(known) ? draft.present(known) : known;
  if (incident !== known) draft.put(incident);
  const { phase } = incident;
  switch (phase.name) {
    case 'pending':
      if (isOver(incident, absence, draft.now)) absorbIncident(draft, incident);
      // A condition that does not fire here is not over: another instance detected it, or this one before its restart.
      else if (draft.now >= phase.until) openIncident(draft, incident);
      return;
    case 'open':
      if (isOver(incident, absence, draft.now)) resolveIncident(draft, incident);
      else if (incident.hidden !== undefined) revealHidden(draft, incident, incident.hidden);
      else remind(draft, incident);
      return;
    case 'resolved':
      closeIncident(draft, incident, phase.at);
      return;
    default:
      phase satisfies never;
  }
}
