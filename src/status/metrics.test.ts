import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '../report.ts';
import { createMetrics } from './metrics.ts';

async function textAfter(notices: readonly Notice[]): Promise<string> {
  const metrics = createMetrics({ version: '1.2.3', mode: 'sidecar' });
  for (const notice of notices) metrics.count(notice);
  return metrics.text();
}

const cases: readonly { name: string; notices: readonly Notice[]; want: string }[] = [
  { name: 'what runs', notices: [], want: 'taskvigil_build_info{version="1.2.3",mode="sidecar"} 1' },
  {
    name: 'events',
    notices: [
      { kind: 'events-received', source: 'celery', type: 'task-sent', count: 1 },
      { kind: 'events-received', source: 'celery', type: 'task-sent', count: 1 },
    ],
    want: 'taskvigil_events_received_total{source="celery",type="task-sent"} 2',
  },
  { name: 'no configuration refused at first', notices: [], want: 'taskvigil_config_last_reload_success 1' },
  {
    name: 'a configuration that was refused',
    notices: [{ kind: 'reload-refused', problems: ['a', 'b'] }],
    want: 'taskvigil_config_last_reload_success 0',
  },
  {
    name: 'configurations by what became of them',
    notices: [
      { kind: 'reload-refused', problems: ['a'] },
      { kind: 'reloaded', isChanged: false, policy: 'x', waiting: 0 },
    ],
    want: 'taskvigil_config_reloads_total{result="refused"} 1',
  },
  {
    name: 'a configuration that is right again, and waits for a restart',
    notices: [
      { kind: 'reload-refused', problems: ['a'] },
      { kind: 'reloaded', isChanged: true, policy: 'x', waiting: 2 },
    ],
    want: 'taskvigil_config_restart_needed 2',
  },
  {
    name: 'rejected messages',
    notices: [{ kind: 'message-rejected', source: 'celery', reason: 'pickle' }],
    want: 'taskvigil_messages_rejected_total{source="celery",reason="pickle"} 1',
  },
  {
    name: 'a subscription that stands',
    notices: [{ kind: 'source-connected', source: 'celery' }],
    want: 'taskvigil_source_connected{source="celery"} 1',
  },
  {
    name: 'a subscription that does not',
    notices: [
      { kind: 'source-connected', source: 'celery' },
      { kind: 'source-disconnected', source: 'celery', reason: 'closed', retryInMs: 1 },
    ],
    want: 'taskvigil_source_connected{source="celery"} 0',
  },
  {
    name: 'no reconnect at first',
    notices: [{ kind: 'source-connected', source: 'celery' }],
    want: 'taskvigil_source_reconnects_total{source="celery"} 0',
  },
  {
    name: 'a reconnect',
    notices: [
      { kind: 'source-connected', source: 'celery' },
      { kind: 'source-connected', source: 'celery' },
    ],
    want: 'taskvigil_source_reconnects_total{source="celery"} 1',
  },
  {
    name: 'gaps in seconds',
    notices: [{ kind: 'gap', source: 'celery', cause: 'too-slow', fromMs: 1_000, toMs: 3_500 }],
    want: 'taskvigil_source_gap_seconds_total{source="celery",cause="too-slow"} 2.5',
  },
  {
    name: 'failures',
    notices: [
      { kind: 'failure', class: 'bug', cause: 'app-error' },
      { kind: 'failure', class: 'bug', cause: 'app-error' },
    ],
    want: 'taskvigil_failures_total{class="bug",cause="app-error"} 2',
  },
  {
    name: 'tasks without a known outcome',
    notices: [{ kind: 'unknown-end' }, { kind: 'unknown-end' }],
    want: 'taskvigil_unknown_ends_total 2',
  },
  {
    name: 'what the policy held back',
    notices: [{ kind: 'suppressed', sink: 'sentry', reason: 'group-budget', count: 3 }],
    want: 'taskvigil_sink_suppressed_total{sink="sentry",reason="group-budget"} 3',
  },
  {
    name: 'drops',
    notices: [{ kind: 'items-dropped', queue: 'slack', reason: 'full', count: 7 }],
    want: 'taskvigil_pipeline_dropped_total{queue="slack",reason="full"} 7',
  },
  {
    name: 'deliveries',
    notices: [{ kind: 'delivered', sink: 'traces', count: 512 }],
    want: 'taskvigil_sink_delivered_total{sink="traces"} 512',
  },
  {
    name: 'failed deliveries',
    notices: [{ kind: 'delivery-failed', sink: 'logs', reason: 'x', count: 512, willRetry: false }],
    want: 'taskvigil_sink_failures_total{sink="logs",retried="false"} 1',
  },
  {
    name: 'lost items',
    notices: [{ kind: 'delivery-failed', sink: 'logs', reason: 'x', count: 512, willRetry: false }],
    want: 'taskvigil_sink_lost_total{sink="logs"} 512',
  },
  {
    name: 'decisions',
    notices: [{ kind: 'decided', isNotified: true, reason: 'opened', failures: 0 }],
    want: 'taskvigil_decisions_total{reason="opened",notified="true"} 1',
  },
  {
    name: 'failures by what was decided of them',
    notices: [{ kind: 'decided', isNotified: false, reason: 'below-threshold', failures: 2 }],
    want: 'taskvigil_decided_failures_total{reason="below-threshold"} 2',
  },
  {
    name: 'redactions',
    notices: [{ kind: 'redacted', field: 'args', what: 'token', count: 3 }],
    want: 'taskvigil_redactions_total{field="args",kind="token"} 3',
  },
  {
    name: 'tracked tasks',
    notices: [{ kind: 'tracked-tasks', count: 42, unsure: 7 }],
    want: 'taskvigil_tracked_tasks 42',
  },
  {
    name: 'redaction failures',
    notices: [{ kind: 'redaction-failed', field: 'args', reason: 'RangeError' }],
    want: 'taskvigil_redaction_failures_total{field="args",reason="RangeError"} 1',
  },
  { name: 'bugs', notices: [{ kind: 'bug', where: 'x', error: 1 }], want: 'taskvigil_bugs_total 1' },
  {
    name: 'lost workers, without their names',
    notices: [{ kind: 'worker-lost', hostname: 'celery@a', silentMs: 1 }],
    want: 'taskvigil_workers_lost_total 1',
  },
];
for (const { name, notices, want } of cases) {
  test(`counts ${name}`, async () => {
    const lines = (await textAfter(notices)).split('\n');
    assert.ok(lines.includes(want), `expected the line ${want}`);
  });
}

test('the process is measured as well', async () => {
  assert.match(await textAfter([]), /^process_resident_memory_bytes \d/m);
});

test('a label with endless values ends in other', async () => {
  const notices = Array.from(
    { length: 300 },
    (_, index): Notice => ({ kind: 'events-received', source: 'celery', type: `t${index}`, count: 1 }),
  );
  const text = await textAfter(notices);
  assert.equal(text.match(/^taskvigil_events_received_total\{/gm)?.length, 101);
  assert.match(text, /type="other"\} 200$/m);
});
