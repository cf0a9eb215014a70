import assert from 'node:assert/strict';
import test from 'node:test';
import { familyOf } from './matcher.ts';
import { addName } from './signal.ts';

test('the family is the part before the dot, or the whole name', () => {
  assert.equal(familyOf('failures.new'), 'failures');
  assert.equal(familyOf('run-twice'), 'run-twice');
});

test('a subject keeps its first twenty names', () => {
  const names = new Set<string>();
  addName(names, undefined);
  for (let index = 1; index <= 21; index += 1) addName(names, `task-${index}`);
  addName(names, 'task-1');
  assert.equal(names.size, 20);
  assert.equal(names.has('task-20'), true);
  assert.equal(names.has('task-21'), false);
});
