/**
 * The metrics about the daemon itself, one declaration each: name, text, labels, and the notices it is derived from.
 * A label's values are closed lists or names from the configuration.
 */
import type { Notice } from '../report.ts';

/** Contribution of one notice: the increment of a counter, or the new value of a gauge. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricDeclaration {
  readonly type: 'counter' | 'gauge';
  /** Without the prefix `taskvigil_`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Value before the first notice, for a gauge without labels. */
  readonly initial?: number;
  readonly from: {
    readonly [Kind in Notice['kind']]?: (notice: Extract<Notice, { kind: Kind }>) => Sample | undefined;
  };
}

/** The declarations of one daemon. */
export function noticeMetrics(): readonly MetricDeclaration[] {
  return [...sourceMetrics(), ...taskMetrics, ...deliveryMetrics, ...configMetrics];
}

function sourceMetrics(): readonly MetricDeclaration[] {
  const connectedBefore = new Set<string>();
  return [
    {
      type: 'counter',
      name: 'events_received_total',
      help: 'Events decoded and redacted.',
      labels: ['source', 'type'],
      from: { 'events-received': ({ source, type, count }) => ({ labels: { source, type }, value: count }) },
    },
    {
      type: 'counter',
      name: 'messages_rejected_total',
      help: 'Messages that could not be decoded, and messages of other hosts.',
      labels: ['source', 'reason'],
      from: {
        'message-rejected': ({ source, reason }) => ({ labels: { source, reason }, value: 1 }),
        'foreign-messages': ({ source, count }) => ({ labels: { source, reason: 'foreign-host' }, value: count }),
      },
    },
    {
      type: 'counter',
      name: 'events_shortened_total',
      help: 'Events of messages of more than 8 MiB, read without the middle of their long values.',
      labels: ['source', 'type'],
      from: { 'event-shortened': ({ source, type }) => ({ labels: { source, type }, value: 1 }) },
    },
    {
      type: 'gauge',
      name: 'source_connected',
      help: '1 while the source is connected, else 0.',
      labels: ['source'],
      from: {
        'source-connected': ({ source }) => ({ labels: { source }, value: 1 }),
        'source-disconnected': ({ source }) => ({ labels: { source }, value: 0 }),
      },
    },
    {
      type: 'counter',
      name: 'source_reconnects_total',
      help: 'Connections of a source after its first one.',
      labels: ['source'],
      from: {
        'source-connected': ({ source }) => {
          const value = connectedBefore.has(source) ? 1 : 0;
          connectedBefore.add(source);
          return { labels: { source }, value };
        },
      },
    },
    {
      type: 'counter',
      name: 'source_gap_seconds_total',
      help: 'Time in which events could not be received.',
      labels: ['source', 'cause'],
      from: {
        gap: ({ source, cause, fromMs, toMs }) => ({
          labels: { source, cause },
          value: Math.max(0, toMs - fromMs) / 1_000,
        }),
      },
    },
    {
      type: 'counter',
      name: 'witness_failures_total',
      help: 'Queries to a second source of task outcomes that failed.',
      labels: ['source', 'witness'],
      from: { 'witness-failed': ({ source, witness }) => ({ labels: { source, witness }, value: 1 }) },
    },
    {
      type: 'counter',
      name: 'workers_lost_total',
      help: 'Workers that stopped sending heartbeats without shutting down.',
      labels: [],
      from: { 'worker-lost': () => ({ value: 1 }) },
    },
  ];
}

const taskMetrics: readonly MetricDeclaration[] = [
  {
    type: 'gauge',
    name: 'tracked_tasks',
    help: 'Tasks in memory.',
    labels: [],
    from: { 'tracked-tasks': ({ count }) => ({ value: count }) },
  },
  {
    type: 'gauge',
    name: 'worker_clock_offset_seconds',
    help: 'Largest difference of a worker clock from the clock of taskvigil: positive is ahead, negative is behind.',
    labels: [],
    from: { 'clock-offset': ({ offsetMs }) => ({ value: offsetMs / 1_000 }) },
  },
  {
    type: 'gauge',
    name: 'unsure_tasks',
    help: 'Open tasks whose end may fall into a gap.',
    labels: [],
    from: { 'tracked-tasks': ({ unsure }) => ({ value: unsure }) },
  },
  {
    type: 'counter',
    name: 'task_notes_total',
    help: 'Observations about tasks that neither start nor end an attempt.',
    labels: ['what'],
    from: { noted: ({ what }) => ({ labels: { what }, value: 1 }) },
  },
  {
    type: 'counter',
    name: 'failures_total',
    help: 'Failures of tasks, each counted once.',
    labels: ['class', 'cause'],
    from: { failure: ({ class: kind, cause }) => ({ labels: { class: kind, cause }, value: 1 }) },
  },
  {
    type: 'counter',
    name: 'unknown_ends_total',
    help: 'Tasks that ended without an end event and whose outcome no source has.',
    labels: [],
    from: { 'unknown-end': () => ({ value: 1 }) },
  },
  {
    type: 'counter',
    name: 'redactions_total',
    help: 'Values removed by redaction.',
    labels: ['field', 'kind'],
    from: { redacted: ({ field, what, count }) => ({ labels: { field, kind: what }, value: count }) },
  },
  {
    type: 'counter',
    name: 'redaction_failures_total',
    help: 'Values removed whole because redaction failed.',
    labels: ['field', 'reason'],
    from: { 'redaction-failed': ({ field, reason }) => ({ labels: { field, reason }, value: 1 }) },
  },
];

const deliveryMetrics: readonly MetricDeclaration[] = [
  {
    type: 'counter',
    name: 'pipeline_dropped_total',
    help: 'Items dropped because a queue was full.',
    labels: ['queue', 'reason'],
    from: { 'items-dropped': ({ queue, reason, count }) => ({ labels: { queue, reason }, value: count }) },
  },
  {
    type: 'counter',
    name: 'sink_delivered_total',
    help: 'Items that the sink accepted.',
    labels: ['sink'],
    from: { delivered: ({ sink, count }) => ({ labels: { sink }, value: count }) },
  },
  {
    type: 'counter',
    name: 'sink_failures_total',
    help: 'Deliveries that failed.',
    labels: ['sink', 'retried'],
    from: {
      'delivery-failed': ({ sink, willRetry }) => ({ labels: { sink, retried: String(willRetry) }, value: 1 }),
    },
  },
  {
    type: 'counter',
    name: 'sink_lost_total',
    help: 'Items lost after the last attempt to deliver them.',
    labels: ['sink'],
    from: {
      'delivery-failed': ({ sink, willRetry, count }) => (willRetry ? undefined : { labels: { sink }, value: count }),
    },
  },
  {
    type: 'counter',
    name: 'sink_suppressed_total',
    help: 'Items suppressed by policy.',
    labels: ['sink', 'reason'],
    from: { suppressed: ({ sink, reason, count }) => ({ labels: { sink, reason }, value: count }) },
  },
  {
    type: 'counter',
    name: 'sampled_out_total',
    help: 'Spans dropped by sampling.',
    labels: ['what'],
    from: { 'sampled-out': ({ what, count }) => ({ labels: { what }, value: count }) },
  },
  {
    type: 'gauge',
    name: 'other_policy_instances',
    help: 'Other instances that decide by another alert policy, for more than a minute.',
    labels: [],
    initial: 0,
    from: { 'policies-differ': ({ instances }) => ({ value: instances }) },
  },
  {
    type: 'counter',
    name: 'decisions_total',
    help: 'Decisions to notify or not to notify.',
    labels: ['reason', 'notified'],
    from: { decided: ({ reason, isNotified }) => ({ labels: { reason, notified: String(isNotified) }, value: 1 }) },
  },
  {
    type: 'counter',
    name: 'decided_failures_total',
    help: 'Failures by the decision about them.',
    labels: ['reason'],
    from: { decided: ({ reason, failures }) => (failures > 0 ? { labels: { reason }, value: failures } : undefined) },
  },
  {
    type: 'counter',
    name: 'presses_total',
    help: 'Buttons pressed in messages.',
    labels: ['act', 'outcome'],
    from: { pressed: ({ act, outcome }) => ({ labels: { act, outcome }, value: 1 }) },
  },
];

const configMetrics: readonly MetricDeclaration[] = [
  {
    type: 'counter',
    name: 'config_reloads_total',
    help: 'Reloads of the configuration.',
    labels: ['result'],
    from: {
      reloaded: ({ isChanged }) => ({ labels: { result: isChanged ? 'changed' : 'unchanged' }, value: 1 }),
      'reload-refused': () => ({ labels: { result: 'refused' }, value: 1 }),
    },
  },
  {
    type: 'gauge',
    name: 'config_last_reload_success',
    help: '1 unless the last reload was refused.',
    labels: [],
    initial: 1,
    from: { reloaded: () => ({ value: 1 }), 'reload-refused': () => ({ value: 0 }) },
  },
  {
    type: 'gauge',
    name: 'config_restart_needed',
    help: 'Changed options that take effect at the next restart.',
    labels: [],
    from: { reloaded: ({ waiting }) => ({ value: waiting }) },
  },
  {
    type: 'counter',
    name: 'bugs_total',
    help: 'Internal errors.',
    labels: [],
    from: { bug: () => ({ value: 1 }) },
  },
];
