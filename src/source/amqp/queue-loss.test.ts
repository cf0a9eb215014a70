import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { advanceProgress, type QueueProgress } from './queue-loss.ts';

const second = 1_000;
/** A minute of events, the last heartbeat one second before the end. */
const steady: QueueProgress = {
  until: 60 * second,
  heartbeat: { at: 59 * second, everyMs: 2 * second },
  isBehind: false,
};

function slice(earliestAt: number, facts: { latestAt?: number; receivedAt?: number } = {}) {
  const { latestAt = earliestAt, receivedAt = latestAt } = facts;
  return { earliestAt, latestAt, heartbeat: undefined, receivedAt };
}

describe('a loss of messages', () => {
  const after = (seconds: number) => slice(steady.until + seconds * second);
  const lostUntil = (seconds: number) => ({ from: steady.until, to: steady.until + seconds * second });
  const cases = [
    {
      name: 'is a jump in time of more than three heartbeats and ten seconds after a reconnect',
      progress: steady,
      next: after(16.001),
      isResumed: true,
      want: lostUntil(16.001),
    },
    {
      name: 'is no jump of exactly three heartbeats and ten seconds',
      progress: steady,
      next: after(16),
      isResumed: true,
      want: undefined,
    },
    {
      name: 'is no silence during a connection that keeps up',
      progress: steady,
      next: after(600),
      isResumed: false,
      want: undefined,
    },
    {
      name: 'is a jump in time during a connection that is behind',
      progress: { ...steady, isBehind: true },
      next: after(17),
      isResumed: false,
      want: lostUntil(17),
    },
    {
      name: 'is unknown before the first slice',
      progress: undefined,
      next: after(600),
      isResumed: true,
      want: undefined,
    },
    {
      name: 'is unknown in a fleet without heartbeats',
      progress: { ...steady, heartbeat: undefined },
      next: after(600),
      isResumed: true,
      want: undefined,
    },
    {
      name: 'is unknown if heartbeats had stopped before',
      progress: { ...steady, heartbeat: { at: 43.999 * second, everyMs: 2 * second } },
      next: after(600),
      isResumed: true,
      want: undefined,
    },
    {
      name: 'is a jump if heartbeats were just late before',
      progress: { ...steady, heartbeat: { at: 44 * second, everyMs: 2 * second } },
      next: after(600),
      isResumed: true,
      want: lostUntil(600),
    },
    {
      name: 'is no jump of 100 s with heartbeats every 30 s',
      progress: { ...steady, heartbeat: { at: 59 * second, everyMs: 30 * second } },
      next: after(100),
      isResumed: true,
      want: undefined,
    },
    {
      name: 'is no jump if one sender has an older message',
      progress: steady,
      next: slice(steady.until + second, { latestAt: steady.until + 60 * second }),
      isResumed: true,
      want: undefined,
    },
  ];
  for (const { name, progress, next, isResumed, want } of cases) {
    test(name, () => assert.deepEqual(advanceProgress(progress, next, isResumed).lost, want));
  }
});

describe('the progress of a queue', () => {
  test('starts with the latest event of the first slice', () => {
    const first = slice(5 * second, { latestAt: 7 * second });
    assert.deepEqual(advanceProgress(undefined, first, true).next, {
      until: 7 * second,
      heartbeat: undefined,
      isBehind: false,
    });
  });
  test('never goes back in time', () => {
    assert.equal(advanceProgress(steady, slice(second), false).next.until, steady.until);
  });
  test('keeps the last heartbeat until the next one', () => {
    assert.deepEqual(advanceProgress(steady, slice(61 * second), false).next.heartbeat, steady.heartbeat);
    const heartbeat = { at: 62 * second, everyMs: 5 * second };
    assert.deepEqual(advanceProgress(steady, { ...slice(62 * second), heartbeat }, false).next.heartbeat, heartbeat);
  });
  test('is behind if the slice arrived more than ten seconds late', () => {
    const late = (receivedAt: number) =>
      advanceProgress(steady, slice(61 * second, { receivedAt }), false).next.isBehind;
    assert.equal(late(71 * second), false);
    assert.equal(late(71 * second + 1), true);
  });
});
