import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSystemClock, createVirtualClock } from './clock.ts';

test('timers run in the order they are due, each seeing its own time', () => {
  const clock = createVirtualClock(1_000);
  const seen: string[] = [];
  const note = (name: string) => () => void seen.push(`${name}@${clock.now()}`);
  clock.after(30, note('late'));
  clock.after(10, note('early'));
  clock.after(10, note('early too'));
  clock.every(20, note('tick'));
  clock.advanceTo(1_045);
  assert.deepEqual(seen, ['early@1010', 'early too@1010', 'tick@1020', 'late@1030', 'tick@1040']);
  assert.equal(clock.now(), 1_045);
});

test('a timer that is due exactly at the end runs, one that is due after it does not', () => {
  const clock = createVirtualClock();
  const seen: number[] = [];
  clock.after(10, () => seen.push(10));
  clock.after(11, () => seen.push(11));
  clock.advanceTo(10);
  assert.deepEqual(seen, [10]);
  assert.equal(clock.pendingCount(), 1);
});

test('a timer that was set by a timer runs in the same advance when it is due', () => {
  const clock = createVirtualClock();
  const seen: number[] = [];
  clock.after(10, () => clock.after(5, () => seen.push(clock.now())));
  clock.advanceTo(20);
  assert.deepEqual(seen, [15]);
});

test('what was disposed does not run, also when a timer disposes itself', () => {
  const clock = createVirtualClock();
  const seen: string[] = [];
  clock.after(10, () => seen.push('after'))[Symbol.dispose]();
  const ticking = clock.every(10, () => {
    seen.push('tick');
    ticking[Symbol.dispose]();
  });
  clock.advanceTo(100);
  assert.deepEqual(seen, ['tick']);
  assert.equal(clock.pendingCount(), 0);
});

test('the time never goes back', () => {
  const clock = createVirtualClock(100);
  clock.advanceTo(50);
  assert.equal(clock.now(), 100);
});

test('a sleep ends in time, at once when aborted, and leaves no timer behind', async () => {
  const clock = createVirtualClock();
  const sleeping = clock.sleep(10);
  clock.advanceTo(10);
  await sleeping;

  const abort = new AbortController();
  const aborted = clock.sleep(1_000, abort.signal);
  abort.abort();
  await aborted;
  await clock.sleep(1_000, abort.signal);
  assert.equal(clock.now(), 10);
  assert.equal(clock.pendingCount(), 0);
});

test('the system clock runs what is due and not what was disposed', async () => {
  const clock = createSystemClock();
  let wasRun = false;
  clock
    .after(0, () => {
      wasRun = true;
    })
    [Symbol.dispose]();
  const before = clock.now();
  await clock.sleep(1);
  assert.equal(wasRun, false);
  assert.ok(clock.now() >= before);
});
