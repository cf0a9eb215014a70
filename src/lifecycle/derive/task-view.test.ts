import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storyOf, storyStart, storyTaskId } from '../../../test/fakes/task-story.ts';
import type { TaskId } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import { spanIdOf, traceIdOf } from '../trace-id.ts';
import type { Task } from '../transition.ts';
import type { Publication } from './publication.ts';
import { derivePublications } from './publications.ts';
import { noAttributes, type TaskAttributes } from './task-attributes.ts';
import { attemptOf, sendOfAttempt, taskOf, waitOf } from './task-view.ts';

const attributes: TaskAttributes = { ...noAttributes, id: storyTaskId, rootId: undefined, parentId: undefined };

function taskFrom(story: string, fields: Partial<TaskAttributes> = {}): Task {
  const publication = derivePublications(storyOf(story)).at(-1) as Publication;
  return taskOf({ attributes: { ...attributes, ...fields }, publication, state: 'started', parentSpanId: 'p' });
}

test('a task without a root is its own root', () => {
  const task = taskFrom('sent');
  assert.deepEqual([task.rootId, task.traceId], [storyTaskId, traceIdOf(storyTaskId)]);
});

test('the root decides the trace', () => {
  const rootId = 'root' as TaskId;
  assert.equal(taskFrom('sent', { rootId }).traceId, traceIdOf(rootId));
});

test('the number of the publication decides the span of the task', () => {
  const task = taskFrom('sent, received, started, succeeded, sent');
  assert.deepEqual([task.publication, task.spanId], [1, spanIdOf(storyTaskId, 'task.1')]);
});

test('the queue is that of the attributes, or of the last send', () => {
  assert.equal(taskFrom('sent').queue, 'flour');
  assert.equal(taskFrom('sent', { queue: 'other' }).queue, 'other');
  assert.equal(taskFrom('received').queue, undefined);
});

test('times, state and parent span are taken over', () => {
  const { firstAt, lastAt, state, parentSpanId } = taskFrom('sent, received');
  assert.deepEqual([firstAt, lastAt, state, parentSpanId], [storyStart, storyStart + 100, 'started', 'p']);
});

test('the exception of an unregistered task is that of the task', () => {
  assert.equal(taskFrom('sent, unregistered').exception?.message, 'mill.grind');
});

test('keys and span ids of sends count the sends with the same retries', () => {
  const { sends } = taskFrom('sent, received, started, sent retry 1, sent');
  assert.deepEqual(
    sends.map(({ key }) => key),
    ['0.0.1', '0.1.1', '0.0.2'],
  );
  assert.equal(sends[1]?.spanId, spanIdOf(storyTaskId, 'send.0.1.1'));
});

test('an attempt has the span of its key and all fields of the record', () => {
  const publication = derivePublications(storyOf('sent, received, started, failed')).at(-1) as Publication;
  const [record] = publication.attempts;
  assert.ok(record !== undefined);
  const { isSuperseded: _s, digest: _d, ...fields } = record;
  assert.deepEqual(attemptOf(storyTaskId, record), { ...fields, spanId: spanIdOf(storyTaskId, 'attempt.0.0.1') });
});

test('the send of an attempt has its key', () => {
  const task = taskFrom('sent, received, started, sent retry 1, retried, received retry 1, started');
  assert.deepEqual(
    task.attempts.map((attempt) => sendOfAttempt(task, attempt)?.key),
    ['0.0.1', '0.1.1'],
  );
  const unsent = taskFrom('received, started');
  assert.equal(sendOfAttempt(unsent, unsent.attempts[0] as Task['attempts'][number]), undefined);
});

interface WaitCase {
  readonly name: string;
  readonly story: string;
  readonly fields?: Partial<TaskAttributes>;
  /** Start and end relative to the story. */
  readonly want: readonly [startAt: number, endAt: number] | undefined;
}
const waits: readonly WaitCase[] = [
  { name: 'from the send to the start', story: 'sent, received, started', want: [0, 200] },
  { name: 'from the receipt where no send event exists', story: 'received, started', want: [0, 100] },
  { name: 'not without a start event', story: 'sent, received, succeeded', want: undefined },
  { name: 'not without send and receipt', story: 'started', want: undefined },
  { name: 'from the eta', story: 'sent, received, started', fields: { eta: storyStart + 150 }, want: [150, 200] },
  {
    name: 'for no time if the eta is the start',
    story: 'sent, received, started',
    fields: { eta: storyStart + 200 },
    want: [200, 200],
  },
  {
    name: 'until the start if clocks give a negative time',
    story: 'sent, received, started',
    fields: { eta: storyStart + 201 },
    want: [200, 200],
  },
  { name: 'until the start if the send is stamped after it', story: 'received, started, sent', want: [100, 100] },
];
for (const { name, story, fields, want } of waits) {
  test(`a task waits ${name}`, () => {
    const task = taskFrom(story, fields);
    const wait = waitOf(task, task.attempts.at(-1) as Task['attempts'][number]);
    assert.deepEqual(wait && [wait.startAt - storyStart, wait.endAt - storyStart], want);
  });
}

test('a redelivered task waits from its receipt, without a send', () => {
  const task = taskFrom('sent, received, started, received on b, started on b');
  const wait = waitOf(task, task.attempts.at(-1) as Task['attempts'][number]);
  assert.deepEqual([wait?.send, wait && wait.startAt - storyStart], [undefined, 300]);
});

test('the eta of the task does not delay its retries', () => {
  const task = taskFrom('sent, received, started, sent retry 1, retried, received retry 1, started', {
    eta: storyStart + 10_000,
  });
  const wait = waitOf(task, task.attempts.at(-1) as Task['attempts'][number]);
  assert.equal(wait && wait.startAt - storyStart, 300);
});

test('a retry waits from the eta of its own message', () => {
  const task = taskFrom('sent, received, started, sent retry 1, retried, received retry 1, started');
  const retry = task.attempts.at(-1) as Task['attempts'][number];
  const wait = waitOf(task, { ...retry, eta: storyStart + 550 });
  assert.equal(wait && wait.startAt - storyStart, 550);
});

test('name and arguments are those of the attributes', () => {
  const { name, args } = taskFrom('sent', { name: redactedText`a.b`, args: redactedText`(1,)` });
  assert.deepEqual([name, args], ['a.b', '(1,)']);
});
