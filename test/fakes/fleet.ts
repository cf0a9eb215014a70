/** A fleet in one process: instances that share a store and a clock, and crash, pause or lose the store. */
import { setImmediate as settle } from 'node:timers/promises';
import {
  createMembership,
  type Membership,
  type MembershipHandlers,
  type MembershipOptions,
} from '../../src/fleet/membership.ts';
import { createOwnership, type Ownership } from '../../src/fleet/ownership.ts';
import type { HandOverGap } from '../../src/fleet/takeover.ts';
import type { Notice } from '../../src/report.ts';
import { type Clock, createVirtualClock, type VirtualClock } from '../../src/runtime/clock.ts';
import type { FleetStore, Lease } from '../../src/store/fleet.ts';
import { createMemoryFleet } from '../../src/store/fleet-memory.ts';

export const startAt = 1.8e12;

export interface Member {
  readonly process: ReturnType<typeof createProcess>;
  readonly ownership: Ownership;
  readonly membership: Membership;
  /** Open work and delivered position of this instance, set by the test. */
  open: string;
  watermark: string;
  readonly restored: { readonly open: string; readonly host: string }[];
  readonly gaps: HandOverGap[];
  readonly led: Lease[];
  readonly notices: Notice[];
}

export function createFleet() {
  const clock = createVirtualClock(startAt);
  const store = createMemoryFleet(clock);

  /** Advances the time by `ms` in steps of 100 ms and calls `each` after each step. */
  async function pass(ms: number, each: () => void = () => {}): Promise<void> {
    for (const end = clock.now() + ms; clock.now() < end; ) {
      clock.advanceTo(Math.min(end, clock.now() + 100));
      await settle();
      each();
    }
  }

  async function join(
    instance: string,
    options: Partial<MembershipOptions & MembershipHandlers> & { readonly host?: string } = {},
  ) {
    const host = options.host;
    const role = host === undefined ? ({ mode: 'standalone' } as const) : ({ mode: 'sidecar', host } as const);
    const process = createProcess(clock, store);
    const ownership = createOwnership(role);
    const one: Member = {
      process,
      ownership,
      open: '',
      watermark: '',
      restored: [],
      gaps: [],
      led: [],
      notices: [],
      membership: createMembership({
        store: process.store,
        isAlone: false,
        instance,
        role,
        ownership,
        clock: process.clock,
        report: (notice) => one.notices.push(notice),
        ...options,
      }),
    };
    const handlers: MembershipHandlers = {
      snapshot: () => one.open,
      restore: (open, from) => one.restored.push({ open, host: from }),
      handBack: () => '',
      onHandOver: (gap) => one.gaps.push(gap),
      watermark: () => one.watermark,
      onExporting: (lease) => one.led.push(lease),
      ...options,
    };
    void one.membership.start(handlers);
    await settle();
    return one;
  }

  return { clock, store, pass, join };
}

/** A process that a test can pause and disconnect from the store. A crash is a pause without an end. */
export function createProcess(clock: VirtualClock, shared: FleetStore, latencyMs: () => number = () => 0) {
  let isPaused = false;
  let isDisconnected = false;
  let wake = Promise.withResolvers<void>();
  const awake = async (): Promise<void> => {
    while (isPaused) await wake.promise;
  };
  async function overNetwork<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    await awake();
    const [requestMs, replyMs] = [latencyMs(), latencyMs()];
    if (requestMs > 0) await clock.sleep(requestMs);
    if (isDisconnected) throw new TypeError('store unreachable');
    const answer = await call();
    if (replyMs > 0) await clock.sleep(replyMs);
    await awake();
    if (isDisconnected) throw new TypeError('store unreachable');
    return answer;
  }
  const ownClock: Clock = {
    ...clock,
    every(ms, run) {
      // A timer that is due in a pause runs once after it.
      let isDue = false;
      const runAwake = async (): Promise<void> => {
        if (isDue) return;
        isDue = true;
        await awake();
        isDue = false;
        run();
      };
      return clock.every(ms, () => (isPaused ? void runAwake() : run()));
    },
  };
  const store: FleetStore = {
    hold: (...args) => overNetwork(() => shared.hold(...args)),
    release: (...args) => overNetwork(() => shared.release(...args)),
    announce: (...args) => overNetwork(() => shared.announce(...args)),
    renew: (...args) => overNetwork(() => shared.renew(...args)),
    owners: () => overNetwork(() => shared.owners()),
    takeOver: (...args) => overNetwork(() => shared.takeOver(...args)),
    save: (...args) => overNetwork(() => shared.save(...args)),
    load: (...args) => overNetwork(() => shared.load(...args)),
    stop: () => shared.stop(),
  };
  return {
    store,
    clock: ownClock,
    isPaused: () => isPaused,
    pause() {
      isPaused = true;
    },
    wake() {
      isPaused = false;
      wake.resolve();
      wake = Promise.withResolvers();
    },
    setDisconnected(value: boolean) {
      isDisconnected = value;
    },
  };
}
