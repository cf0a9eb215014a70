/** Notification → JSON body of a webhook request. Pure. The format is described in docs/webhook.md and config/webhook.schema.json. */
import type { Bulletin, Incident, IncidentCondition } from '../../alert/incident.ts';
import { lineOf } from '../../alert/incidents/decision-text.ts';
import { titleOf } from '../../alert/incidents/heading.ts';
import type { Notification } from '../../alert/outbox/notification.ts';

/** Raised when a field changes its meaning or disappears. New fields do not raise it. */
const payloadVersion = 1;

export interface WebhookLink {
  readonly label: string;
  readonly url: string;
}

export interface PayloadOptions {
  /** Distinguishes fleets that share a webhook. */
  readonly namespace: string;
  readonly linksOf: (incident: Incident) => readonly WebhookLink[];
}

export type IncidentPayload = Extract<ReturnType<typeof payloadOf>, { readonly incident: unknown }>;

export function payloadOf({ about, at }: Notification, { namespace, linksOf }: PayloadOptions) {
  const envelope = { version: payloadVersion, timestamp: isoTime(at), namespace } as const;
  return about.kind === 'incident'
    ? ({
        ...envelope,
        type: `incident.${about.incident.phase.name === 'resolved' ? 'resolved' : 'open'}`,
        incident: incidentFields(about.incident, linksOf),
      } as const)
    : ({ ...envelope, type: 'bulletin', bulletin: bulletinFields(about.bulletin) } as const);
}

/** Identifies the content of a request: a repeated request for the same revision carries the same id. */
export function deliveryIdOf({ about }: Notification, namespace: string): string {
  const { id, rev } = about.kind === 'incident' ? about.incident : about.bulletin;
  return `${namespace}/${id}/${rev}`;
}

function incidentFields(incident: Incident, linksOf: PayloadOptions['linksOf']) {
  const { id, rev, phase, severity, subject, trend, deploy, ack } = incident;
  const isResolved = phase.name === 'resolved';
  return {
    id,
    revision: rev,
    phase: isResolved ? 'resolved' : 'open',
    severity,
    text: `${isResolved ? 'Resolved: ' : ''}${lineOf(incident)}`,
    first_at: isoTime(incident.firstAt),
    last_at: isoTime(incident.lastAt),
    resolved_at: isResolved ? isoTime(phase.at) : null,
    resolved_by: isResolved ? (phase.by ?? null) : null,
    acknowledged_by: ack?.by ?? null,
    snoozed_until: incident.snoozedUntil === undefined ? null : isoTime(incident.snoozedUntil),
    count: incident.count,
    reopens: incident.reopens,
    regression_of: incident.regressionOf ?? null,
    trend,
    channel: incident.channel,
    subject: {
      title: titleOf(incident),
      tasks: subject.tasks,
      exceptions: subject.exceptions,
      workers: subject.hosts,
      pools: subject.pools,
      queues: subject.queues,
      fingerprint: subject.fingerprint ?? null,
      class: subject.class ?? null,
      cause: subject.cause ?? null,
    },
    signals: incident.keys.map(signalFields),
    example:
      subject.example === undefined ? null : { task_id: subject.example.taskId, trace_id: subject.example.traceId },
    deploy: deploy === undefined ? null : { version: deploy.version, at: isoTime(deploy.at) },
    links: linksOf(incident),
  };
}

/** Numbers that are not finite have no JSON form, so a baseline without history is null. */
function signalFields({ key, signal, firstAt, lastAt, total, figures }: IncidentCondition) {
  const { count, limit, withinMs, baseline, of } = figures;
  return {
    name: signal,
    key,
    first_at: isoTime(firstAt),
    last_at: isoTime(lastAt),
    total: total ?? null,
    count: finite(count),
    threshold: finite(limit),
    within_ms: withinMs,
    baseline: finite(baseline),
    of: finite(of),
  };
}

function bulletinFields({ id, rev, kind, title, lines, more, at, channel }: Bulletin) {
  return { id, revision: rev, kind, text: title, lines, more, at: isoTime(at), channel };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
