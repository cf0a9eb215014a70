import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedMap } from './bounded-map.ts';

test('the oldest entry is evicted when there are more items than allowed', () => {
  const evicted: [string, number][] = [];
  const map = new BoundedMap<string, number>({ itemsMax: 2, onEvict: (key, value) => evicted.push([key, value]) });
  map.set('a', 1).set('b', 2).set('c', 3);
  assert.deepEqual(
    [...map],
    [
      ['b', 2],
      ['c', 3],
    ],
  );
  assert.deepEqual(evicted, [['a', 1]]);
  assert.equal(map.takeEvicted(), 1);
  assert.equal(map.takeEvicted(), 0, 'the count starts again');
});

test('replacing a value keeps its place, touching it moves it to the end', () => {
  const map = new BoundedMap<string, number>({ itemsMax: 2 });
  map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
  assert.deepEqual([...map.keys()], ['b', 'c'], 'a was replaced in place and is evicted first');
  assert.equal(map.touch('b'), 2);
  map.set('d', 5);
  assert.deepEqual([...map.keys()], ['b', 'd']);
  assert.equal(map.touch('missing'), undefined);
  assert.equal(map.oldestKey(), 'b');
});

test('an entry larger than the byte limit is not kept', () => {
  const map = new BoundedMap<string, string>({ itemsMax: 10, bytesMax: 5, bytesOf: (_, value) => value.length });
  map.set('small', 'abc').set('large', 'abcdefgh');
  assert.deepEqual([...map], []);
  assert.equal(map.bytes, 0);
  assert.equal(map.takeEvicted(), 2);
});

test('deleting and clearing are no evictions', () => {
  const map = new BoundedMap<string, string>({ itemsMax: 10, bytesMax: 50, bytesOf: (_, value) => value.length });
  map.set('a', 'xx').set('b', 'yyy');
  assert.equal(map.delete('a'), true);
  assert.equal(map.delete('a'), false);
  assert.equal(map.bytes, 3);
  map.clear();
  assert.equal(map.size, 0);
  assert.equal(map.bytes, 0);
  assert.equal(map.takeEvicted(), 0);
});

test('getOrAdd creates a value once', () => {
  const map = new BoundedMap<string, number[]>({ itemsMax: 2 });
  map.getOrAdd('a', () => []).push(1);
  map.getOrAdd('a', () => assert.fail('exists already')).push(2);
  assert.deepEqual(map.get('a'), [1, 2]);
});

test('both limits hold after any sequence of changes, and the byte sum is exact', () => {
  const change = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    what: fc.constantFrom('set', 'delete', 'touch'),
    value: fc.string({ maxLength: 12 }),
  });
  fc.assert(
    fc.property(
      fc.array(change),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 20 }),
      (changes, items, bytes) => {
        const map = new BoundedMap<string, string>({
          itemsMax: items,
          bytesMax: bytes,
          bytesOf: (_, value) => value.length,
        });
        for (const { key, what, value } of changes) {
          if (what === 'set') map.set(key, value);
          else if (what === 'delete') map.delete(key);
          else map.touch(key);
          assert.ok(map.size <= items);
          assert.ok(map.bytes <= bytes);
          assert.equal(
            map.bytes,
            [...map.values()].reduce((sum, one) => sum + one.length, 0),
          );
        }
      },
    ),
  );
});
