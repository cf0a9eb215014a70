/**
 * The daemon's one mouth: each notice becomes a log line, a count or both. `info` is what an operator did or expects,
 * `warn` what heals itself, `error` what was lost or needs a person; what happens per message is only counted.
 */
import type { Notice, Report } from '../report.ts';
import type { Log, LogFields, LogLevel } from './log.ts';

export interface ReporterOptions {
  readonly log: Log;
  readonly metrics: { count(notice: Notice): void };
}

interface Line {
  readonly level: LogLevel;
  readonly msg: string;
  readonly fields: LogFields;
}

/** The report itself never throws: whoever reports is busy with something that matters more. */
export function createReporter({ log, metrics }: ReporterOptions): Report {
  return (notice) => {
    try {
      metrics.count(notice);
      const line = lineOf(notice);
      if (line !== undefined) log(line.level, line.msg, { component: components[notice.kind], ...line.fields });
    } catch (error) {
      log('error', 'a notice could not be reported', {
        component: 'daemon',
        notice: notice.kind,
        ...errorFields(error),
      });
    }
  };
}

/** The folder that a notice is about. */
const components: Readonly<Record<Notice['kind'], string>> = {
  started: 'daemon',
  stopping: 'daemon',
  stopped: 'daemon',
  listening: 'status',
  reloaded: 'config',
  'config-warning': 'config',
  'restart-needed': 'config',
  'reload-refused': 'config',
  'source-connected': 'source',
  'source-disconnected': 'source',
  gap: 'source',
  'worker-lost': 'lifecycle',
  'witness-failed': 'source',
  noted: 'lifecycle',
  'sampled-out': 'sink',
  failure: 'failure',
  suppressed: 'sink',
  'delivery-failed': 'sink',
  'events-received': 'source',
  'foreign-messages': 'source',
  'message-rejected': 'source',
  delivered: 'sink',
  redacted: 'redact',
  decided: 'alert',
  pressed: 'alert',
  'policies-differ': 'alert',
  'tracked-tasks': 'lifecycle',
  'items-dropped': 'pipeline',
  'redaction-failed': 'redact',
  bug: 'daemon',
};

/** The first few tell what is wrong; `taskvigil check` tells all. */
const problemsTold = 10;

/** undefined: counted only. */
function lineOf(notice: Notice): Line | undefined {
  switch (notice.kind) {
    case 'started': {
      const { version, mode, configDigest } = notice;
      return line('info', 'taskvigil started', { version, mode, config_digest: configDigest });
    }
    case 'stopping':
      return line('info', 'stopping', { reason: notice.reason });
    case 'stopped': {
      const { undelivered } = notice;
      return line(undelivered > 0 ? 'warn' : 'info', 'stopped', { undelivered });
    }
    case 'listening':
      return line('info', 'listening', { address: notice.address });
    case 'reloaded': {
      const { isChanged, policy } = notice;
      return line('info', isChanged ? 'configuration reloaded' : 'configuration read again, nothing changed', {
        policy,
      });
    }
    case 'config-warning':
      return line('warn', 'configuration', { warning: notice.warning });
    case 'restart-needed':
      return line('warn', 'changed options need a restart', { options: notice.options.join(', ') });
    case 'reload-refused': {
      const { problems } = notice;
      const told = problems.slice(0, problemsTold).join('; ');
      return line('error', 'configuration refused, the one before stays', { count: problems.length, problems: told });
    }
    case 'source-connected':
      return line('info', 'source connected', { source: notice.source });
    case 'source-disconnected': {
      const { source, reason, retryInMs } = notice;
      return line('warn', 'source disconnected, trying again', { source, reason, retry_in_ms: retryInMs });
    }
    case 'gap': {
      const { source, cause, fromMs, toMs } = notice;
      return line('warn', 'events may have been missed', {
        source,
        cause,
        from: isoOf(fromMs),
        to: isoOf(toMs),
      });
    }
    case 'worker-lost':
      return line('warn', 'a worker went silent', {
        hostname: notice.hostname,
        silent_ms: notice.silentMs,
      });
    case 'delivery-failed': {
      const { sink, reason, count, willRetry } = notice;
      if (willRetry) return line('warn', 'delivery failed, trying again', { sink, reason, count });
      return line('error', 'delivery failed, items are lost', { sink, reason, count });
    }
    case 'policies-differ': {
      const { instances } = notice;
      return instances === 0
        ? line('info', 'all instances decide by the same policy', {})
        : line('warn', 'other instances decide by another policy', { instances });
    }
    case 'witness-failed': {
      const { source, witness, reason } = notice;
      return line('warn', 'a second witness could not be asked', { source, witness, reason });
    }
    case 'events-received':
    case 'foreign-messages':
    case 'noted':
    case 'pressed':
    case 'sampled-out':
    case 'failure':
    case 'suppressed':
    case 'message-rejected':
    case 'delivered':
    case 'redacted':
    case 'decided':
    case 'tracked-tasks':
      return undefined;
    case 'items-dropped': {
      const { queue, reason, count } = notice;
      return line('error', 'items dropped', { queue, reason, count });
    }
    case 'redaction-failed':
      return line('error', 'a value could not be redacted and was removed whole', {
        field: notice.field,
        reason: notice.reason,
      });
    case 'bug':
      return line('error', 'bug: please report it', { where: notice.where, ...errorFields(notice.error) });
    default:
      return notice satisfies never;
  }
}

function line(level: LogLevel, msg: string, fields: LogFields): Line {
  return { level, msg, fields };
}

/** Type and place only: the message of an unexpected error may quote what it was working on. */
function errorFields(error: unknown): { readonly error: string; readonly at: string | undefined } {
  if (!(error instanceof Error)) return { error: typeof error, at: undefined };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const at = frames.slice(0, 5).map((line) => line.trim().replace(/^at /, ''));
  return { error: error.name, at: at.length > 0 ? at.join(' < ') : undefined };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
