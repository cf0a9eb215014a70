import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '../report.ts';
import { createVirtualClock } from '../runtime/clock.ts';
import type { Gap } from '../source/source.ts';
import { createSweepLoop, type SweepLoopOptions } from './sweep-loop.ts';

const startAt = 1_000_000;

/** A loop over one broker on a virtual clock, with what it called. */
function open(changes: Partial<SweepLoopOptions> = {}) {
  const clock = createVirtualClock(startAt);
  const sweeps: number[] = [];
  const gaps: Gap[] = [];
  const notices: Notice[] = [];
  const state = { tracked: 0, queued: 0, ticks: 0, settledAt: undefined as number | undefined };
  const broker = {
    name: 'redis',
    pipeline: {
      sweep: (now: number) => sweeps.push(now - startAt),
      gap: (gap: Gap) => gaps.push(gap),
      settleAll: (now: number) => {
        state.settledAt = now - startAt;
      },
    },
    lifecycle: { trackedCount: () => state.tracked, uncertainCount: () => 2, workers: () => [] },
  };
  const loop = createSweepLoop({
    clock,
    brokers: [broker as never],
    exports: { sweep: () => {}, queuedCount: () => state.queued },
    tickAlerts: async () => {
      state.ticks += 1;
    },
    board: { recordWorkers: () => {} },
    report: (notice) => notices.push(notice),
    silentAfterMs: 30_000,
    ...changes,
  });
  const advance = (ms: number): void => clock.advanceTo(clock.now() + ms);
  return { loop, clock, sweeps, gaps, notices, state, advance };
}

test('an idle daemon sweeps four times a second, a busy one ten times', async () => {
  const { loop, sweeps, state, advance } = open();
  await loop.start();
  advance(1_000);
  assert.deepEqual(sweeps, [250, 500, 750, 1_000]);
  state.tracked = 1;
  // The sweep that is already scheduled keeps its time.
  advance(250);
  sweeps.splice(0);
  advance(300);
  assert.deepEqual(sweeps, [1_350, 1_450, 1_550]);
});

test('the alerts are evaluated and the tracked tasks are reported once a second', async () => {
  const { loop, notices, state, advance } = open();
  state.tracked = 5;
  await loop.start();
  advance(999);
  assert.deepEqual([state.ticks, notices], [0, []]);
  advance(1);
  assert.equal(state.ticks, 1);
  assert.deepEqual(notices, [{ kind: 'tracked-tasks', count: 5, unsure: 2 }]);
});

test('the largest clock offset is reported each time, a wrong clock once', async () => {
  const workers = [3_000, -9_000, 0].map((clockOffsetMs, n) => ({ hostname: `w@${n}`, clockOffsetMs }));
  const lifecycle = { trackedCount: () => 0, uncertainCount: () => 0, workers: () => workers };
  const pipeline = { sweep: () => {} };
  const { loop, notices, advance } = open({ brokers: [{ name: 'redis', lifecycle, pipeline } as never] });
  await loop.start();
  advance(2_000);
  const of = (kind: Notice['kind']) =>
    notices.flatMap((one) => (one.kind === kind && 'offsetMs' in one ? [[one.hostname, one.offsetMs]] : []));
  assert.deepEqual(of('clock-wrong'), [
    ['w@0', 3_000],
    ['w@1', -9_000],
  ]);
  assert.deepEqual(of('clock-offset'), [
    ['w@1', -9_000],
    ['w@1', -9_000],
  ]);
});

test('an evaluation that rejects is reported as a bug, and the next one still happens', async () => {
  let ticks = 0;
  const { loop, notices, advance } = open({
    tickAlerts: () => {
      ticks += 1;
      return Promise.reject(new Error('broken'));
    },
  });
  await loop.start();
  advance(2_000);
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(ticks, 2);
  assert.deepEqual(
    notices.flatMap((notice) => (notice.kind === 'bug' ? [notice.where] : [])),
    ['alerts.tick', 'alerts.tick'],
  );
});

for (const { pauseMs, gapCount } of [
  { pauseMs: 29_999, gapCount: 0 },
  { pauseMs: 30_000, gapCount: 1 },
]) {
  test(`a pause of the process of ${pauseMs} ms is ${gapCount === 0 ? 'no gap' : 'a gap'}`, async () => {
    const { loop, gaps, clock, advance } = open();
    let now = startAt;
    const paused = open({ clock: { ...clock, now: () => now } });
    await loop.start();
    await paused.loop.start();
    now += pauseMs;
    clock.advanceTo(startAt + 250);
    assert.equal(paused.gaps.length, gapCount);
    if (gapCount > 0)
      assert.deepEqual(paused.gaps[0], { source: 'redis', from: startAt, to: startAt + pauseMs, cause: 'overload' });
    advance(0);
    assert.deepEqual(gaps, []);
  });
}

test('everything is delivered up to the last sweep with an empty export queue', async () => {
  const { loop, state, advance } = open();
  await loop.start();
  advance(500);
  assert.equal(loop.deliveredUntil(), startAt + 500);
  state.queued = 3;
  advance(500);
  assert.equal(loop.deliveredUntil(), startAt + 500);
  assert.equal(loop.lastSweepAt(), startAt + 1_000);
  loop.markDelivered();
  assert.equal(loop.deliveredUntil(), startAt + 1_000);
});

test('a stop ends the timers and derives the last outcomes', async () => {
  const { loop, clock, sweeps, state, advance } = open();
  await loop.start();
  advance(300);
  await loop.stop();
  assert.equal(state.settledAt, 300);
  assert.equal(clock.pendingCount(), 0);
  advance(5_000);
  assert.deepEqual(sweeps, [250]);
});
