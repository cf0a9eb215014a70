import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TaskId } from '../../event/ids.ts';
import type { TaskRecord } from './task-record.ts';
import { TaskTable } from './task-table.ts';

const openMax = 3;
const hour = 3_600_000;

test('any sequence of changes keeps the open count right, no task twice, and never more tasks than the limit', () => {
  const step = fc.record({
    what: fc.constantFrom('event', 'settled', 'ended', 'reopened', 'removed', 'expired' as const),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e').map((id) => id as TaskId),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const evicted = new Set<TaskRecord>();
      const table = new TaskTable({ openMax, rememberMs: hour }, (record) => void evicted.add(record));
      // References that callers keep, also to records that left the table.
      const records = new Map<TaskId, TaskRecord>();
      for (const [index, { what, id }] of steps.entries()) {
        const now = 1e12 + (index * hour) / 4;
        const record = records.get(id);
        if (what === 'event') {
          records.set(id, table.recordOf(id));
          table.settleAt(table.recordOf(id), now + 1);
        }
        if (what === 'settled') for (const settled of table.takeSettled(now)) assert.ok(!evicted.has(settled));
        if (what === 'ended' && record !== undefined) table.end(record, now);
        if (what === 'reopened' && record !== undefined) table.reopen(record);
        if (what === 'removed' && record !== undefined) table.remove(record);
        if (what === 'expired') table.expire(now);
        const open = [...table.open()];
        const all = [...table.all()];
        assert.equal(table.openCount, open.length);
        assert.ok(all.length <= openMax);
        for (const held of all) assert.equal(table.find(held.id), held);
        for (const gone of evicted) assert.ok(!all.includes(gone), 'a removed record does not return');
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the task that ended first is evicted before any open one, then the oldest open task', () => {
  const evicted: TaskId[] = [];
  const table = new TaskTable({ openMax, rememberMs: hour }, ({ id }) => evicted.push(id));
  const [first, second, third] = ['first', 'second', 'third'].map((id) => table.recordOf(id as TaskId));
  for (const record of [third, second]) table.end(record as TaskRecord, 1e12);
  for (const id of ['fourth', 'fifth']) table.recordOf(id as TaskId);
  assert.deepEqual([evicted, [...table.all()].map(({ id }) => id)], [[], ['first', 'fourth', 'fifth']]);
  table.recordOf('sixth' as TaskId);
  assert.deepEqual([evicted, table.find(first?.id as TaskId)], [['first'], undefined]);
});

test('a task with late events in the settle window is neither evicted nor expired', () => {
  const evicted: TaskId[] = [];
  const table = new TaskTable({ openMax, rememberMs: hour }, ({ id }) => evicted.push(id));
  const late = table.recordOf('late' as TaskId);
  table.end(late, 1e12);
  table.settleAt(late, 1e12 + 2 * hour);
  table.expire(1e12 + hour);
  const ended = table.recordOf('ended' as TaskId);
  table.end(ended, 1e12 + 1);
  for (const id of ['open', 'one more']) table.recordOf(id as TaskId);
  assert.deepEqual([table.find(late.id), table.find(ended.id), evicted], [late, undefined, []]);
  assert.deepEqual(table.takeSettled(1e12 + 2 * hour), [late]);
  table.end(late, 1e12);
  table.expire(1e12 + hour);
  assert.equal(table.find(late.id), undefined);
});
