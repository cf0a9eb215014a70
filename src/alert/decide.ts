/**
 * The noise policy: what a failure, or time, makes of a group, and whether anybody is told. Pure: the same state,
 * evidence and time give the same answer in production, in replay and in tests.
 *
 *              threshold crossed           waited              quiet for resolveAfterMs
 *   counting ─────────────────▶ pending ─────────▶ open ───────────────────────────────▶ resolved
 *      │                                            ▲                                      │    │
 *      │ quiet for a window                         │  threshold crossed again,            │    │
 *      ▼                                            │  by failures since it was resolved   │    │
 *   forgotten ◀──────────┐                          └──────────────────────────────────────┘    │
 *                        └──────────── reopenWithinMs over and the final state shown ───────────┘
 *
 * Told in the channel: open (`threshold-crossed`: the root message) and, at most once per repeat interval while it
 * stays open, a reminder (`repeat-interval-elapsed`: a reply that also shows in the channel, because an edit notifies
 * nobody and a second root would split the incident). Everything else edits the root message in place.
 *
 * Contract: an incident whose opening was posted always gets its final state shown.
 *
 * Exports: observe, advance, countInWindow, noRule; types Evidence, Decision, Reason, Step; sightingsMax, hostnamesMax.
 */
import { createHash } from 'node:crypto';
import type { Millis } from '../event/ids.ts';
import type { AlertState, Incident, Sighting, Subject } from './alert-state.ts';
import type { GroupKey, RuleTerms } from './rule.ts';
import {
  closeAt,
  forgetAt,
  isShown,
  nothingShown,
  repeatDueAt,
  scheduled,
  sightingKeepMs,
  withChange,
  withoutReminders,
  withReminder,
} from './showing.ts';

/** One failure, as far as counting and showing it need to know. */
export interface Evidence {
  /** The same for every observer of the failure. */
  readonly failureId: string;
  /** When it was received, on the clock of the `now` it is observed with. */
  readonly receivedAt: Millis;
  readonly hostname: string | undefined;
  readonly subject: Subject;
}

export type NotifyReason = 'threshold-crossed' | 'repeat-interval-elapsed' | 'resolved' | 'reopened';
export type SuppressReason =
  | 'no-rule'
  | 'already-counted'
  | 'below-threshold'
  | 'collecting'
  | 'already-notified'
  | 'undeliverable';
export type Reason = NotifyReason | SuppressReason;

interface DecisionFacts {
  readonly at: Millis;
  readonly key: GroupKey | undefined;
  readonly rule: string | undefined;
  readonly incident: string | undefined;
  /** The failure it is about; undefined when time decided. */
  readonly failureId: string | undefined;
  /** Failures within the window, against the threshold. */
  readonly inWindow: number;
  readonly threshold: number;
}

export type Decision = DecisionFacts &
  (
    | { readonly notify: true; readonly reason: NotifyReason; readonly action: 'post' | 'edit' | 'reply' }
    | { readonly notify: false; readonly reason: SuppressReason }
  );

export interface Step {
  /** undefined: the group is forgotten. */
  readonly next: AlertState | undefined;
  readonly decisions: readonly Decision[];
}

/** Failures remembered per group: to count a window, and to count one failure once although several sidecars report
 * it. 512 hold a burst of 100 failures a second for the few seconds until the slowest sidecar has reported it; beyond
 * that the shown count may exceed the truth, the number of messages stays the same. About 15 kB as JSON. */
export const sightingsMax = 512;
/** Enough to tell one bad worker from a bad release. */
export const hostnamesMax = 20;

/**
 * The state after `evidence`, with one decision for each failure and one for each move that time made in between. The
 * evidence may be late, doubled and in any order: what matters is when it was received, so that failures held back
 * while the store was away count as they would have counted then.
 */
export function observe(
  rule: RuleTerms,
  key: GroupKey,
  state: AlertState | undefined,
  evidence: readonly Evidence[],
): Step {
  const decisions: Decision[] = [];
  let next = state;
  for (const one of evidence.toSorted((a, b) => a.receivedAt - b.receivedAt)) {
    const moved = next === undefined ? undefined : advance(next, one.receivedAt);
    if (moved !== undefined) decisions.push(...moved.decisions);
    const current = moved?.next;
    const id = shortId(one.failureId);
    if (current?.sightings.some(([seen]) => seen === id)) {
      // What another sidecar has told changes nothing, and so costs no write.
      decisions.push(suppressed(current, one, 'already-counted'));
      next = current;
      continue;
    }
    const counted = count(withSighting(withTerms(current ?? emptyState(key, rule, one.subject), rule), one, id), one);
    decisions.push(counted.decision);
    next = scheduled(counted.next);
  }
  return { next, decisions };
}

/** The state after time has passed until `now`; the same object when nothing changed. */
export function advance(state: AlertState, now: Millis): Step {
  const decisions: Decision[] = [];
  let current: AlertState = state;
  for (;;) {
    const move = moveAt(current, now);
    if (move === undefined) break;
    if (move.decision !== undefined) decisions.push(move.decision);
    if (move.next === undefined) return { next: undefined, decisions };
    current = move.next;
  }
  return { next: current === state ? state : scheduled(current), decisions };
}

interface Move {
  readonly next: AlertState | undefined;
  readonly decision?: Decision;
}

/** The next move that time alone makes, or undefined when there is none until `now`. */
function moveAt(state: AlertState, now: Millis): Move | undefined {
  const { incident, rule } = state;
  if (incident === undefined) return now >= forgetAt(state) ? { next: undefined } : undefined;
  const { phase } = incident;
  switch (phase.name) {
    case 'pending':
      return now >= phase.until ? opened(state, incident, phase.until) : undefined;
    case 'open': {
      const resolveAt = incident.lastAt + rule.resolveAfterMs;
      if (now >= resolveAt) return resolved(state, incident, resolveAt);
      return now >= repeatDueAt(state, incident) ? reminded(state, incident, now) : undefined;
    }
    case 'resolved':
      return now >= closeAt(incident, phase.at) ? closed(state, incident, now) : undefined;
    default:
      return phase satisfies never;
  }
}

function opened(state: AlertState, incident: Incident, at: Millis): Move {
  const next = withIncident(state, {
    ...incident,
    phase: { name: 'open' },
    toldAt: at,
    showing: withChange(incident.showing),
  });
  return { next, decision: told(next, at, 'threshold-crossed', 'post') };
}

function reminded(state: AlertState, incident: Incident, at: Millis): Move {
  const next = withIncident(state, { ...incident, toldAt: at, showing: withReminder(incident.showing) });
  return { next, decision: told(next, at, 'repeat-interval-elapsed', 'reply') };
}

function resolved(state: AlertState, incident: Incident, at: Millis): Move {
  const next = withIncident(state, {
    ...incident,
    phase: { name: 'resolved', at },
    showing: withChange(withoutReminders(incident.showing)),
  });
  return { next, decision: told(next, at, 'resolved', 'edit') };
}

function closed(state: AlertState, incident: Incident, at: Millis): Move {
  if (isShown(incident)) return { next: undefined };
  return { next: undefined, decision: { ...facts(state, at), notify: false, reason: 'undeliverable' } };
}

/** What one failure more, already among the sightings, makes of the group: where all that is not time is decided. */
function count(seen: AlertState, evidence: Evidence): { next: AlertState; decision: Decision } {
  const { incident } = seen;
  if (incident === undefined) return countBelow(seen, evidence);
  if (incident.phase.name === 'resolved' && evidence.receivedAt >= incident.phase.at) {
    return countResolved(seen, incident, incident.phase.at, evidence);
  }
  const next = withIncident(seen, grown(seen, incident, evidence));
  const reason = incident.phase.name === 'pending' ? 'collecting' : 'already-notified';
  return { next, decision: suppressed(next, evidence, reason) };
}

/** The incident with one failure more. A late one may show that it began earlier, or that it was not over. */
function grown(state: AlertState, incident: Incident, { receivedAt }: Evidence): Incident {
  const isLate = receivedAt < incident.lastAt;
  const began = isLate ? crossing(state.sightings, state.rule, receivedAt)?.[0]?.[1] : undefined;
  const firstAt = Math.min(incident.firstAt, began ?? incident.firstAt);
  const earlier = state.sightings.filter(([, at]) => at >= firstAt && at < incident.firstAt).length;
  const isPending = incident.phase.name === 'pending';
  return {
    ...incident,
    phase: isPending ? incident.phase : { name: 'open' },
    count: incident.count + earlier + (receivedAt >= incident.firstAt ? 1 : 0),
    firstAt,
    lastAt: Math.max(incident.lastAt, receivedAt),
    showing: isPending ? incident.showing : withChange(incident.showing),
  };
}

function countBelow(state: AlertState, evidence: Evidence): { next: AlertState; decision: Decision } {
  const window = crossing(state.sightings, state.rule, evidence.receivedAt);
  if (window === undefined) return { next: state, decision: suppressed(state, evidence, 'below-threshold') };
  const firstAt = window[0]![1];
  const pending: Incident = {
    id: incidentIdOf(state.key, firstAt),
    phase: { name: 'pending', until: evidence.receivedAt + state.rule.waitMs },
    count: window.length,
    crossedWith: window.length,
    firstAt,
    lastAt: window.at(-1)![1],
    toldAt: undefined,
    reopens: 0,
    showing: nothingShown,
  };
  const next = withIncident(state, pending);
  if (state.rule.waitMs > 0) return { next, decision: suppressed(next, evidence, 'collecting') };
  const open = opened(next, pending, evidence.receivedAt);
  return { next: open.next!, decision: { ...open.decision!, failureId: evidence.failureId } };
}

/** Below the threshold a resolved incident stays resolved: one straggler does not wake it. */
function countResolved(
  state: AlertState,
  incident: Incident,
  resolvedAt: Millis,
  evidence: Evidence,
): { next: AlertState; decision: Decision } {
  const since = state.sightings.filter(([, at]) => at >= resolvedAt);
  const window = crossing(since, state.rule, evidence.receivedAt);
  if (window === undefined) {
    return { next: state, decision: suppressed(state, evidence, 'below-threshold') };
  }
  const next = withIncident(state, {
    ...incident,
    phase: { name: 'open' },
    count: incident.count + since.length,
    lastAt: Math.max(incident.lastAt, window.at(-1)![1]),
    reopens: incident.reopens + 1,
    showing: withChange(incident.showing),
  });
  const decision = told(next, evidence.receivedAt, 'reopened', 'edit');
  return { next, decision: { ...decision, failureId: evidence.failureId } };
}

/**
 * All failures since the beginning of a window that reaches the threshold and contains the time `at`, or undefined. Any
 * such window will do, not only the one that ends at `at`: so the order in which several sidecars report makes no
 * difference.
 */
function crossing(sightings: readonly Sighting[], rule: RuleTerms, at: Millis): readonly Sighting[] | undefined {
  const near = sightings.filter(([, seen]) => Math.abs(seen - at) < rule.windowMs);
  for (let from = 0; from + rule.threshold <= near.length; from += 1) {
    const first = near[from]![1];
    const last = near[from + rule.threshold - 1]![1];
    if (first <= at && at <= last && last - first < rule.windowMs) {
      return near.slice(from);
    }
  }
  return undefined;
}

function withSighting(state: AlertState, evidence: Evidence, id: string): AlertState {
  const { sightings, rule } = state;
  const newest = Math.max(evidence.receivedAt, sightings.at(-1)?.[1] ?? 0);
  const keepFrom = newest - Math.max(rule.windowMs, sightingKeepMs);
  const later = sightings.findLastIndex(([, at]) => at <= evidence.receivedAt) + 1;
  const all = sightings.toSpliced(later, 0, [id, evidence.receivedAt]).filter(([, at]) => at > keepFrom);
  const isKnown = evidence.hostname === undefined || state.hostnames.includes(evidence.hostname);
  return {
    ...state,
    subject: evidence.subject,
    sightings: all.slice(-sightingsMax),
    hostnames: isKnown ? state.hostnames : [...state.hostnames, evidence.hostname].slice(0, hostnamesMax),
  };
}

/** The rule as configured now governs what happens next; where it is shown stays where it was posted. */
function withTerms(state: AlertState, rule: RuleTerms): AlertState {
  const { name, threshold, windowMs, waitMs, repeatIntervalMs, resolveAfterMs, channel, severity, mentions } = rule;
  const terms = { name, threshold, windowMs, waitMs, repeatIntervalMs, resolveAfterMs, channel, severity, mentions };
  return { ...state, rule: terms };
}

function withIncident(state: AlertState, incident: Incident): AlertState {
  return { ...state, incident };
}

function emptyState(key: GroupKey, rule: RuleTerms, subject: Subject): AlertState {
  return { key, rule, subject, sightings: [], hostnames: [], incident: undefined, dueAt: 0 };
}

function told(
  state: AlertState,
  at: Millis,
  reason: NotifyReason,
  action: 'post' | 'edit' | 'reply',
): Decision & { notify: true } {
  return { ...facts(state, at), notify: true, reason, action };
}

function suppressed(state: AlertState, evidence: Evidence, reason: SuppressReason): Decision {
  return { ...facts(state, evidence.receivedAt), failureId: evidence.failureId, notify: false, reason };
}

function facts(state: AlertState, at: Millis): DecisionFacts {
  const { rule } = state;
  return {
    at,
    key: state.key,
    rule: rule.name,
    incident: state.incident?.id,
    failureId: undefined,
    inWindow: countInWindow(state, at),
    threshold: rule.threshold,
  };
}

/** The decision about a failure that no rule governs. */
export function noRule(failureId: string, at: Millis): Decision {
  const nobody = { key: undefined, rule: undefined, incident: undefined, inWindow: 0, threshold: 0 };
  return { ...nobody, at, failureId, notify: false, reason: 'no-rule' };
}

/** Failures received in the window that ends at `at`. */
export function countInWindow(state: AlertState, at: Millis): number {
  return state.sightings.filter(([, seen]) => seen > at - state.rule.windowMs && seen <= at).length;
}

// 72 bits: enough to tell a few hundred failures apart, and short enough to keep hundreds.
function shortId(failureId: string): string {
  return createHash('sha256').update(failureId).digest('base64url').slice(0, 12);
}

function incidentIdOf(key: GroupKey, firstAt: Millis): string {
  return createHash('sha256')
    .update(`${key}\n${Math.floor(firstAt / 60_000)}`)
    .digest('hex')
    .slice(0, 16);
}
