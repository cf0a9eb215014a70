/** Counts for Prometheus: each notice of the daemon about itself, and the process it runs in. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Notice } from '../report.ts';

export interface Metrics {
  count(notice: Notice): void;
  /** The exposition text, to be served as `contentType`. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Labels are closed lists or names from the configuration; anything beyond so many values of one label is `other`. */
const labelValuesMax = 100;

/** Each call has a registry of its own, so that two daemons in one process do not share their counts. */
export function createMetrics({ version, mode }: { readonly version: string; readonly mode: string }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = gauge(registry, 'build_info', 'What runs, as labels of a constant 1', ['version', 'mode']);
  build.set({ version, mode }, 1);
  const received = counter(registry, 'events_received_total', 'Events decoded and redacted', ['source', 'type']);
  const rejected = counter(registry, 'messages_rejected_total', 'Messages that could not be read', [
    'source',
    'reason',
  ]);
  const connected = gauge(registry, 'source_connected', '1 while the subscription stands', ['source']);
  const reconnects = counter(registry, 'source_reconnects_total', 'Subscriptions that came back', ['source']);
  const gaps = counter(registry, 'source_gap_seconds_total', 'Time in which events may have been missed', [
    'source',
    'cause',
  ]);
  const dropped = counter(registry, 'pipeline_dropped_total', 'Items that found no room', ['queue', 'reason']);
  const delivered = counter(registry, 'sink_delivered_total', 'Items the other side has taken', ['sink']);
  const failures = counter(registry, 'sink_failures_total', 'Deliveries that failed', ['sink', 'retried']);
  const lost = counter(registry, 'sink_lost_total', 'Items given up after their last try', ['sink']);
  const decisions = counter(registry, 'decisions_total', 'Decisions to tell or not to tell', ['reason', 'notified']);
  const decided = counter(registry, 'decided_failures_total', 'Failures by what was decided of them', ['reason']);
  const redactions = counter(registry, 'redactions_total', 'Values removed', ['field', 'kind']);
  const tracked = gauge(registry, 'tracked_tasks', 'Tasks held in memory', []);
  const unsure = gauge(registry, 'unsure_tasks', 'Open tasks whose end may have been missed in a gap', []);
  const notes = counter(registry, 'task_notes_total', 'What was noticed of tasks that neither begins nor ends them', [
    'what',
  ]);
  const presses = counter(registry, 'presses_total', 'Buttons pressed below messages', ['act', 'outcome']);
  const failed = counter(registry, 'failures_total', 'Failures of tasks, each counted once', ['class', 'cause']);
  const suppressed = counter(registry, 'sink_suppressed_total', 'Items that the policy held back', ['sink', 'reason']);
  const sampledOut = counter(registry, 'sampled_out_total', 'Spans that sampling let go', ['what']);
  const witnesses = counter(registry, 'witness_failures_total', 'Questions that a second witness could not answer', [
    'source',
    'witness',
  ]);
  const unredacted = counter(registry, 'redaction_failures_total', 'Values removed whole', ['field', 'reason']);
  const workersLost = counter(registry, 'workers_lost_total', 'Workers that went silent', []);
  const reloads = counter(registry, 'config_reloads_total', 'Configurations read while running', ['result']);
  const reloaded = gauge(registry, 'config_last_reload_success', '1 unless the last configuration was refused', []);
  reloaded.set(1);
  const waiting = gauge(registry, 'config_restart_needed', 'Changed options that wait for a restart', []);
  const bugs = counter(registry, 'bugs_total', 'Errors that must not happen', []);
  const seen = new Set<string>();
  const label = createLabels();

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    count(notice) {
      switch (notice.kind) {
        case 'events-received':
          received.inc({ source: label('source', notice.source), type: label('type', notice.type) }, notice.count);
          break;
        case 'foreign-messages':
          rejected.inc({ source: label('source', notice.source), reason: 'foreign-host' }, notice.count);
          break;
        case 'message-rejected':
          rejected.inc({ source: label('source', notice.source), reason: notice.reason });
          break;
        case 'source-connected': {
          const source = label('source', notice.source);
          connected.set({ source }, 1);
          if (seen.has(source)) reconnects.inc({ source });
          else reconnects.inc({ source }, 0);
          seen.add(source);
          break;
        }
        case 'source-disconnected':
          connected.set({ source: label('source', notice.source) }, 0);
          break;
        case 'gap': {
          const seconds = Math.max(0, notice.toMs - notice.fromMs) / 1_000;
          gaps.inc({ source: label('source', notice.source), cause: notice.cause }, seconds);
          break;
        }
        case 'items-dropped': {
          const { queue, reason, count } = notice;
          dropped.inc({ queue: label('queue', queue), reason: label('dropped', reason) }, count);
          break;
        }
        case 'delivered':
          delivered.inc({ sink: notice.sink }, notice.count);
          break;
        case 'delivery-failed':
          failures.inc({ sink: notice.sink, retried: String(notice.willRetry) });
          if (!notice.willRetry) lost.inc({ sink: notice.sink }, notice.count);
          break;
        case 'decided':
          decisions.inc({ reason: label('decision', notice.reason), notified: String(notice.isNotified) });
          if (notice.failures > 0) decided.inc({ reason: label('decision', notice.reason) }, notice.failures);
          break;
        case 'redacted':
          redactions.inc({ field: label('field', notice.field), kind: label('what', notice.what) }, notice.count);
          break;
        case 'tracked-tasks':
          tracked.set(notice.count);
          unsure.set(notice.unsure);
          break;
        case 'redaction-failed':
          unredacted.inc({ field: label('field', notice.field), reason: label('failed', notice.reason) });
          break;
        case 'failure':
          failed.inc({ class: notice.class, cause: notice.cause });
          break;
        case 'suppressed':
          suppressed.inc({ sink: notice.sink, reason: label('suppressed', notice.reason) }, notice.count);
          break;
        case 'sampled-out':
          sampledOut.inc({ what: notice.what }, notice.count);
          break;
        case 'pressed':
          presses.inc({ act: label('act', notice.act), outcome: label('press', notice.outcome) });
          break;
        case 'noted':
          notes.inc({ what: label('what', notice.what) });
          break;
        case 'witness-failed':
          witnesses.inc({ source: label('source', notice.source), witness: label('witness', notice.witness) });
          break;
        case 'worker-lost':
          workersLost.inc();
          break;
        case 'bug':
          bugs.inc();
          break;
        case 'reloaded':
          reloads.inc({ result: notice.isChanged ? 'changed' : 'unchanged' });
          reloaded.set(1);
          waiting.set(notice.waiting);
          break;
        case 'reload-refused':
          reloads.inc({ result: 'refused' });
          reloaded.set(0);
          break;
        case 'restart-needed':
        case 'config-warning':
        case 'started':
        case 'stopping':
        case 'stopped':
        case 'listening':
          break;
        default:
          notice satisfies never;
      }
    },
  };
}

function counter<Name extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: Name[],
): Counter<Name> {
  return new Counter({ name: `taskvigil_${name}`, help, labelNames, registers: [registry] });
}

function gauge<Name extends string>(registry: Registry, name: string, help: string, labelNames: Name[]): Gauge<Name> {
  return new Gauge({ name: `taskvigil_${name}`, help, labelNames, registers: [registry] });
}

function createLabels(): (name: string, value: string) => string {
  const values = new Map<string, Set<string>>();
  return (name, value) => {
    const known = values.get(name) ?? new Set();
    values.set(name, known);
    if (known.has(value)) return value;
    if (known.size >= labelValuesMax) return 'other';
    known.add(value);
    return value;
  };
}
