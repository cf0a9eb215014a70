import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgressBar } from './progress.ts';

function open(total: number) {
  const texts: string[] = [];
  let now = 1_000;
  const bar = createProgressBar(
    total,
    (text) => texts.push(text),
    () => now,
  );
  const add = (bytes: number, afterMs: number): void => {
    now += afterMs;
    bar.add(bytes);
  };
  return { bar, add, texts };
}

test('the bar shows the share, at most five times a second', () => {
  const { add, texts } = open(100);
  add(25, 0);
  add(25, 199);
  add(25, 1);
  assert.deepEqual(texts, [`\r[${'#'.repeat(8)}${'.'.repeat(22)}] 25 %`, `\r[${'#'.repeat(23)}${'.'.repeat(7)}] 75 %`]);
});

test('more bytes than announced and a total of 0 show a full bar', () => {
  for (const total of [10, 0]) {
    const { add, texts } = open(total);
    add(50, 0);
    assert.equal(texts[0], `\r[${'#'.repeat(30)}] 100 %`);
  }
});

test('the end clears the line', () => {
  const { bar, texts } = open(10);
  bar.end();
  assert.match(texts[0] ?? '', /^\r +\r$/);
});
