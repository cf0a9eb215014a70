/** Incidents for tests: complete, and different only in what the test is about. */

import type { Bulletin, Incident, IncidentCondition, ThreadLine } from '../../src/alert/incident.ts';
import { keyText } from '../../src/alert/key.ts';
import type { Notification } from '../../src/alert/outbox/notification.ts';
import type { Subject } from '../../src/alert/signal.ts';
import { definitionOf } from '../../src/alert/signals/registry.ts';
import type { Fingerprint, Hostname } from '../../src/event/ids.ts';
import type { Redacted } from '../../src/event/untrusted.ts';

/** 10:02 in the morning of a Tuesday, UTC. */
export const openedAt = Date.UTC(2026, 10, 24, 10, 2);
const minute = 60_000;

export function keyOf(facts: Partial<IncidentCondition> = {}): IncidentCondition {
  return {
    key: keyText({ kind: 'cause', fingerprint: 'f00dfeedcafe' }),
    signal: 'failures.new',
    firstAt: openedAt,
    lastAt: openedAt + 7 * minute,
    clearMs: 10 * minute,
    total: 7,
    figures: { count: 7, limit: 3, withinMs: 10 * minute, baseline: undefined, of: 212 },
    noun: definitionOf(facts.signal ?? 'failures.new')?.words.counts?.[1],
    ...facts,
  };
}

export type SubjectFacts = {
  readonly [Name in keyof Subject]?: Name extends 'hosts' ? string[] : Subject[Name] | string;
};

export function subjectOf(facts: SubjectFacts = {}): Subject {
  return {
    tasks: ['billing.tasks.charge'],
    exceptions: ['PaymentDeclined'],
    hosts: ['celery@pay-1' as Hostname, 'celery@pay-2' as Hostname],
    pools: ['celery@pay'],
    queues: ['payments'],
    title: 'PaymentDeclined: card was declined' as Redacted,
    fingerprint: 'f00dfeedcafe' as Fingerprint,
    class: 'bug',
    cause: 'app-error',
    example: { taskId: '3c1f6d1e-8a52-4f0e-9d55-0c7a2b9e4f10', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' },
    ...(facts as unknown as Partial<Subject>),
  };
}

/** Seven failures of `billing.tasks.charge` with a declined card, open for seven minutes, unless the arguments differ. */
export function incidentOf(facts: Partial<Incident> = {}): Incident {
  return {
    id: '7d3f9a1c2b',
    phase: { name: 'open' },
    severity: 'normal',
    keys: [keyOf()],
    subject: subjectOf(),
    trend: 'steady',
    causeText: undefined,
    deploy: undefined,
    firstAt: openedAt,
    lastAt: openedAt + 7 * minute,
    openedAt,
    count: 7,
    toldCount: 7,
    countedAt: openedAt + 7 * minute,
    reopens: 0,
    ack: undefined,
    snoozedUntil: undefined,
    hidden: undefined,
    regressionOf: undefined,
    channel: '#alerts',
    mentions: [],
    also: [],
    lines: [],
    reminders: 0,
    remindersDue: 0,
    rev: 1,
    receipts: {},
    ...facts,
  };
}

export function bulletinOf(facts: Partial<Bulletin> = {}): Bulletin {
  return {
    id: 'storm-1',
    kind: 'storm',
    channel: '#alerts',
    at: openedAt,
    until: openedAt + 60 * minute,
    title: '7 more incidents since 10:02',
    lines: [],
    more: 0,
    rev: 1,
    receipts: {},
    ...facts,
  };
}

/** The root post of `incident`, unless the arguments differ. */
export function notificationOf(
  incident: Incident = incidentOf(),
  facts: Partial<Notification> & { readonly line?: ThreadLine } = {},
): Notification {
  const { line, ...rest } = facts;
  return {
    id: `${incident.id}:root`,
    action: 'post',
    channel: incident.channel,
    ref: undefined,
    mayBeThereSince: undefined,
    at: openedAt + 7 * minute,
    about: { kind: 'incident', incident, line },
    ...rest,
  };
}

export function bulletinNotificationOf(bulletin: Bulletin, facts: Partial<Notification> = {}): Notification {
  return {
    ...notificationOf(),
    id: bulletin.id,
    channel: bulletin.channel,
    about: { kind: 'bulletin', bulletin },
    ...facts,
  };
}
