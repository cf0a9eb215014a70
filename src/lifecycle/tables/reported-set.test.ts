import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ReportedSet } from './reported-set.ts';

const setOf = (...keys: readonly string[]): ReportedSet => keys.reduce((set, key) => set.with(key), ReportedSet.empty);

test('the empty set includes nothing, not even the empty key', () => {
  assert.equal(ReportedSet.empty.includes(''), false);
  assert.deepEqual(ReportedSet.empty.list(), []);
});

test('a set includes each of its keys and no other', () => {
  const set = setOf('queued.0', 'started.0.0.1', 'ended.0.0.1');
  for (const key of ['queued.0', 'started.0.0.1', 'ended.0.0.1']) assert.ok(set.includes(key));
  assert.equal(set.includes('queued.1'), false);
  assert.equal(set.includes(''), false);
});

test('adding a key changes no existing set', () => {
  const before = setOf('a');
  before.with('b');
  assert.deepEqual([before.includes('b'), before.list()], [false, ['a']]);
});

test('equal lists are one object, different orders are two', () => {
  assert.equal(setOf('a', 'b'), setOf('a', 'b'));
  assert.notEqual(setOf('a', 'b'), setOf('b', 'a'));
});

test('beyond sixteen successors a set is correct and no longer shared', () => {
  const base = setOf('a set with many successors');
  for (let index = 0; index < 16; index += 1) assert.equal(base.with(`key ${index}`), base.with(`key ${index}`));
  assert.notEqual(base.with('key 16'), base.with('key 16'));
  assert.ok(base.with('key 16').includes('key 16'));
});

test('the list has the keys in order of insertion', () => {
  fc.assert(fc.property(fc.array(fc.string()), (keys) => assert.deepEqual(setOf(...keys).list(), keys)));
});
