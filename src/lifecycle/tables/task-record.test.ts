import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  eventOf,
  resultAt,
  type StoryEvent,
  storyOf,
  storyStart,
  storyTaskId,
} from '../../../test/fakes/task-story.ts';
import type { Hostname, TaskId } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import { TaskRecord } from './task-record.ts';

type Sent = Extract<StoryEvent, { type: 'task-sent' }>;
const [root, parent] = ['root', 'parent'] as TaskId[];
const sent = (at: number, fields: Partial<Sent> = {}): Sent => ({ ...(eventOf('sent', at) as Sent), ...fields });

function recordOf(events: readonly StoryEvent[]): TaskRecord {
  const record = new TaskRecord(storyTaskId);
  for (const event of events) record.add(event);
  return record;
}

const story = storyOf('sent, received, started, sent retry 1, retried, received retry 1, started, succeeded');

test('events are sorted and free of duplicates in any order of arrival', () => {
  const inOrder = recordOf(story).events;
  fc.assert(
    fc.property(fc.shuffledSubarray([...story, ...story], { minLength: story.length * 2 }), (events) => {
      assert.deepEqual(recordOf(events).events, inOrder);
    }),
  );
});

test('a new event is added, a duplicate is not', () => {
  const record = new TaskRecord(storyTaskId);
  assert.equal(record.add(eventOf('sent', 1)), true);
  assert.equal(record.add({ ...eventOf('sent', 1), receivedAt: 9 }), false);
});

test('stored events have the id of the record and no attributes of the task', () => {
  const [event] = recordOf([eventOf('sent', 1)]).events;
  assert.deepEqual(Object.keys(event ?? {}).sort(), [
    'at',
    'eta',
    'exchange',
    'hostname',
    'id',
    'pid',
    'queue',
    'receivedAt',
    'retries',
    'routingKey',
    'skewMs',
    'type',
  ]);
});

test('beyond 512 events the middle ones are dropped', () => {
  const record = recordOf(Array.from({ length: 600 }, (_, index) => eventOf('started', storyStart + index)));
  assert.equal(record.events.length, 512);
  assert.equal(record.events[0]?.at, storyStart);
  assert.equal(record.events.at(-1)?.at, storyStart + 599);
});

test('a record is empty until its first event, not until its first result', () => {
  const record = new TaskRecord(storyTaskId);
  record.addResult(resultAt(1));
  assert.equal(record.isEmpty, true);
  record.add(eventOf('started', 1));
  assert.equal(record.isEmpty, false);
});

test('a packed record reads like an unpacked one, and takes further events', () => {
  const packed = recordOf(story);
  packed.pack();
  assert.deepEqual([packed.events, packed.attributes], [recordOf(story).events, recordOf(story).attributes]);
  assert.equal(packed.add(eventOf('received', storyStart + 9_000)), true);
  assert.equal(packed.events.length, story.length + 1);
  assert.equal(packed.isEmpty, false);
});

test('an empty record stays empty when packed', () => {
  const record = new TaskRecord(storyTaskId);
  record.pack();
  assert.equal(record.isEmpty, true);
});

test('a fact is reported once', () => {
  const record = new TaskRecord(storyTaskId);
  assert.equal(record.isReported, false);
  assert.deepEqual(
    [record.reportOnce('queued.0'), record.reportOnce('queued.0'), record.reportOnce('queued.1')],
    [true, false, true],
  );
  assert.equal(record.isReported, true);
});

test('outcomes are kept by publication', () => {
  const record = new TaskRecord(storyTaskId);
  record.setOutcome(2, 'failed');
  record.setOutcome(0, 'succeeded');
  assert.deepEqual(
    [0, 1, 2, 3].map((publication) => record.outcomeOf(publication)),
    ['succeeded', undefined, 'failed', undefined],
  );
  assert.equal(record.endedPublications, 2);
  record.setOutcome(2, 'recovered');
  assert.deepEqual([record.outcomeOf(2), record.endedPublications], ['recovered', 2]);
});

test('an open attempt is set and cleared as a whole', () => {
  const record = new TaskRecord(storyTaskId);
  const attempt = { hostname: 'w@a' as Hostname, pid: undefined, startedAt: 7 };
  record.openAttempt = attempt;
  assert.deepEqual(record.openAttempt, attempt);
  record.openAttempt = undefined;
  assert.equal(record.openAttempt, undefined);
});

const ancestors: readonly {
  readonly name: string;
  readonly events: readonly Sent[];
  readonly want: readonly (string | undefined)[];
}[] = [
  { name: 'one event decides', events: [sent(5, { rootId: root, parentId: parent })], want: ['root', 'parent'] },
  {
    name: 'an earlier event wins, whatever arrived first',
    events: [
      sent(5, { rootId: root, parentId: parent }),
      sent(1, { rootId: 'first' as TaskId, parentId: 'one' as TaskId }),
    ],
    want: ['first', 'one'],
  },
  {
    name: 'a later event only fills in',
    events: [sent(1, { rootId: undefined, parentId: undefined }), sent(5, { rootId: root, parentId: parent })],
    want: ['root', 'parent'],
  },
  {
    name: 'a retry that names the task as its parent changes nothing',
    events: [sent(1, { rootId: root, parentId: parent }), sent(5, { rootId: root, parentId: storyTaskId, retries: 1 })],
    want: ['root', 'parent'],
  },
];
for (const { name, events, want } of ancestors) {
  test(`root and parent: ${name}`, () => {
    const record = recordOf(events);
    assert.deepEqual([record.rootId, record.parentId], want);
  });
}

test('the root is fixed once a fact was reported', () => {
  const record = recordOf([eventOf('started', 5)]);
  record.reportOnce('queued.0');
  record.add(sent(1, { rootId: root }));
  assert.equal(record.rootId, storyTaskId);
});

test('a result fills in name and group, and a parent only before the first event', () => {
  const record = new TaskRecord(storyTaskId);
  record.addResult(resultAt(1, { name: redactedText`a.b`, groupId: 'g' as TaskId, parentId: parent }));
  assert.deepEqual([record.attributes.name, record.attributes.groupId, record.parentId], ['a.b', 'g', 'parent']);
  const started = recordOf([eventOf('sent', 1)]);
  started.addResult(resultAt(2, { name: redactedText`a.b`, parentId: parent }));
  assert.deepEqual([started.attributes.name, started.parentId], ['mill.grind', undefined]);
});

test('a result that names the task as its own parent sets none', () => {
  const record = new TaskRecord(storyTaskId);
  record.addResult(resultAt(1, { parentId: storyTaskId }));
  assert.equal(record.parentId, undefined);
});

test('the last four results are kept, each once, and starts are not', () => {
  const record = new TaskRecord(storyTaskId);
  record.addResult(resultAt(1, { status: 'started' }));
  for (const at of [1, 2, 3, 3, 4, 5]) record.addResult(resultAt(at, { status: 'retry' }));
  assert.deepEqual(
    record.results.map(({ at }) => at),
    [2, 3, 4, 5],
  );
});

test('a saved record is restored with events, results, outcomes and reports', () => {
  const record = recordOf(story);
  record.addResult(resultAt(storyStart + 900));
  record.reportOnce('queued.0');
  record.setOutcome(0, 'recovered');
  record.pack();
  const restored = new TaskRecord(storyTaskId);
  restored.restore(JSON.parse(JSON.stringify(record.save())) as ReturnType<TaskRecord['save']>);
  assert.deepEqual(JSON.parse(JSON.stringify(restored.save())), JSON.parse(JSON.stringify(record.save())));
  assert.equal(restored.reportOnce('queued.0'), false);
});

test('restoring keeps events that arrived before, and duplicates none', () => {
  const record = recordOf(story.slice(4));
  record.restore(recordOf(story.slice(0, 6)).save());
  assert.deepEqual(record.events, recordOf(story).events);
});
