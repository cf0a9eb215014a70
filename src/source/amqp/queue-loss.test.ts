import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Heard, hear } from './queue-loss.ts';

const second = 1_000;
/** Heard a minute's worth of everything, the last heartbeat one second before the end. */
const steady: Heard = { until: 60 * second, heartbeat: { at: 59 * second, everyMs: 2 * second }, isBehind: false };

function passage(earliestAt: number, facts: { latestAt?: number; receivedAt?: number } = {}) {
  const { latestAt = earliestAt, receivedAt = latestAt } = facts;
  return { earliestAt, latestAt, heartbeat: undefined, receivedAt };
}

describe('a queue that let go of messages', () => {
  const after = (seconds: number) => passage(steady.until + seconds * second);
  const lostUntil = (seconds: number) => ({ from: steady.until, to: steady.until + seconds * second });
  const cases = [
    {
      name: 'shows by a jump in time after a reconnect',
      heard: steady,
      next: after(17),
      isResumed: true,
      want: lostUntil(17),
    },
    {
      name: 'does not show by three heartbeats and ten seconds',
      heard: steady,
      next: after(16),
      isResumed: true,
      want: undefined,
    },
    {
      name: 'does not show while we listen: silence is silence then',
      heard: steady,
      next: after(600),
      isResumed: false,
      want: undefined,
    },
    {
      name: 'shows while we listen but lag behind',
      heard: { ...steady, isBehind: true },
      next: after(17),
      isResumed: false,
      want: lostUntil(17),
    },
    {
      name: 'does not show where nothing was heard before',
      heard: undefined,
      next: after(600),
      isResumed: true,
      want: undefined,
    },
    {
      name: 'does not show in a fleet without heartbeats',
      heard: { ...steady, heartbeat: undefined },
      next: after(600),
      isResumed: true,
      want: undefined,
    },
    {
      name: 'does not show where heartbeats had stopped before',
      heard: { ...steady, heartbeat: { at: 43 * second, everyMs: 2 * second } },
      next: after(600),
      isResumed: true,
      want: undefined,
    },
    {
      name: 'does not show where heartbeats come seldom',
      heard: { ...steady, heartbeat: { at: 59 * second, everyMs: 30 * second } },
      next: after(100),
      isResumed: true,
      want: undefined,
    },
    {
      name: 'does not show when one sender has an older message',
      heard: steady,
      next: passage(steady.until + second, { latestAt: steady.until + 60 * second }),
      isResumed: true,
      want: undefined,
    },
  ];
  for (const { name, heard, next, isResumed, want } of cases) {
    test(name, () => assert.deepEqual(hear(heard, next, isResumed).lost, want));
  }
});

describe('what was heard', () => {
  test('never goes back in time', () => {
    assert.equal(hear(steady, passage(second), false).next.until, steady.until);
  });
  test('remembers the last heartbeat until the next one', () => {
    assert.deepEqual(hear(steady, passage(61 * second), false).next.heartbeat, steady.heartbeat);
    const heartbeat = { at: 62 * second, everyMs: 5 * second };
    assert.deepEqual(hear(steady, { ...passage(62 * second), heartbeat }, false).next.heartbeat, heartbeat);
  });
  test('is behind when it came more than ten seconds late', () => {
    assert.equal(hear(steady, passage(61 * second, { receivedAt: 71 * second }), false).next.isBehind, false);
    assert.equal(hear(steady, passage(61 * second, { receivedAt: 71 * second + 1 }), false).next.isBehind, true);
  });
});
