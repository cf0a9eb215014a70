/**
 * Failure → the Sentry event that a Python SDK inside the worker would have sent, had it been able to. Pure and complete:
 * what replay writes to a file is what leaves over the wire. Field names are Sentry's event payload.
 */
import { createHash } from 'node:crypto';
import { shortName } from '../event/exception.ts';
import type { Frame, ParsedException } from '../event/python-traceback.ts';
import type { Failure, FailureClass } from '../failure/failure.ts';
import { isInApp, moduleOf, relativeFile } from '../failure/frames.ts';
import type { Attempt, Task } from '../lifecycle/transition.ts';

/**
 * How Sentry is to group. `taskvigil`: as we do, one issue here, in Slack and in Sentry. `default`: by Sentry's own rules,
 * so that our events join those of an SDK in the worker. `both`: Sentry's groups, split by ours.
 */
export type SentryGrouping = 'taskvigil' | 'default' | 'both';

export interface SentryEventOptions {
  readonly environment: string | undefined;
  readonly release: string | undefined;
  readonly grouping: SentryGrouping;
}

export interface SentryFrame {
  readonly filename: string;
  readonly abs_path: string;
  readonly module: string;
  readonly function: string;
  readonly lineno?: number;
  readonly context_line?: string;
  readonly in_app: boolean;
}

export interface SentryMechanism {
  readonly type: string;
  readonly handled: boolean;
  readonly synthetic?: boolean;
  readonly source?: string;
  readonly exception_id: number;
  readonly parent_id?: number;
  readonly is_exception_group?: boolean;
}

export interface SentryException {
  readonly type: string;
  readonly module?: string;
  readonly value: string;
  readonly stacktrace?: { readonly frames: SentryFrame[] };
  readonly mechanism: SentryMechanism;
}

export interface SentryBreadcrumb {
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly type: 'default';
  readonly category: 'celery';
  readonly level: 'info' | 'warning';
  readonly message: string;
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
  };
  readonly breadcrumbs: SentryBreadcrumb[];
}

/** Sentry keeps no more of each; what it would cut need not travel. */
const framesMax = 250;
const exceptionsMax = 50;
const valueCharsMax = 8_192;
const lineCharsMax = 1_024;
const tagCharsMax = 200;
/** A task that retried all night has a story, but its end is what matters. */
const breadcrumbsMax = 5;

const levels: Readonly<Record<FailureClass, SentryEvent['level']>> = {
  bug: 'error',
  resource: 'error',
  transient: 'warning',
  cancelled: 'info',
};

/** The event for one failure. All text in it was redacted before. */
export function sentryEventOf(failure: Failure, options: SentryEventOptions): SentryEvent {
  const { task, attempt } = failure;
  return {
    event_id: eventIdOf(failure.id),
    timestamp: failure.at / 1000,
    platform: 'python',
    level: levels[failure.class],
    logger: 'celery',
    ...(attempt !== undefined && { server_name: attempt.hostname }),
    ...(options.environment !== undefined && { environment: options.environment }),
    ...(options.release !== undefined && { release: options.release }),
    ...(task.name !== undefined && { transaction: task.name }),
    fingerprint: sentryFingerprintOf(failure, options.grouping),
    exception: { values: exceptionsOf(failure) },
    tags: tagsOf(failure),
    contexts: { trace: traceOf(task, attempt), celery: celeryOf(failure) },
    breadcrumbs: breadcrumbsOf(task),
  };
}

/** What an SDK inside the worker cannot report, because the process was gone, or never had the task. */
export function isUnseenByWorker({ cause, outcome }: Failure): boolean {
  return outcome === 'lost' || unseenCauses.has(cause);
}

const unseenCauses: ReadonlySet<Failure['cause']> = new Set<Failure['cause']>([
  'hard-time-limit',
  'worker-lost',
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

function exceptionsOf(failure: Failure): SentryException[] {
  const { exception, task, attempt } = failure;
  if (exception !== undefined && exception.type !== '') return exceptionTreeOf(exception, task.name);
  const mechanism = { type: 'celery', handled: false, exception_id: 0 };
  const told = attempt?.exception ?? task.exception;
  if (told !== undefined) return [{ ...classOf(told.type), value: told.message, mechanism }];
  // Nobody raised anything that we saw: our own words stand in for it.
  const [type = '', ...rest] = failure.title.split(': ');
  return [{ type, value: rest.join(': '), mechanism: { ...mechanism, synthetic: true } }];
}

/** The root cause first and the exception that came out last; ids count the other way round, as the Python SDK does. */
function exceptionTreeOf(exception: ParsedException, taskName: string | undefined): SentryException[] {
  const values: SentryException[] = [];
  const add = (one: ParsedException, place: Pick<SentryMechanism, 'source' | 'parent_id'> | undefined): void => {
    if (values.length >= exceptionsMax) return;
    const id = values.length;
    const frames = framesOf(one.frames, taskName);
    values.push({
      ...classOf(one.type),
      value: one.value.slice(0, valueCharsMax),
      ...(frames.length > 0 && { stacktrace: { frames } }),
      mechanism: {
        type: place === undefined ? 'celery' : 'chained',
        handled: false,
        ...place,
        exception_id: id,
        ...(one.exceptions !== undefined && { is_exception_group: true }),
      },
    });
    if (one.cause !== undefined) add(one.cause, { source: '__cause__', parent_id: id });
    else if (one.context !== undefined) add(one.context, { source: '__context__', parent_id: id });
    for (const [index, member] of (one.exceptions ?? []).entries()) {
      add(member, { source: `exceptions[${index}]`, parent_id: id });
    }
  };
  add(exception, undefined);
  return values.reverse();
}

function classOf(type: string): Pick<SentryException, 'type' | 'module'> {
  const name = shortName(type);
  const module = type.slice(0, -name.length - 1);
  return module === '' ? { type: name } : { type: name, module };
}

function framesOf(frames: readonly Frame[], taskName: string | undefined): SentryFrame[] {
  const kept =
    frames.length <= framesMax ? frames : [...frames.slice(0, framesMax / 5), ...frames.slice(-framesMax * 0.8)];
  return kept.map((frame) => ({
    filename: relativeFile(frame, taskName),
    abs_path: frame.file,
    module: moduleOf(frame, taskName),
    function: frame.function,
    ...(frame.line !== undefined && frame.line >= 0 && { lineno: frame.line }),
    ...(frame.source !== undefined && { context_line: frame.source.slice(0, lineCharsMax) }),
    in_app: isInApp(frame, taskName),
  }));
}

function tagsOf(failure: Failure): Record<string, string> {
  const { task, attempt } = failure;
  return tagged({
    task: task.name,
    queue: task.queue,
    worker: attempt?.hostname,
    class: failure.class,
    cause: failure.cause,
    outcome: failure.outcome,
    signal: attempt?.signal,
    retries: attempt === undefined ? undefined : String(attempt.retries),
    fp: failure.fingerprint,
    // The name that the Python SDK gives it.
    celery_task_id: task.id,
  });
}

/** Sentry refuses tags that are empty, long or of more than one line. */
function tagged(values: Record<string, string | undefined>): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') continue;
    tags[name] = value.replace(/\s+/g, ' ').slice(0, tagCharsMax).toWellFormed();
  }
  return tags;
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

/** Flat, for Sentry shows nested values badly and SDKs cut them. */
function celeryOf({ task, attempt, outcome, cause }: Failure): Record<string, string | number> {
  const values: Record<string, string | number | undefined> = {
    task_id: task.id,
    task_name: task.name,
    root_id: task.rootId,
    parent_id: task.parentId,
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
  };
  const told = Object.entries(values).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return Object.fromEntries(told);
}

function isoOf(at: number | undefined): string | undefined {
  // Beyond these a Date has no text: an eta of the year 275760 is somebody's mistake, not ours to fail on.
  return at === undefined || Math.abs(at) > 8.64e15 ? undefined : new Date(at).toISOString();
}

function runtimeOf(attempt: Attempt | undefined): number | undefined {
  if (attempt === undefined) return undefined;
  const { runtimeMs, startedAt, endedAt } = attempt;
  if (runtimeMs !== undefined) return runtimeMs;
  return startedAt === undefined || endedAt === undefined ? undefined : Math.max(0, Math.round(endedAt - startedAt));
}

/** The last steps of the task's own life. */
function breadcrumbsOf(task: Task): SentryBreadcrumb[] {
  const sends = task.sends.map((send) => stepOf(send.at, `sent${send.queue === undefined ? '' : ` to ${send.queue}`}`));
  const steps = [...sends, ...task.attempts.flatMap(stepsOf)];
  return steps.sort((a, b) => a.timestamp - b.timestamp).slice(-breadcrumbsMax);
}

function stepsOf(attempt: Attempt): SentryBreadcrumb[] {
  const { hostname, receivedAt, startedAt, endedAt, outcome, exception } = attempt;
  const steps: SentryBreadcrumb[] = [];
  if (receivedAt !== undefined) steps.push(stepOf(receivedAt, `received by ${hostname}`));
  if (startedAt !== undefined) steps.push(stepOf(startedAt, `attempt ${attempt.number} started`));
  if (endedAt !== undefined && outcome === 'retried') {
    const why = exception === undefined ? '' : `: ${shortName(exception.type)}: ${exception.message}`;
    steps.push({
      ...stepOf(endedAt, `attempt ${attempt.number} will be retried${why}`.slice(0, lineCharsMax)),
      level: 'warning',
    });
  }
  return steps;
}

function stepOf(at: number, message: string): SentryBreadcrumb {
  return { timestamp: at / 1000, type: 'default', category: 'celery', level: 'info', message };
}
