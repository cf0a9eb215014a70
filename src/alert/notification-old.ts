/**
 * What a receiver is to be shown about one incident. It says what to show, never how it looks.
 *
 * Exports: Notification, notificationOf.
 */
import type { Fingerprint, Millis } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Failure } from '../failure/failure.ts';
import type { AlertState, Incident, MessageRef } from './alert-state.ts';
import { countInWindow } from './decide.ts';
import type { Severity } from './rule.ts';

export type IncidentState = 'open' | 'resolved';

export interface Notification {
  /** Unique for each message to be in the channel; a second attempt to post the same one carries the same id. */
  readonly id: string;
  readonly incident: string;
  /** `post` makes the root message, `edit` rewrites it, `reply` adds one line to its thread and shows it in the channel. */
  readonly action: 'post' | 'edit' | 'reply';
  /** As the rule says: an id or a `#name`. */
  readonly channel: string;
  /** The root message that `edit` and `reply` are about; undefined for `post`. */
  readonly root: MessageRef | undefined;
  /** An earlier try may have left this message in the channel since then: look before posting it again. */
  readonly mayBeThereSince: Millis | undefined;
  readonly state: IncidentState;
  readonly severity: Severity;
  readonly mentions: readonly string[];
  readonly rule: string;
  /** Why it is told now, in the words of `Decision`. */
  readonly reason: 'threshold-crossed' | 'already-notified' | 'repeat-interval-elapsed' | 'resolved' | 'reopened';
  readonly title: Redacted;
  readonly taskName: Redacted | undefined;
  readonly queue: string | undefined;
  readonly class: Failure['class'];
  readonly cause: Failure['cause'];
  readonly fingerprint: Fingerprint;
  /** Failures since the incident began. */
  readonly count: number;
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  readonly resolvedAt: Millis | undefined;
  readonly reopens: number;
  readonly hostnames: readonly string[];
  /** A recent example to look at. */
  readonly example: { readonly taskId: string; readonly traceId: string };
  /** Numbers behind the reason: `3 in 10 min, threshold 3`. */
  readonly evidence: string;
}

/** What `action` on this incident has to show, as it stands at `now`. */
export function notificationOf(
  state: AlertState,
  incident: Incident,
  action: 'post' | 'edit' | 'reply',
  now: Millis,
): Notification {
  const { rule, subject } = state;
  const { phase, showing } = incident;
  return {
    id: action === 'reply' ? `${incident.id}:repeat:${showing.repeats}` : `${incident.id}:root`,
    incident: incident.id,
    action,
    channel: rule.channel,
    root: showing.root,
    mayBeThereSince: showing.firstTryAt,
    state: phase.name === 'resolved' ? 'resolved' : 'open',
    severity: rule.severity,
    mentions: rule.mentions,
    rule: rule.name,
    reason: reasonOf(incident, action),
    title: subject.title,
    taskName: subject.taskName,
    queue: subject.queue,
    class: subject.class,
    cause: subject.cause,
    fingerprint: subject.fingerprint,
    count: incident.count,
    firstAt: incident.firstAt,
    lastAt: incident.lastAt,
    resolvedAt: phase.name === 'resolved' ? phase.at : undefined,
    reopens: incident.reopens,
    hostnames: state.hostnames,
    example: subject.example,
    evidence: evidenceOf(state, incident, action, now),
  };
}

function reasonOf({ phase, reopens }: Incident, action: 'post' | 'edit' | 'reply'): Notification['reason'] {
  if (action === 'reply') return 'repeat-interval-elapsed';
  if (phase.name === 'resolved') return 'resolved';
  if (action === 'post') return 'threshold-crossed';
  return reopens > 0 ? 'reopened' : 'already-notified';
}

function evidenceOf(state: AlertState, incident: Incident, action: 'post' | 'edit' | 'reply', now: Millis): string {
  const window = duration(state.rule.windowMs);
  const { threshold } = state.rule;
  if (action === 'reply')
    return `${countInWindow(state, now)} in the last ${window}, told every ${duration(state.rule.repeatIntervalMs)}`;
  if (incident.phase.name === 'resolved') return `none for ${duration(state.rule.resolveAfterMs)}`;
  if (threshold === 1) return 'every failure counts: threshold 1';
  return `${incident.crossedWith} in ${window}, threshold ${threshold}`;
}

/** `90 s`, `10 min`, `4 h`: the largest unit that leaves no fraction. */
function duration(ms: Millis): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return `${Math.round(ms / 100) / 10} s`;
}
