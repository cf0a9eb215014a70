/**
 * The Sentry event of a failure, in the form that a Python SDK in the worker would have sent. Pure and complete: a replay
 * writes exactly the events of production. Field names are those of Sentry's event payload.
 */
import { createHash } from 'node:crypto';
import type { FailureClass } from '../../failure/facts.ts';
import type { Failure } from '../../failure/failure.ts';
import type { GroupCount } from '../../failure/tally.ts';
import type { Attempt, Task } from '../../lifecycle/transition.ts';
import { isoOf } from '../otlp/attributes.ts';
import { breadcrumbsOf, type SentryBreadcrumb } from './breadcrumbs.ts';
import { type ExceptionRoom, exceptionsOf, type SentryException, sentryRoom } from './exceptions.ts';
import { head, oneLine } from './text.ts';

/**
 * Grouping in Sentry. `taskvigil`: by taskvigil's fingerprint, so that Sentry and Slack have the same groups. `default`: by
 * Sentry's own rules, so that the events join those of an SDK in the worker. `both`: Sentry's groups, split by fingerprint.
 */
export type SentryGrouping = 'taskvigil' | 'default' | 'both';

export interface SentryEventOptions {
  readonly environment: string | undefined;
  readonly release: string | undefined;
  readonly grouping: SentryGrouping;
}

/** The other failures that an event accounts for. */
export interface Recurrence {
  /** Number of failures: its own, and the suppressed ones of its group before it. */
  readonly occurrences: number;
  /** undefined where failures are not counted, as in a replay. */
  readonly group: GroupCount | undefined;
}

export interface SentryEvent {
  /** 32 hex digits, the same from every replica. */
  readonly event_id: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly platform: 'python';
  readonly level: 'error' | 'warning' | 'info';
  readonly logger: 'celery';
  readonly server_name?: string;
  readonly environment?: string;
  readonly release?: string;
  readonly transaction?: string;
  readonly fingerprint: string[];
  readonly exception: { readonly values: SentryException[] };
  readonly tags: Record<string, string>;
  readonly contexts: {
    readonly trace: {
      readonly trace_id: string;
      readonly span_id: string;
      readonly parent_span_id?: string;
      readonly op: 'queue.process';
      readonly status: 'internal_error';
    };
    readonly celery: Record<string, string | number>;
    readonly taskvigil: Record<string, string | number>;
  };
  readonly breadcrumbs: SentryBreadcrumb[];
}

/** Limits of Sentry; it would cut longer values. */
const tagCharsMax = 200;
const nameCharsMax = 200;
const contextCharsMax = 8_192;
/** Servers accept 1 MiB, including the envelope. */
const eventBytesMax = 1_000_000;
/** Tried in turn until the event fits. */
const rooms: readonly ExceptionRoom[] = [
  sentryRoom,
  { frames: 50, valueChars: 4_096 },
  { frames: 10, valueChars: 1_024 },
];
/** Fifty exceptions with the longest lines of the widest characters fit within these limits. */
const leastRoom: ExceptionRoom = { frames: 1, valueChars: 256 };

const levels: Readonly<Record<FailureClass, SentryEvent['level']>> = {
  bug: 'error',
  resource: 'error',
  transient: 'warning',
  cancelled: 'info',
};

const once: Recurrence = { occurrences: 1, group: undefined };

/** The event of one failure. All its text has been redacted. */
export function sentryEventOf(failure: Failure, options: SentryEventOptions, recurrence = once): SentryEvent {
  const { task, attempt } = failure;
  const { environment, release, grouping } = options;
  const transaction = oneLine(task.name ?? '', nameCharsMax);
  const event = {
    event_id: eventIdOf(failure.id),
    timestamp: failure.at / 1000,
    platform: 'python',
    level: levels[failure.class],
    logger: 'celery',
    ...(attempt !== undefined && { server_name: attempt.hostname }),
    ...(environment !== undefined && { environment }),
    ...(release !== undefined && { release }),
    ...(transaction !== '' && { transaction }),
    fingerprint: sentryFingerprintOf(failure, grouping),
    tags: tagsOf(failure, recurrence),
    contexts: {
      trace: traceOf(task, attempt),
      celery: celeryOf(failure),
      taskvigil: countsOf(failure, recurrence),
    },
    breadcrumbs: breadcrumbsOf(failure),
  } as const;
  return fitted((room) => ({ ...event, exception: { values: exceptionsOf(failure, room) } }));
}

/** The event with the largest limits that is small enough. */
function fitted(build: (room: ExceptionRoom) => SentryEvent): SentryEvent {
  for (const room of rooms) {
    const event = build(room);
    if (Buffer.byteLength(JSON.stringify(event)) <= eventBytesMax) return event;
  }
  return build(leastRoom);
}

/** True for a failure that an SDK in the worker cannot report: its process had died, or never received the task. */
export function isUnseenByWorker({ cause, outcome }: Failure): boolean {
  return outcome === 'lost' || outcome === 'vanished' || unseenCauses.has(cause);
}

const unseenCauses: ReadonlySet<Failure['cause']> = new Set<Failure['cause']>([
  'hard-time-limit',
  'worker-lost',
  'vanished',
  'poison-loop',
  'unregistered',
  'rejected',
  'expired',
  'terminated',
  'unencodable',
]);

function eventIdOf(failureId: string): string {
  if (/^[0-9a-f]{32}$/.test(failureId)) return failureId;
  return createHash('sha256').update(failureId).digest('hex').slice(0, 32);
}

function sentryFingerprintOf({ fingerprint }: Failure, grouping: SentryGrouping): string[] {
  switch (grouping) {
    case 'taskvigil':
      return ['taskvigil', 'v1', fingerprint];
    case 'default':
      return ['{{ default }}'];
    case 'both':
      return ['{{ default }}', 'taskvigil', 'v1', fingerprint];
    default:
      return grouping satisfies never;
  }
}

/** Sentry refuses tags that are empty, long or of more than one line. */
function tagsOf(failure: Failure, { occurrences }: Recurrence): Record<string, string> {
  const { task, attempt } = failure;
  const tags: Record<string, string | undefined> = {
    task: task.name,
    queue: task.queue,
    worker: attempt?.hostname,
    class: failure.class,
    cause: failure.cause,
    outcome: failure.outcome,
    signal: attempt?.signal,
    retries: attempt === undefined ? undefined : String(attempt.retries),
    fp: failure.fingerprint,
    // The tag name of the Python SDK.
    celery_task_id: task.id,
    'taskvigil.occurrences': String(occurrences),
  };
  const cut = Object.entries(tags).map(([name, value]) => [name, oneLine(value ?? '', tagCharsMax)]);
  return Object.fromEntries(cut.filter(([, value]) => value !== ''));
}

function traceOf(task: Task, attempt: Attempt | undefined): SentryEvent['contexts']['trace'] {
  const parent = attempt === undefined ? task.parentSpanId : task.spanId;
  return {
    trace_id: task.traceId,
    span_id: attempt?.spanId ?? task.spanId,
    ...(parent !== undefined && { parent_span_id: parent }),
    op: 'queue.process',
    status: 'internal_error',
  };
}

function celeryOf({ task, attempt, outcome, cause }: Failure): Record<string, string | number> {
  return flat({
    task_id: task.id,
    task_name: task.name,
    root_id: task.rootId,
    parent_id: task.parentId,
    group_id: task.groupId,
    queue: task.queue,
    args: task.args,
    kwargs: task.kwargs,
    eta: isoOf(task.eta),
    expires: isoOf(task.expires),
    outcome,
    cause,
    attempt: attempt?.number,
    retries: attempt?.retries,
    runtime_ms: runtimeOf(attempt),
    signal: attempt?.signal,
  });
}

/** Counts of the failure, equal to those in Slack, on the page and in the metrics. */
function countsOf({ fingerprint }: Failure, { occurrences, group }: Recurrence): Record<string, string | number> {
  return flat({
    fingerprint,
    occurrences,
    group_count: group?.count,
    group_first_at: isoOf(group?.firstAt),
  });
}

/** Removes undefined values and cuts texts. Values are flat, because Sentry displays nested ones poorly. */
function flat(values: Readonly<Record<string, string | number | undefined>>): Record<string, string | number> {
  const present = Object.entries(values).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return Object.fromEntries(
    present.map(([name, value]) => [name, typeof value === 'string' ? head(value, contextCharsMax) : value] as const),
  );
}

function runtimeOf(attempt: Attempt | undefined): number | undefined {
  if (attempt === undefined) return undefined;
  const { runtimeMs, startedAt, endedAt } = attempt;
  if (runtimeMs !== undefined) return runtimeMs;
  return startedAt === undefined || endedAt === undefined ? undefined : Math.max(0, Math.round(endedAt - startedAt));
}
