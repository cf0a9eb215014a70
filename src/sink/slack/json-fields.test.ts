import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf, listOf, textOf } from './json-fields.ts';

for (const value of [undefined, null, 0, 7, 'text', true]) {
  test(`${JSON.stringify(value)} has no fields and no items`, () => {
    assert.deepEqual(fieldsOf(value), {});
    assert.deepEqual(listOf(value), []);
  });
}

test('an object keeps its fields, and is no list', () => {
  assert.deepEqual(fieldsOf({ ok: true }), { ok: true });
  assert.deepEqual(listOf({ 0: {}, length: 1 }), []);
});

test('a list keeps its length when an item is no object', () => {
  assert.deepEqual(listOf([{ id: 'a' }, null, 'text']), [{ id: 'a' }, {}, {}]);
});

test('only a string is text', () => {
  assert.equal(textOf(''), '');
  assert.deepEqual([0, null, {}, ['a'], undefined].map(textOf), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
