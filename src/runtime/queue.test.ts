import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedQueue } from './queue.ts';

test('items leave in the order in which they were offered', () => {
  const queue = new BoundedQueue<number>(10);
  for (const item of [1, 2, 3, 4, 5]) assert.equal(queue.offer(item), true);
  assert.deepEqual(queue.take(2), [1, 2]);
  queue.offer(6);
  assert.equal(queue.size, 4);
  assert.deepEqual(queue.take(100), [3, 4, 5, 6]);
  assert.deepEqual(queue.take(1), []);
});

test('an item without room is refused and counted once', () => {
  const queue = new BoundedQueue<string>(2);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((item) => queue.offer(item)),
    [true, true, false, false],
  );
  assert.equal(queue.takeRefused(), 2);
  assert.equal(queue.takeRefused(), 0);
  assert.deepEqual(queue.take(1), ['a']);
  assert.equal(queue.offer('e'), true);
  assert.deepEqual(queue.take(5), ['b', 'e']);
});

test('a taken item makes room at once', () => {
  const queue = new BoundedQueue<number>(4);
  for (const item of [1, 2, 3, 4]) queue.offer(item);
  queue.take(1);
  assert.equal(queue.offer(5), true);
  assert.equal(queue.offer(6), false);
  assert.deepEqual(queue.take(9), [2, 3, 4, 5]);
});

test('the order holds over many partial takes', () => {
  const queue = new BoundedQueue<number>(7);
  const taken: number[] = [];
  for (let item = 0; item < 100; item += 1) {
    queue.offer(item);
    if (item % 3 === 2) taken.push(...queue.take(2), ...queue.take(1));
  }
  taken.push(...queue.take(10));
  assert.deepEqual(
    taken,
    Array.from({ length: 100 }, (_, index) => index),
  );
});

test('a queue without room takes nothing', () => {
  const queue = new BoundedQueue<number>(0);
  assert.equal(queue.offer(1), false);
  assert.equal(queue.size, 0);
});

test('a share above 1 gives one item room in a full queue, up to its own limit', () => {
  const queue = new BoundedQueue<string>(2);
  for (const item of ['a', 'b']) queue.offer(item);
  assert.equal(queue.offer('c'), false);
  assert.equal(queue.offer('c', 1.5), true);
  assert.equal(queue.offer('d', 1.5), false);
});

const ofLength = (max: number) => ({ max, of: (item: string) => item.length });

test('a limit in bytes refuses the item that would exceed it', () => {
  const queue = new BoundedQueue<string>(10, ofLength(4));
  assert.deepEqual([queue.offer('aa'), queue.offer('bb'), queue.offer('c')], [true, true, false]);
  assert.deepEqual([queue.bytes, queue.takeRefused()], [4, 1]);
  queue.take(1);
  assert.deepEqual([queue.bytes, queue.offer('cc'), queue.offer('d')], [2, true, false]);
});

test('a share scales the limit in bytes for one item', () => {
  const queue = new BoundedQueue<string>(10, ofLength(4));
  queue.offer('aaaa');
  assert.deepEqual([queue.offer('b'), queue.offer('bb', 1.5), queue.offer('c', 1.5)], [false, true, false]);
});

test('shift removes the oldest item and its bytes', () => {
  const queue = new BoundedQueue<string>(10, ofLength(10));
  for (const item of ['a', 'bb', 'ccc']) queue.offer(item);
  assert.deepEqual([queue.shift(), queue.bytes, queue.size], ['a', 5, 2]);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift(), queue.bytes], ['bb', 'ccc', undefined, 0]);
});

test('the order holds over thousands of shifts between offers', () => {
  const queue = new BoundedQueue<number>(5_000);
  const taken: (number | undefined)[] = [];
  for (let item = 0; item < 4_000; item += 1) {
    queue.offer(item);
    if (item % 4 !== 0) taken.push(queue.shift());
  }
  while (queue.size > 0) taken.push(queue.shift());
  assert.deepEqual(
    taken,
    Array.from({ length: 4_000 }, (_, index) => index),
  );
});
