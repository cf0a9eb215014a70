/**
 * Time, passed in. The only file that reads the real clock and sets real timers; everything else takes a Clock, so that
 * a test of ten minutes takes a millisecond.
 */
import type { Millis } from '../event/ids.ts';

export interface Clock {
  /** Epoch milliseconds. */
  now(): Millis;
  /** Runs `run` once, `ms` from now; disposing before that cancels it. */
  after(ms: Millis, run: () => void): Disposable;
  /** Runs `run` every `ms`, the first time in `ms`; it does not keep the process alive. */
  every(ms: Millis, run: () => void): Disposable;
  /** Resolves in `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>;
  /** A signal that aborts in `ms` with a `TimeoutError`. Does not keep the process alive. */
  timeoutSignal(ms: Millis): AbortSignal;
}

export interface VirtualClock extends Clock {
  /** Moves the time to `at`, running the timers on the way in the order they are due. Never moves back. */
  advanceTo(at: Millis): void;
  /** Timers that have not run yet. */
  pendingCount(): number;
}

export interface ScaledClock extends Clock {
  /** Sets the number of seconds of this clock per second of the real one. */
  setSpeed(speed: number): void;
}

/** A clock that starts with the real one and runs `speed` times as fast. A timer keeps the speed of its creation. */
export function createScaledClock(real: Clock, speed: number): ScaledClock {
  let startAt = real.now();
  let realStartAt = startAt;
  const now = (): Millis => startAt + (real.now() - realStartAt) * speed;
  const clock: ScaledClock = {
    now,
    after: (ms, run) => real.after(ms / speed, run),
    // A period is at least 50 ms of the real clock, short enough for a person; everything due runs at the next tick.
    every: (ms, run) => real.every(Math.max(50, ms / speed), run),
    sleep: (ms, signal) => sleepOn(clock, ms, signal),
    timeoutSignal: (ms) => real.timeoutSignal(ms / speed),
    setSpeed(next) {
      startAt = now();
      realStartAt = real.now();
      speed = next;
    },
  };
  return clock;
}

/** Node's timers fire at once for a longer time. */
const timerMsMax = 2 ** 31 - 1;

export function createSystemClock(): Clock {
  const clock: Clock = {
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, bounded(ms));
      return disposable(() => clearTimeout(timer));
    },
    every(ms, run) {
      const timer = setInterval(run, bounded(ms));
      timer.unref();
      return disposable(() => clearInterval(timer));
    },
    sleep: (ms, signal) => sleepOn(clock, ms, signal),
    timeoutSignal: (ms) => AbortSignal.timeout(bounded(Math.ceil(ms))),
  };
  return clock;
}

/** A clock that moves only by `advanceTo`. Timers that are due at the same time run in the order of their creation. */
export function createVirtualClock(startAt: Millis = 0): VirtualClock {
  interface Timer {
    readonly at: Millis;
    readonly order: number;
    readonly run: () => void;
  }
  let now = startAt;
  let order = 0;
  const timers = new Set<Timer>();

  function set(at: Millis, run: () => void): Timer {
    order += 1;
    const timer = { at, order, run };
    timers.add(timer);
    return timer;
  }

  function nextDue(until: Millis): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.at > until) continue;
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }

  const clock: VirtualClock = {
    now: () => now,
    after(ms, run) {
      const timer = set(now + Math.max(0, ms), run);
      return disposable(() => timers.delete(timer));
    },
    every(ms, run) {
      // With a period of 0 the time would never advance.
      const period = Math.max(1, ms);
      const tick = (): void => {
        timer = set(timer.at + period, tick);
        run();
      };
      let timer = set(now + period, tick);
      return disposable(() => timers.delete(timer));
    },
    sleep: (ms, signal) => sleepOn(clock, ms, signal),
    timeoutSignal(ms) {
      const controller = new AbortController();
      clock.after(ms, () => controller.abort(new DOMException('The operation timed out', 'TimeoutError')));
      return controller.signal;
    },
    advanceTo(at) {
      for (let timer = nextDue(at); timer !== undefined; timer = nextDue(at)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
      }
      now = Math.max(now, at);
    },
    pendingCount: () => timers.size,
  };
  return clock;
}

function sleepOn(clock: Clock, ms: Millis, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const wake = (): void => {
      signal?.removeEventListener('abort', wake);
      timer[Symbol.dispose]();
      resolve();
    };
    const timer = clock.after(ms, wake);
    signal?.addEventListener('abort', wake);
  });
}

function bounded(ms: Millis): Millis {
  return Math.min(Math.max(0, ms), timerMsMax);
}

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose };
}
