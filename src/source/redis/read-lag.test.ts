import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ReadLag, type Sending, tickEveryMs } from './read-lag.ts';

const second = 1_000;

const sendingOf = (payload: string): Sending | undefined => {
  const [hostname = '', at] = payload.split(' ');
  return at === undefined ? undefined : { hostname, at: Number(at) };
};

/** Ticks and one message a second from `fromMs` on, each received `delayMs` after it was sent by a clock that is off. */
function reading({
  untilMs,
  delayMs = 5,
  offsetMs = 0,
}: {
  untilMs: number;
  delayMs?: number;
  offsetMs?: number;
}): ReadLag {
  const lag = new ReadLag({ sendingOf, now: 0 });
  for (let now = tickEveryMs; now <= untilMs; now += tickEveryMs) {
    lag.noteMessage({ payload: `w@a ${now - delayMs + offsetMs}`, receivedAt: now });
    assert.equal(lag.tick(now), undefined);
  }
  return lag;
}

test('without a pause everything was read until the last bytes', () => {
  const lag = reading({ untilMs: 20 * second });
  assert.deepEqual(lag.readUntil(20_400, 20_500), { at: 20_400, isLate: false });
});

test('an idle connection that is lost is not late', () => {
  const lag = reading({ untilMs: 20 * second });
  for (let now = 21 * second; now <= 60 * second; now += tickEveryMs) lag.tick(now);
  assert.deepEqual(lag.readUntil(58_000, 60_500), { at: 58_000, isLate: false });
});

test('after a pause everything was read until the last message was sent, whatever the clocks', () => {
  const cases = fc.record({
    offsetMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
    pauseMs: fc.integer({ min: 3_000, max: 600_000 }),
    sentAfterMs: fc.integer({ min: 0, max: 3_000 }),
    tickFirst: fc.boolean(),
  });
  fc.assert(
    fc.property(cases, ({ offsetMs, pauseMs, sentAfterMs, tickFirst }) => {
      const lag = reading({ untilMs: 20 * second, offsetMs });
      const wokenAt = 20 * second + pauseMs;
      if (tickFirst) lag.tick(wokenAt);
      lag.noteMessage({ payload: `w@a ${20 * second + sentAfterMs + offsetMs}`, receivedAt: wokenAt });
      const { at, isLate } = lag.readUntil(wokenAt, wokenAt + 3);
      assert.ok(isLate);
      assert.ok(Math.abs(at - (20 * second + sentAfterMs)) <= 5, `${at}`);
    }),
  );
});

test('after a pause with messages of unknown origin only, everything before the pause was read', () => {
  const lag = reading({ untilMs: 20 * second });
  lag.noteMessage({ payload: 'unreadable', receivedAt: 32_000 });
  assert.deepEqual(lag.readUntil(32_000, 32_001), { at: 20_000, isLate: true });
});

test('a connection that was lost in a pause, with nothing read after it, was read until the pause', () => {
  const lag = reading({ untilMs: 20 * second });
  assert.deepEqual(lag.readUntil(19_800, 32_000), { at: 19_800, isLate: true });
});

test('a connection that is lost long after a pause is not late', () => {
  const lag = reading({ untilMs: 20 * second });
  for (let now = 30 * second; now <= 41 * second; now += tickEveryMs) lag.tick(now);
  assert.deepEqual(lag.readUntil(41_000, 41_000), { at: 41_000, isLate: false });
});

test('a process that runs and reads ever later is late: reported once it is, and the gap starts when the last one was sent', () => {
  const lag = reading({ untilMs: 20 * second });
  const lags: (number | undefined)[] = [];
  for (let now = 21 * second; now <= 30 * second; now += tickEveryMs) {
    lag.noteMessage({ payload: `w@a ${20 * second + (now - 20 * second) / 2}`, receivedAt: now });
    lags.push(lag.tick(now));
  }
  assert.deepEqual(lags, [undefined, undefined, undefined, undefined, 2_495, 2_995, 3_495, 3_995, 4_495, 4_995]);
  assert.deepEqual(lag.readUntil(30_000, 30_100), { at: 25_005, isLate: true });
});

test('a clock that is set back looks like a lag only until its old delays are forgotten', () => {
  const lag = reading({ untilMs: 20 * second });
  const lagAt = (now: number): number | undefined => {
    lag.noteMessage({ payload: `w@a ${now - 30 * second}`, receivedAt: now });
    return lag.tick(now);
  };
  let now = 21 * second;
  assert.equal(lagAt(now), 29_995);
  for (; now <= 1_202 * second; now += tickEveryMs) lagAt(now);
  assert.equal(lagAt(now), undefined);
});
