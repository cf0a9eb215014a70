import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Task, Transition } from '../../lifecycle/transition.ts';
import type { Notice } from '../../report.ts';
import type { TelemetryItems } from './sink.ts';
import type { Span } from './spans.ts';
import { createTelemetry, type TelemetryOptions } from './telemetry.ts';

/** Below 50 % of the head sampler. */
const traceId = `${'0'.repeat(18)}20000000000000`;

const spanOf = (facts: Partial<Span> = {}): Span => ({
  traceId,
  spanId: '2'.repeat(16),
  parentSpanId: undefined,
  name: 'shop.pay',
  kind: 'internal',
  startAt: 0,
  endAt: 1,
  isError: false,
  statusMessage: undefined,
  attributes: { 'taskvigil.outcome': 'succeeded' },
  events: [],
  links: [],
  ...facts,
});

const task = { id: 't1', traceId, spanId: '2'.repeat(16), name: 'shop.pay', groupId: 'g1', attempts: [], firstAt: 0 };
const ended: Transition = {
  kind: 'task-ended',
  at: 1,
  task: task as unknown as Task,
  outcome: 'succeeded',
  cause: undefined,
  attempt: undefined,
  corrects: undefined,
  unbegun: [],
} as never;

function open(changes: Partial<TelemetryOptions> = {}) {
  const offered: TelemetryItems[] = [];
  const notices: Notice[] = [];
  const telemetry = createTelemetry({
    sink: { offer: (items) => offered.push(items), queuedCount: () => 0, stop: async () => {} },
    sample: 1,
    sampleSlowMs: 60_000,
    sampleLogs: 1,
    joinsGroups: false,
    report: (notice) => notices.push(notice),
    ...changes,
  });
  return { telemetry, offered, notices };
}

test('with a ratio of 1 every span and record is offered', () => {
  const { telemetry, offered } = open();
  telemetry.record(ended, [spanOf()], 0);
  assert.equal(offered[0]?.spans.length, 1);
  assert.equal(offered[0]?.record?.body, 'shop.pay succeeded');
});

test('a record is observed when its transition is derived', () => {
  const { telemetry, offered } = open();
  telemetry.record(ended, [], 7_000);
  assert.deepEqual([offered[0]?.record?.at, offered[0]?.record?.observedAt], [1, 7_000]);
});

test('with a ratio of 0 a healthy span is dropped and counted, and its record is left out', () => {
  const { telemetry, offered, notices } = open({ sample: 0, sampleLogs: 0 });
  telemetry.record(ended, [spanOf()], 0);
  assert.deepEqual(offered, [{ spans: [], record: undefined }]);
  telemetry.sweep(29_999);
  assert.deepEqual(notices, []);
  telemetry.sweep(30_000);
  assert.deepEqual(notices, [{ kind: 'sampled-out', what: 'spans', count: 1 }]);
});

test('a failed span is exported with a ratio of 0', () => {
  const { telemetry, offered } = open({ sample: 0 });
  telemetry.record(ended, [spanOf({ isError: true })], 0);
  assert.equal(offered[0]?.spans.length, 1);
});

test('the span of a group is exported a minute after its last member', () => {
  const { telemetry, offered } = open({ joinsGroups: true });
  telemetry.record(ended, [spanOf()], 0);
  assert.equal(offered[0]?.spans[0]?.links.length, 1);
  telemetry.sweep(59_999);
  assert.equal(offered.length, 1);
  telemetry.sweep(60_000);
  assert.equal(offered[1]?.spans[0]?.name, 'group shop.pay');
});

test('a sidecar exports no group spans and no links to them', () => {
  const { telemetry, offered } = open({ joinsGroups: false });
  telemetry.record(ended, [spanOf()], 0);
  telemetry.sweep(3_600_000);
  assert.equal(offered.length, 1);
  assert.deepEqual(offered[0]?.spans[0]?.links, []);
});
