import assert from 'node:assert/strict';
import test from 'node:test';
import type { TaskId } from '../../event/ids.ts';
import { StartedTasks } from './started-tasks.ts';

const id = (name: string | number): TaskId => `task-${name}` as TaskId;

test('a start covers its attempt and the earlier ones, not the next retry', () => {
  const started = new StartedTasks();
  started.add(id('a'), 1);
  assert.equal(started.has(id('a'), 0), true);
  assert.equal(started.has(id('a'), 1), true);
  assert.equal(started.has(id('a'), 2), false);
  assert.equal(started.has(id('b'), 0), false);
});

test('at least the last 10,000 starts are kept, and at most 20,000', () => {
  const started = new StartedTasks();
  for (let index = 0; index < 20_000; index += 1) started.add(id(index), 0);
  assert.equal(started.has(id(9_999), 0), false);
  assert.equal(started.has(id(10_000), 0), true);
  started.add(id('last'), 0);
  assert.equal(started.has(id(10_000), 0), true, 'the older generation stays until the next one is full');
});

test('the newest start of a task counts, whichever generation holds the older one', () => {
  const started = new StartedTasks();
  started.add(id('a'), 0);
  for (let index = 0; index < 10_000; index += 1) started.add(id(index), 0);
  started.add(id('a'), 3);
  assert.equal(started.has(id('a'), 3), true);
});
