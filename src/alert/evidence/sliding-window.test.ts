import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketMs, Window } from './sliding-window.ts';

const at = 1_000_000 * bucketMs;

const cases = [
  { name: 'what is counted now is there', added: [0], now: 0, withinMs: 60_000, want: 1 },
  {
    name: 'the bucket that the window begins in counts whole',
    added: [0],
    now: 60_000 + bucketMs - 1,
    withinMs: 60_000,
    want: 1,
  },
  { name: 'the bucket before it does not', added: [0], now: 60_000 + bucketMs, withinMs: 60_000, want: 0 },
  { name: 'what comes late is put where it belongs', added: [50_000, 0], now: 65_000, withinMs: 20_000, want: 1 },
  { name: 'what comes too late for the span is let go', added: [600_000, 0], now: 600_000, withinMs: 300_000, want: 1 },
  { name: 'a long silence empties it', added: [0, 0, 10_000_000], now: 10_000_000, withinMs: 300_000, want: 1 },
];
for (const { name, added, now, withinMs, want } of cases) {
  test(`window: ${name}`, () => {
    const window = new Window(300_000);
    for (const offset of added) window.add(at + offset);
    assert.equal(window.count(at + now, withinMs), want);
  });
}

test('window: between counts whole buckets, its end left out', () => {
  const window = new Window(300_000);
  for (const offset of [0, bucketMs, 2 * bucketMs]) window.add(at + offset);
  assert.equal(window.between(at, at + 2 * bucketMs), 2);
  assert.equal(window.between(at + bucketMs, at + 2 * bucketMs + 1), 2);
});

test('window: knows when it last counted, whatever the order', () => {
  const window = new Window(300_000);
  assert.equal(window.lastAt(), undefined);
  window.add(at + 5);
  window.add(at);
  assert.equal(window.lastAt(), at + 5);
});
