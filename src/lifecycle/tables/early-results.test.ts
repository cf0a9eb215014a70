import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultAt } from '../../../test/fakes/task-story.ts';
import type { TaskId } from '../../event/ids.ts';
import { EarlyResults } from './early-results.ts';

const id = (name: string): TaskId => name as TaskId;

test('a result is taken once', () => {
  const results = new EarlyResults();
  const result = resultAt(1_000, { id: id('a') });
  results.put(result);
  assert.equal(results.take(id('a')), result);
  assert.equal(results.take(id('a')), undefined);
});

test('the result of another task is not taken', () => {
  const results = new EarlyResults();
  results.put(resultAt(1_000, { id: id('a') }));
  assert.equal(results.take(id('b')), undefined);
});

test('a later result of the same task replaces the earlier one', () => {
  const results = new EarlyResults();
  results.put(resultAt(1_000, { id: id('a'), status: 'retry' }));
  results.put(resultAt(2_000, { id: id('a'), status: 'success' }));
  assert.equal(results.take(id('a'))?.status, 'success');
});

for (const { afterMs, isKept } of [
  { afterMs: 14_999, isKept: true },
  { afterMs: 15_000, isKept: false },
]) {
  test(`after ${afterMs} ms a result is ${isKept ? 'kept' : 'expired'}`, () => {
    const results = new EarlyResults();
    results.put(resultAt(1_000, { id: id('a') }));
    results.expire(1_000 + afterMs);
    assert.equal(results.take(id('a')) !== undefined, isKept);
  });
}

test('a replaced result expires by its own receipt, and the others by theirs', () => {
  const results = new EarlyResults();
  results.put(resultAt(1_000, { id: id('a') }));
  results.put(resultAt(2_000, { id: id('b') }));
  results.put(resultAt(9_000, { id: id('a') }));
  results.expire(17_000);
  assert.equal(results.take(id('b')), undefined);
  assert.notEqual(results.take(id('a')), undefined);
});

test('the oldest of more than 10,000 results is evicted', () => {
  const results = new EarlyResults();
  for (let index = 0; index <= 10_000; index += 1) results.put(resultAt(1_000, { id: id(`task-${index}`) }));
  assert.equal(results.take(id('task-0')), undefined);
  assert.notEqual(results.take(id('task-1')), undefined);
});
