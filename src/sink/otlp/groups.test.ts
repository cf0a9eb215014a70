import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import { spanIdOf, taskPart, traceIdOf } from '../../lifecycle/trace-id.ts';
import type { Outcome, Task, Transition } from '../../lifecycle/transition.ts';
import { createGroupSpans, type GroupSpans } from './groups.ts';
import { spansOf } from './spans.ts';

const minute = 60_000;
const start = 1.7e12;

function ended(id: string, group: string | undefined, at = 0, outcome: Outcome = 'succeeded'): Transition {
  const taskId = id as TaskId;
  const task: Task = {
    id: taskId,
    name: redactedText`shop.media.thumbnail`,
    args: undefined,
    kwargs: undefined,
    queue: 'media',
    rootId: taskId,
    parentId: undefined,
    groupId: group as TaskId | undefined,
    publication: 0,
    eta: undefined,
    expires: undefined,
    firstAt: start,
    lastAt: start + at,
    state: 'success',
    sends: [],
    attempts: [],
    exception: undefined,
    traceId: traceIdOf(taskId),
    spanId: spanIdOf(taskId, taskPart(0)),
    parentSpanId: undefined,
  };
  return {
    kind: 'task-ended',
    at: start + at,
    task,
    outcome,
    cause: undefined,
    attempt: undefined,
    unbegun: [],
    corrects: undefined,
  };
}

function tell(groups: GroupSpans, transition: Transition, now: number) {
  return groups.join(transition, spansOf(transition), now);
}

test('each member links to its group, and the group, once it is quiet, to each member', () => {
  const groups = createGroupSpans();
  const members = ['m1', 'm2', 'm3'].map((id, index) => tell(groups, ended(id, 'g', index * 10), start + index));
  assert.deepEqual(groups.takeQuiet(start + minute - 1), []);
  const [span, ...more] = groups.takeQuiet(start + minute + 2);
  assert.deepEqual(more, []);
  for (const [memberSpan] of members) {
    const link = memberSpan?.links.at(-1);
    assert.deepEqual([link?.traceId, link?.spanId], [span?.traceId, span?.spanId]);
  }
  assert.deepEqual(
    span?.links.map(({ traceId, spanId }) => [traceId, spanId]),
    members.map(([member]) => [member?.traceId, member?.spanId]),
  );
  assert.equal(span?.attributes['taskvigil.group.members'], 3);
  assert.deepEqual([span?.startAt, span?.endAt, span?.isError], [start, start + 20, false]);
});

test('the ids of a group are the same from every instance', () => {
  const spans = [createGroupSpans(), createGroupSpans()].map((groups) => {
    tell(groups, ended('m', 'g'), start);
    return groups.takeQuiet(start + minute)[0];
  });
  assert.deepEqual([spans[0]?.traceId, spans[0]?.spanId], [spans[1]?.traceId, spans[1]?.spanId]);
});

test('a group with a failed member is an error with the number of failed members', () => {
  const groups = createGroupSpans();
  for (const [id, outcome] of Object.entries({ a: 'succeeded', b: 'failed', c: 'recovered', d: 'lost' } as const)) {
    tell(groups, ended(id, 'g', 0, outcome), start);
  }
  const [span] = groups.takeQuiet(start + minute);
  assert.equal(span?.statusMessage, '2 of 4 did not succeed');
});

test('a member that ends after its group was exported creates no second span', () => {
  const groups = createGroupSpans();
  tell(groups, ended('a', 'g'), start);
  assert.equal(groups.takeQuiet(start + minute).length, 1);
  const late = tell(groups, ended('b', 'g'), start + 2 * minute);
  assert.equal(late[0]?.links.at(-1)?.traceId, traceIdOf('g' as TaskId));
  assert.deepEqual(groups.takeQuiet(start + 10 * minute), []);
});

test('a member that comes in time keeps the group open; a task of no group is left as it is', () => {
  const groups = createGroupSpans();
  tell(groups, ended('a', 'g'), start);
  tell(groups, ended('b', 'g'), start + minute - 1);
  assert.deepEqual(groups.takeQuiet(start + minute), []);
  const alone = ended('c', undefined);
  const spans = spansOf(alone);
  assert.equal(groups.join(alone, spans, start), spans);
});

test('members beyond the link limit are counted; groups beyond the limit are exported at once', () => {
  const groups = createGroupSpans();
  for (let index = 0; index < 200; index += 1) tell(groups, ended(`m${index}`, 'large'), start);
  for (let index = 0; index < 2_000; index += 1) tell(groups, ended(`n${index}`, `g${index}`), start);
  const [large, ...others] = groups.takeQuiet(start);
  assert.deepEqual(others, []);
  assert.equal(large?.links.length, 128);
  assert.equal(large?.attributes['taskvigil.group.members'], 200);
});
