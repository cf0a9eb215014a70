/**
 * Turns each notice into a metric and, for most kinds, a log line. `info`: actions of an operator and expected progress;
 * `warn`: trouble that passes by itself; `error`: losses, and trouble that needs a person. Notices per message are only
 * counted.
 */
import type { Notice, Report } from '../report.ts';
import type { Log, LogFields, LogLevel } from './log.ts';

export interface ReporterOptions {
  readonly log: Log;
  readonly metrics: { count(notice: Notice): void };
}

/** Never throws: a caller must not fail because of its report. */
export function createReporter({ log, metrics }: ReporterOptions): Report {
  return (notice) => {
    try {
      metrics.count(notice);
      const { component, line } = noticeLines[notice.kind];
      // The table is indexed by the kind of this very notice, a relation that the compiler does not follow.
      const written = line?.(notice as never);
      if (written !== undefined) log(written.level, written.msg, { component, ...written.fields });
    } catch (error) {
      log('error', 'a notice could not be reported', {
        component: 'daemon',
        notice: notice.kind,
        ...errorFields(error),
      });
    }
  };
}

interface Line {
  readonly level: LogLevel;
  readonly msg: string;
  readonly fields: LogFields;
}

type NoticeLines = {
  readonly [Kind in Notice['kind']]: {
    /** The folder of src/ that the notice is about. */
    readonly component: string;
    /** Left out for a kind that is only counted. */
    readonly line?: (notice: Extract<Notice, { kind: Kind }>) => Line;
  };
};

/** A log line shows the first problems; `taskvigil check` lists all. */
const problemsMax = 10;

const noticeLines: NoticeLines = {
  started: {
    component: 'daemon',
    line: ({ version, mode, configDigest }) =>
      info('taskvigil started', { version, mode, config_digest: configDigest }),
  },
  stopping: { component: 'daemon', line: ({ reason }) => info('stopping', { reason }) },
  stopped: {
    component: 'daemon',
    line: ({ undelivered }) => (undelivered > 0 ? warn : info)('stopped', { undelivered }),
  },
  listening: { component: 'status', line: ({ address }) => info('listening', { address }) },
  'memory-only': {
    component: 'store',
    line: ({ forgets }) => info('without a store a restart loses state', { forgets }),
  },
  reloaded: {
    component: 'config',
    line: ({ isChanged, policy }) =>
      info(isChanged ? 'configuration reloaded' : 'configuration reloaded without changes', { policy }),
  },
  'config-warning': { component: 'config', line: ({ warning }) => warn('configuration', { warning }) },
  'restart-needed': {
    component: 'config',
    line: ({ options }) => warn('changed options need a restart', { options: options.join(', ') }),
  },
  'reload-refused': {
    component: 'config',
    line: ({ problems }) =>
      error('configuration refused, the previous one stays in force', {
        count: problems.length,
        problems: problems.slice(0, problemsMax).join('; '),
      }),
  },
  'source-connected': { component: 'source', line: ({ source }) => info('source connected', { source }) },
  'foreign-only': {
    component: 'source',
    line: ({ hostname }) =>
      warn('only events of other hosts: no worker has this host name (celery@<host>); set hostname', { hostname }),
  },
  'source-lagging': {
    component: 'source',
    line: ({ source, lagMs }) =>
      warn('messages are read late: this process is too slow or was paused', { source, lag_ms: lagMs }),
  },
  'source-disconnected': {
    component: 'source',
    line: ({ source, reason, retryInMs }) =>
      warn('source disconnected, reconnecting', { source, reason, retry_in_ms: retryInMs }),
  },
  gap: {
    component: 'source',
    line: ({ source, cause, fromMs, toMs }) =>
      warn('events may have been missed', { source, cause, from: isoOf(fromMs), to: isoOf(toMs) }),
  },
  'worker-lost': {
    component: 'lifecycle',
    line: ({ hostname, silentMs }) => warn('a worker stopped sending events', { hostname, silent_ms: silentMs }),
  },
  'delivery-failed': {
    component: 'sink',
    line: ({ sink, reason, count, willRetry }) =>
      willRetry
        ? warn('delivery failed, it is retried', { sink, reason, count })
        : error('delivery failed, items are lost', { sink, reason, count }),
  },
  'policies-differ': {
    component: 'alert',
    line: ({ instances }) =>
      instances === 0
        ? info('all instances have the same policy', {})
        : warn('other instances have a different policy', { instances }),
  },
  'witness-failed': {
    component: 'source',
    line: ({ source, witness, reason }) => warn('a second witness did not answer', { source, witness, reason }),
  },
  'items-dropped': {
    component: 'pipeline',
    line: ({ queue, reason, count }) => error('items dropped', { queue, reason, count }),
  },
  'redaction-failed': {
    component: 'redact',
    line: ({ field, reason }) => error('a value could not be redacted and was removed', { field, reason }),
  },
  bug: {
    component: 'daemon',
    line: ({ where, error: thrown }) => error('bug: please report it', { where, ...errorFields(thrown) }),
  },
  'events-received': { component: 'source' },
  'foreign-messages': { component: 'source' },
  'message-rejected': { component: 'source' },
  'event-shortened': {
    component: 'source',
    line: ({ source, type }) => warn('a message of more than 8 MiB was shortened', { source, type }),
  },
  noted: { component: 'lifecycle' },
  'tracked-tasks': { component: 'lifecycle' },
  'clock-offset': { component: 'lifecycle' },
  'clock-wrong': {
    component: 'lifecycle',
    line: ({ hostname, offsetMs }) =>
      warn('the clock of a worker differs', { worker: hostname, seconds: Math.round(offsetMs / 100) / 10 }),
  },
  'sampled-out': { component: 'sink' },
  suppressed: { component: 'sink' },
  delivered: { component: 'sink' },
  failure: { component: 'failure' },
  'unknown-end': { component: 'lifecycle' },
  redacted: { component: 'redact' },
  decided: { component: 'alert' },
  pressed: { component: 'alert' },
};

function info(msg: string, fields: LogFields): Line {
  return { level: 'info', msg, fields };
}

function warn(msg: string, fields: LogFields): Line {
  return { level: 'warn', msg, fields };
}

function error(msg: string, fields: LogFields): Line {
  return { level: 'error', msg, fields };
}

/** Class and place only: the message of an unexpected error may quote the data at hand. */
function errorFields(thrown: unknown): { readonly error: string; readonly at: string | undefined } {
  if (!(thrown instanceof Error)) return { error: typeof thrown, at: undefined };
  const frames = (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const at = frames.slice(0, 5).map((line) => line.trim().replace(/^at /, ''));
  return { error: thrown.name, at: at.length > 0 ? at.join(' < ') : undefined };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
