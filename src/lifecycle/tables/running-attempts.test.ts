import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeatAt, storyOf, storyStart } from '../../../test/fakes/task-story.ts';
import type { Hostname, TaskId } from '../../event/ids.ts';
import { derivePublications } from '../derive/publications.ts';
import { RunningAttempts } from './running-attempts.ts';
import { TaskRecord } from './task-record.ts';

const [a, b] = ['w@a', 'w@b'] as Hostname[];

function recordOf(name: string, running: RunningAttempts, story: string): TaskRecord {
  const record = new TaskRecord(name as TaskId);
  running.update(record, derivePublications(storyOf(story)).at(-1));
  return record;
}

const updates: readonly { readonly story: string; readonly isOpen: boolean }[] = [
  { story: 'sent, received', isOpen: false },
  { story: 'sent, received, started', isOpen: true },
  { story: 'sent, received, started, succeeded', isOpen: false },
  { story: 'sent, received, started, received on b', isOpen: false },
  { story: 'sent, received, succeeded', isOpen: false },
];
for (const { story, isOpen } of updates) {
  test(`after "${story}" ${isOpen ? 'an' : 'no'} attempt is open`, () => {
    const running = new RunningAttempts();
    const record = recordOf('t', running, story);
    assert.equal(record.openAttempt !== undefined, isOpen);
    assert.deepEqual(running.onWorker(a as Hostname), isOpen ? [record] : []);
  });
}

test('the open attempt has host, process and start of the last attempt', () => {
  const record = recordOf('t', new RunningAttempts(), 'sent, received, started, received on b, started on b');
  assert.deepEqual(record.openAttempt, { hostname: b, pid: 1, startedAt: storyStart + 400 });
});

test('a task that moves to another worker leaves the first one', () => {
  const running = new RunningAttempts();
  const record = recordOf('t', running, 'received, started');
  running.update(record, derivePublications(storyOf('received, started, received on b, started on b')).at(-1));
  assert.deepEqual([running.onWorker(a as Hostname), running.onWorker(b as Hostname)], [[], [record]]);
});

test('a removed task has no open attempt, and a second removal changes nothing', () => {
  const running = new RunningAttempts();
  const record = recordOf('t', running, 'received, started');
  running.remove(record);
  running.remove(record);
  assert.deepEqual([record.openAttempt, running.onWorker(a as Hostname)], [undefined, []]);
});

test('the tasks of a worker come with the latest start first', () => {
  const running = new RunningAttempts();
  const early = recordOf('early', running, 'received, started');
  const late = recordOf('late', running, 'sent, received, started');
  assert.deepEqual(running.onWorker(a as Hostname), [late, early]);
});

interface CountCase {
  readonly name: string;
  readonly open: number;
  readonly active: number | undefined;
  readonly pid?: number;
  readonly at?: number;
  readonly want: { readonly count: number; readonly isSure: boolean } | undefined;
}
const counts: readonly CountCase[] = [
  { name: 'no active task', open: 2, active: 0, want: { count: 2, isSure: true } },
  { name: 'fewer active tasks than open ones', open: 2, active: 1, want: { count: 2, isSure: false } },
  { name: 'as many active tasks as open ones', open: 2, active: 2, want: undefined },
  { name: 'more active tasks than open ones', open: 1, active: 3, want: undefined },
  { name: 'no count', open: 1, active: undefined, want: undefined },
  { name: 'the count of another process', open: 1, active: 0, pid: 2, want: undefined },
  { name: 'a count from within a second of the start', open: 1, active: 0, at: storyStart + 1_100, want: undefined },
  {
    name: 'a count from after the start',
    open: 1,
    active: 0,
    at: storyStart + 1_101,
    want: { count: 1, isSure: true },
  },
];
for (const { name, open, active, pid = 1, at = storyStart + 1_900, want } of counts) {
  test(`${name} with ${open} open contradicts ${want?.count ?? 'none'}`, () => {
    const running = new RunningAttempts();
    const records = Array.from({ length: open }, (_, index) => recordOf(`t${index}`, running, 'received, started'));
    running.noteActiveCount(heartbeatAt(at, { active, pid }), at + 5_000);
    const ends = running.takeUnreportedEnds(at + 5_000);
    assert.deepEqual(ends, want === undefined ? [] : records.map((record) => ({ record, isSure: want.isSure })));
  });
}

test('a count is due once, and not before its grace period is over', () => {
  const running = new RunningAttempts();
  const record = recordOf('t', running, 'received, started');
  running.noteActiveCount(heartbeatAt(storyStart + 1_900, { active: 0 }), storyStart + 5_900);
  assert.deepEqual(running.takeUnreportedEnds(storyStart + 5_899), []);
  assert.deepEqual(running.takeUnreportedEnds(storyStart + 5_900), [{ record, isSure: true }]);
  assert.deepEqual(running.takeUnreportedEnds(storyStart + 99_000), []);
});

test('an attempt that ended within the grace period is not contradicted', () => {
  const running = new RunningAttempts();
  const record = recordOf('t', running, 'received, started');
  running.noteActiveCount(heartbeatAt(storyStart + 1_900, { active: 0 }), storyStart + 5_900);
  running.remove(record);
  assert.deepEqual(running.takeUnreportedEnds(storyStart + 5_900), []);
});
