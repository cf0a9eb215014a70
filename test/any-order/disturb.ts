/** Disturbances of a stream of events: losses, repeats, late arrivals and clocks that are wrong. Pure. */
import fc from 'fast-check';
import type { ScriptEvent } from './script.ts';

export interface Disturbance {
  /** Position of the lost event; beyond the end, nothing is lost. */
  readonly dropped: number | undefined;
  readonly repeated: readonly { readonly index: number; readonly afterMs: number }[];
  readonly delayed: readonly { readonly index: number; readonly byMs: number }[];
  /** Milliseconds that the clock of a host is ahead, by the part of the node name after `@`. */
  readonly clocks: Readonly<Record<string, number>>;
}

export const calm: Disturbance = { dropped: undefined, repeated: [], delayed: [], clocks: {} };

const delaysMs = [20, 300, 1_000, 5_000, 60_000, 300_000];
const hosts = ['node-a', 'node-b', 'node-c', 'node-d', 'web'] as const;

const clockMs = fc.oneof(
  fc.constantFrom(0, 16, -16, 300, -300, 900, -900, 2_000, -10_000),
  fc.integer({ min: -3_600_000, max: 3_600_000 }),
);

export const disturbances: fc.Arbitrary<Disturbance> = fc.record({
  dropped: fc.option(fc.nat(30), { nil: undefined }),
  repeated: fc.array(fc.record({ index: fc.nat(30), afterMs: fc.constantFrom(...delaysMs) }), { maxLength: 2 }),
  delayed: fc.array(fc.record({ index: fc.nat(30), byMs: fc.constantFrom(...delaysMs) }), { maxLength: 3 }),
  clocks: fc.dictionary(fc.constantFrom(...hosts), clockMs, { maxKeys: 3, noNullPrototype: true }),
});

export interface Disturbed {
  /** In the order of arrival. */
  readonly events: readonly ScriptEvent[];
  /** The event of the script that is lost. */
  readonly lost: ScriptEvent | undefined;
  /** True if no event arrives later than it should, so that nothing has to be corrected. */
  readonly isPrompt: boolean;
}

/** `events` as they arrive. Lost is at most one event; clocks change `at`, delays change `receivedAt`. */
export function disturb(events: readonly ScriptEvent[], disturbance: Disturbance): Disturbed {
  const inOrder = [...events].sort((a, b) => a.receivedAt - b.receivedAt);
  const lost = disturbance.dropped === undefined ? undefined : inOrder[disturbance.dropped];
  const arrivals: ScriptEvent[] = [];
  let isPrompt = true;
  for (const [index, event] of inOrder.entries()) {
    const delay = delayOf(disturbance, index);
    if (delay > 0 && event !== lost) isPrompt = false;
    const shifted = shiftClock(event, disturbance.clocks);
    if (event !== lost) arrivals.push({ ...shifted, receivedAt: event.receivedAt + delay });
    for (const { index: repeated, afterMs } of disturbance.repeated) {
      if (repeated === index && event !== lost) arrivals.push({ ...shifted, receivedAt: event.receivedAt + afterMs });
    }
  }
  return { events: arrivals.sort((a, b) => a.receivedAt - b.receivedAt), lost, isPrompt };
}

function delayOf({ delayed }: Disturbance, index: number): number {
  return Math.max(0, ...delayed.filter((one) => one.index === index).map(({ byMs }) => byMs));
}

/** The same event with the timestamp that a host with a wrong clock writes. */
export function shiftClock<E extends { readonly hostname: string; readonly at: number }>(
  event: E,
  clocks: Readonly<Record<string, number>>,
): E {
  const host = event.hostname.split('@')[1] ?? '';
  return { ...event, at: event.at + (clocks[host] ?? 0) };
}
