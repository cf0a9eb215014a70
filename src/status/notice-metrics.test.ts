import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '../report.ts';
import { noticeMetrics } from './notice-metrics.ts';

/** Dashboards and alert rules refer to these names and labels. */
const published: Readonly<Record<string, string>> = {
  events_received_total: 'counter source type',
  messages_rejected_total: 'counter source reason',
  events_shortened_total: 'counter source type',
  source_connected: 'gauge source',
  source_reconnects_total: 'counter source',
  source_gap_seconds_total: 'counter source cause',
  witness_failures_total: 'counter source witness',
  workers_lost_total: 'counter',
  tracked_tasks: 'gauge',
  unsure_tasks: 'gauge',
  task_notes_total: 'counter what',
  failures_total: 'counter class cause',
  redactions_total: 'counter field kind',
  redaction_failures_total: 'counter field reason',
  pipeline_dropped_total: 'counter queue reason',
  sink_delivered_total: 'counter sink',
  sink_failures_total: 'counter sink retried',
  sink_lost_total: 'counter sink',
  sink_suppressed_total: 'counter sink reason',
  sampled_out_total: 'counter what',
  decisions_total: 'counter reason notified',
  decided_failures_total: 'counter reason',
  presses_total: 'counter act outcome',
  config_reloads_total: 'counter result',
  config_last_reload_success: 'gauge',
  config_restart_needed: 'gauge',
  bugs_total: 'counter',
};
const declared = new Map(noticeMetrics().map((metric) => [metric.name, metric]));
for (const [name, want] of Object.entries(published)) {
  test(`${name} keeps its type and labels`, () => {
    const metric = declared.get(name);
    assert.equal([metric?.type, ...(metric?.labels ?? [])].join(' '), want);
  });
}

test('each metric is declared once, with a text that ends like a sentence', () => {
  assert.equal(declared.size, noticeMetrics().length);
  for (const { name, help } of declared.values()) assert.match(help, /^[A-Z1].*\.$/, name);
});

/** The samples of one notice, as `name{labels} value`. */
function samplesOf(notice: Notice, metrics = noticeMetrics()): string[] {
  return metrics.flatMap(({ name, from }) => {
    const sampleOf = from[notice.kind] as
      | ((notice: Notice) => { labels?: object; value: number } | undefined)
      | undefined;
    const sample = sampleOf?.(notice);
    return sample === undefined ? [] : [`${name} ${Object.values(sample.labels ?? {}).join(',')} ${sample.value}`];
  });
}

const cases: readonly (readonly [notice: Notice, samples: readonly string[]])[] = [
  [{ kind: 'event-shortened', source: 'celery', type: 'task-failed' }, ['events_shortened_total celery,task-failed 1']],
  [{ kind: 'foreign-messages', source: 'celery', count: 3 }, ['messages_rejected_total celery,foreign-host 3']],
  [
    { kind: 'gap', source: 'celery', cause: 'too-slow', fromMs: 2_000, toMs: 1_000 },
    ['source_gap_seconds_total celery,too-slow 0'],
  ],
  [
    { kind: 'witness-failed', source: 'celery', witness: 'broker', reason: 'x' },
    ['witness_failures_total celery,broker 1'],
  ],
  [{ kind: 'tracked-tasks', count: 9, unsure: 4 }, ['tracked_tasks  9', 'unsure_tasks  4']],
  [{ kind: 'noted', what: 'expired' }, ['task_notes_total expired 1']],
  [
    { kind: 'delivery-failed', sink: 'logs', reason: 'x', count: 5, willRetry: true },
    ['sink_failures_total logs,true 1'],
  ],
  [
    { kind: 'delivery-failed', sink: 'logs', reason: 'x', count: 5, willRetry: false },
    ['sink_failures_total logs,false 1', 'sink_lost_total logs 5'],
  ],
  [
    { kind: 'decided', isNotified: false, reason: 'below-threshold', failures: 0 },
    ['decisions_total below-threshold,false 1'],
  ],
  [
    { kind: 'decided', isNotified: true, reason: 'opened', failures: 3 },
    ['decisions_total opened,true 1', 'decided_failures_total opened 3'],
  ],
  [{ kind: 'pressed', act: 'ack', outcome: 'done' }, ['presses_total ack,done 1']],
  [{ kind: 'sampled-out', what: 'spans', count: 8 }, ['sampled_out_total spans 8']],
  [
    { kind: 'reloaded', isChanged: true, policy: 'x', waiting: 2 },
    ['config_reloads_total changed 1', 'config_last_reload_success  1', 'config_restart_needed  2'],
  ],
  [{ kind: 'reload-refused', problems: ['a'] }, ['config_reloads_total refused 1', 'config_last_reload_success  0']],
  [{ kind: 'stopping', reason: 'SIGTERM' }, []],
];
for (const [notice, samples] of cases) {
  test(`${JSON.stringify(notice).slice(0, 70)} changes ${samples.length} metrics`, () => {
    assert.deepEqual(samplesOf(notice), samples);
  });
}

test('a reconnect is counted per source, and per set of metrics', () => {
  const metrics = noticeMetrics();
  const reconnects = (source: string) =>
    samplesOf({ kind: 'source-connected', source }, metrics).filter((sample) => sample.startsWith('source_reconnects'));
  assert.deepEqual(
    ['a', 'b', 'a', 'a'].flatMap(reconnects),
    ['a 0', 'b 0', 'a 1', 'a 1'].map((sample) => `source_reconnects_total ${sample}`),
  );
  assert.deepEqual(samplesOf({ kind: 'source-connected', source: 'a' }), [
    'source_connected a 1',
    'source_reconnects_total a 0',
  ]);
});
