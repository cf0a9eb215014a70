import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../event/ids.ts';
import { parentSpanIdOf } from './parent-span.ts';
import type { TaskRecord } from './tables/task-record.ts';
import { TaskTable } from './tables/task-table.ts';
import { spanIdOf } from './trace-id.ts';

interface Family {
  readonly id: string;
  readonly parent?: string;
  readonly root?: string;
}

/** The records of a family in one table, and that of its last member. */
function familyOf(...members: readonly Family[]): { readonly tasks: TaskTable; readonly last: TaskRecord } {
  const tasks = new TaskTable({ openMax: 1_000, rememberMs: 1 }, () => {});
  const records = members.map(({ id, parent, root = 'root' }) => {
    const record = tasks.recordOf(id as TaskId);
    record.parentId = parent as TaskId | undefined;
    record.rootId = root as TaskId;
    return record;
  });
  return { tasks, last: records.at(-1) as TaskRecord };
}

const cases: readonly {
  readonly name: string;
  readonly members: readonly Family[];
  readonly want: string | undefined;
}[] = [
  {
    name: 'the span of a tracked parent',
    members: [{ id: 'p' }, { id: 't', parent: 'p' }],
    want: spanIdOf('p' as TaskId, 'task.0'),
  },
  { name: 'none without a parent', members: [{ id: 't' }], want: undefined },
  { name: 'none for a parent that is not tracked', members: [{ id: 't', parent: 'p' }], want: undefined },
  {
    name: 'none for a parent with another root',
    members: [
      { id: 'p', root: 'other' },
      { id: 't', parent: 'p' },
    ],
    want: undefined,
  },
  {
    name: 'none for a parent that is a child of the task',
    members: [
      { id: 'p', parent: 't' },
      { id: 't', parent: 'p' },
    ],
    want: undefined,
  },
  {
    name: 'none in a longer cycle',
    members: [
      { id: 'a', parent: 't' },
      { id: 'b', parent: 'a' },
      { id: 't', parent: 'b' },
    ],
    want: undefined,
  },
  {
    name: 'the span of the parent although an ancestor is not tracked',
    members: [
      { id: 'p', parent: 'gone' },
      { id: 't', parent: 'p' },
    ],
    want: spanIdOf('p' as TaskId, 'task.0'),
  },
];
for (const { name, members, want } of cases) {
  test(`parent span: ${name}`, () => {
    const { tasks, last } = familyOf(...members);
    assert.equal(parentSpanIdOf(tasks, last), want);
  });
}

test('the span is that of the last publication of the parent that ended', () => {
  const { tasks, last } = familyOf({ id: 'p' }, { id: 't', parent: 'p' });
  const parent = tasks.find('p' as TaskId);
  parent?.setOutcome(0, 'succeeded');
  assert.equal(parentSpanIdOf(tasks, last), spanIdOf('p' as TaskId, 'task.0'));
  parent?.setOutcome(1, 'succeeded');
  assert.equal(parentSpanIdOf(tasks, last), spanIdOf('p' as TaskId, 'task.1'));
});

test('a cycle of other tasks ends the check', () => {
  const { tasks, last } = familyOf({ id: 'a', parent: 'b' }, { id: 'b', parent: 'a' }, { id: 't', parent: 'a' });
  assert.equal(parentSpanIdOf(tasks, last), spanIdOf('a' as TaskId, 'task.0'));
});
