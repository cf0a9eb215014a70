import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TaskId } from '../../event/ids.ts';
import type { TaskRecord } from './task-record.ts';
import { TaskTable } from './task-table.ts';

const openMax = 3;
const hour = 3_600_000;

test('whatever happens to tasks, what is open is counted, nothing is held twice, and there is never more than the limit', () => {
  const step = fc.record({
    what: fc.constantFrom('heard', 'settled', 'ended', 'goes on', 'is others', 'forgotten' as const),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e').map((id) => id as TaskId),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const evicted = new Set<TaskRecord>();
      const table = new TaskTable({ openMax, rememberMs: hour }, (record) => void evicted.add(record));
      // Kept by whoever had them, also when they have left the table.
      const seen = new Map<TaskId, TaskRecord>();
      for (const [index, { what, id }] of steps.entries()) {
        const now = 1e12 + (index * hour) / 4;
        const record = seen.get(id);
        if (what === 'heard') {
          seen.set(id, table.recordOf(id));
          table.settleAt(table.recordOf(id), now + 1);
        }
        if (what === 'settled') for (const settled of table.takeSettled(now)) assert.ok(!evicted.has(settled));
        if (what === 'ended' && record !== undefined) table.end(record, now);
        if (what === 'goes on' && record !== undefined) table.reopen(record);
        if (what === 'is others' && record !== undefined) table.remove(record);
        if (what === 'forgotten') table.expire(now);
        const open = [...table.open()];
        const all = [...table.all()];
        assert.equal(table.openCount, open.length);
        assert.ok(all.length <= openMax);
        for (const held of all) assert.equal(table.find(held.id), held);
        for (const gone of evicted) assert.ok(!all.includes(gone), 'what left does not come back');
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the first that ended goes before any that is open, and of the open the first that came', () => {
  const evicted: TaskId[] = [];
  const table = new TaskTable({ openMax, rememberMs: hour }, ({ id }) => evicted.push(id));
  const [first, second, third] = ['first', 'second', 'third'].map((id) => table.recordOf(id as TaskId));
  for (const record of [third, second]) table.end(record as TaskRecord, 1e12);
  for (const id of ['fourth', 'fifth']) table.recordOf(id as TaskId);
  assert.deepEqual([evicted, [...table.all()].map(({ id }) => id)], [[], ['first', 'fourth', 'fifth']]);
  table.recordOf('sixth' as TaskId);
  assert.deepEqual([evicted, table.find(first?.id as TaskId)], [['first'], undefined]);
});

test('a task with late words that wait to settle is not let go of, for room or for age', () => {
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
