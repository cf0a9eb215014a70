import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScaledClock, createSystemClock, createVirtualClock } from './clock.ts';

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

test('a timeout signal of the virtual clock aborts when its time has come, not before', () => {
  const clock = createVirtualClock();
  const signal = clock.timeoutSignal(10);
  clock.advanceTo(9);
  assert.equal(signal.aborted, false);
  clock.advanceTo(10);
  assert.equal(signal.aborted, true);
  assert.equal((signal.reason as DOMException).name, 'TimeoutError');
});

test('a timeout signal of the system clock aborts with the same error', async () => {
  const clock = createSystemClock();
  const signal = clock.timeoutSignal(1);
  // The signal alone does not keep the process alive, the sleep does.
  while (!signal.aborted) await clock.sleep(1);
  assert.equal((signal.reason as DOMException).name, 'TimeoutError');
});

test('a scaled clock runs timers, sleeps and timeouts at its speed', () => {
  const real = createVirtualClock(1_000);
  const clock = createScaledClock(real, 10);
  const signal = clock.timeoutSignal(100);
  const fired: number[] = [];
  clock.after(50, () => fired.push(clock.now()));
  real.advanceTo(1_005);
  assert.deepEqual(fired, [1_050]);
  assert.equal(signal.aborted, false);
  real.advanceTo(1_010);
  assert.equal(signal.aborted, true);
});

test('a change of speed keeps the time that has passed', () => {
  const real = createVirtualClock();
  const clock = createScaledClock(real, 10);
  real.advanceTo(10);
  clock.setSpeed(2);
  assert.equal(clock.now(), 100);
  real.advanceTo(20);
  assert.equal(clock.now(), 120);
});

test('a period of a scaled clock is at least 50 ms of the real clock', () => {
  const real = createVirtualClock();
  const clock = createScaledClock(real, 100);
  let ticks = 0;
  clock.every(1_000, () => {
    ticks += 1;
  });
  real.advanceTo(49);
  assert.equal(ticks, 0);
  real.advanceTo(50);
  assert.equal(ticks, 1);
});

test('a wait longer than the timers of Node can hold does not end at once', async () => {
  const clock = createSystemClock();
  let wasRun = false;
  const timer = clock.after(2 ** 31, () => {
    wasRun = true;
  });
  await clock.sleep(5);
  timer[Symbol.dispose]();
  assert.equal(wasRun, false);
});
