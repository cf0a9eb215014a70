import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAttempt, aTask } from '../../test/fakes/transition.ts';
import type { Task } from '../lifecycle/transition.ts';
import { BoardTraces, type DrawnSpan } from './board-traces.ts';

function spanOf(facts: Partial<DrawnSpan> = {}): DrawnSpan {
  return {
    traceId: 'trace-1',
    spanId: 'span-1',
    parentSpanId: undefined,
    name: 'mail.send',
    kind: 'consumer',
    startAt: 1_000,
    endAt: 2_000,
    isError: false,
    statusMessage: undefined,
    attributes: {},
    ...facts,
  };
}

const taskOf = (traceId: string, facts: Partial<Task> = {}): Task => aTask({ traceId, ...facts });
const retried = { attempts: [anAttempt(), anAttempt({ key: '1.1', number: 2 })] };
const idsOf = (traces: BoardTraces) => traces.all().map(({ traceId }) => traceId);

test('the spans of a task are one trace, from the earliest start to the latest end', () => {
  const traces = new BoardTraces();
  traces.add(taskOf('a'), [spanOf({ startAt: 1_000, endAt: 2_000 })], 5_000);
  traces.add(taskOf('a', retried), [spanOf({ spanId: 'b', startAt: 500, endAt: 9_000, isError: true })], 9_000);
  const [trace, ...others] = traces.all();
  assert.deepEqual(others, []);
  const { spans, ...summary } = trace!;
  assert.equal(spans.length, 2);
  assert.deepEqual(summary, {
    traceId: 'a',
    name: 'mail.send',
    isError: true,
    attempts: 2,
    startAt: 500,
    endAt: 9_000,
  });
});

test('a task without a name is an unknown task', () => {
  const traces = new BoardTraces();
  traces.add(taskOf('a', { name: undefined }), [spanOf()], 1_000);
  assert.equal(traces.all()[0]?.name, 'unknown task');
});

test('of successful first attempts one every 250 ms is drawn', () => {
  const traces = new BoardTraces();
  for (const at of [1_000, 1_249, 1_250, 1_499]) traces.add(taskOf(`t${at}`), [spanOf()], at);
  assert.deepEqual(idsOf(traces), ['t1250', 't1000']);
});

test('every failed and every retried task is drawn', () => {
  const traces = new BoardTraces();
  traces.add(taskOf('sample'), [spanOf()], 1_000);
  traces.add(taskOf('failed'), [spanOf({ isError: true })], 1_001);
  traces.add(taskOf('retried', retried), [spanOf()], 1_002);
  assert.deepEqual(idsOf(traces), ['retried', 'failed', 'sample']);
});

test('a trace that is drawn receives all its later spans', () => {
  const traces = new BoardTraces();
  traces.add(taskOf('a'), [spanOf()], 1_000);
  traces.add(taskOf('a'), [spanOf({ spanId: 'b' })], 1_001);
  assert.equal(traces.all()[0]?.spans.length, 2);
});

test('a trace holds at most 500 spans', () => {
  const traces = new BoardTraces();
  for (let index = 0; index < 501; index += 1) traces.add(taskOf('a'), [spanOf({ endAt: index })], 1_000);
  assert.equal(traces.all()[0]?.spans.length, 500);
});

test('beyond 200 traces the oldest successful one is evicted first', () => {
  const traces = new BoardTraces();
  const failed = [spanOf({ isError: true })];
  traces.add(taskOf('first failure'), failed, 0);
  traces.add(taskOf('success'), [spanOf()], 1_000);
  for (let index = 0; index < 199; index += 1) traces.add(taskOf(`failure ${index}`), failed, 2_000);
  assert.ok(!idsOf(traces).includes('success'));
  assert.ok(idsOf(traces).includes('first failure'));
  traces.add(taskOf('one more'), failed, 3_000);
  assert.equal(idsOf(traces).length, 200);
  assert.ok(!idsOf(traces).includes('first failure'), 'without a successful trace the oldest is evicted');
});

test('a snapshot does not change with later spans', () => {
  const traces = new BoardTraces();
  traces.add(taskOf('a'), [spanOf()], 1_000);
  const [before] = traces.all();
  traces.add(taskOf('a'), [spanOf({ spanId: 'b' })], 1_001);
  assert.equal(before?.spans.length, 1);
});
