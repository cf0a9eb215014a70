import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../../event/ids.ts';
import { Evictions } from './evictions.ts';
import { TaskRecord } from './task-record.ts';

const record = (name: string): TaskRecord => new TaskRecord(name as TaskId);

test('evicted records are taken once, in order', () => {
  const evictions = new Evictions();
  const [first, second] = [record('a'), record('b')];
  evictions.add(first);
  evictions.add(second);
  assert.deepEqual(evictions.takeRecords(), [first, second]);
  assert.deepEqual(evictions.takeRecords(), []);
});

test('the count is independent of the records and starts again when taken', () => {
  const evictions = new Evictions();
  evictions.add(record('a'));
  evictions.takeRecords();
  evictions.add(record('b'));
  assert.deepEqual([evictions.takeCount(), evictions.takeCount()], [2, 0]);
});

test('beyond a thousand evictions per sweep the rest is counted and not reported', () => {
  const evictions = new Evictions();
  const evicted = record('a');
  for (let index = 0; index < 1_001; index += 1) evictions.add(evicted);
  assert.equal(evictions.takeRecords().length, 1_000);
  assert.equal(evictions.takeCount(), 1_001);
});
