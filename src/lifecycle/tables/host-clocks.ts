/**
 * The offset of each host's clock from ours, estimated from events: every event has the time at which it was sent, by the
 * sender's clock, and the time of its receipt by ours. Their difference is the offset minus the delay of the event, and a
 * delay is never negative, so the largest difference in a sliding window is the estimate. The window forgets, because
 * a clock can be set back.
 *
 * - All nodes and producers of one host share its clock: `mail@web-1` and `gen4711@web-1` are one host.
 * - An event that seems to arrive before it was sent proves a clock that is ahead. An event that seems to be late may
 *   have been delayed, so a clock counts as behind only after several events, received over some seconds.
 */
import type { Hostname, Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';

/** The estimate is the largest difference of the last one to two windows. */
const windowMs = 20_000;
/** Smaller offsets read as 0: times are not corrected without need. */
const aheadMinMs = 100;
/** A clock that is behind looks like a delay, so this is longer than the shortest delay of 20 s is on a busy host. */
const behindMinMs = 300;
/** A clock is behind after this many events, received over this long. A burst after a pause of ours proves nothing. */
const behindEventsMin = 3;
const behindSpanMs = 4_000;
const hostsMax = 10_000;

interface HostClock {
  /** The largest difference (sent minus received) in this window and in the one before. */
  current: Millis;
  previous: Millis;
  /** Receipt of the first event of this window and of all windows. */
  windowAt: Millis;
  firstAt: Millis;
  lastAt: Millis;
  events: number;
}

export class HostClocks {
  readonly #byHost = new BoundedMap<string, HostClock>({ itemsMax: hostsMax });
  /** The same clocks by node name, so that an event of a known node costs one lookup. */
  readonly #byNode = new BoundedMap<Hostname, HostClock>({ itemsMax: hostsMax });

  /** Takes an event of a node that was sent at `at` by its host's clock and received at `receivedAt` by ours. */
  note(hostname: Hostname, at: Millis, receivedAt: Millis): void {
    const difference = at - receivedAt;
    const clock = this.#byNode.get(hostname) ?? this.#add(hostname, difference, receivedAt);
    clock.events += 1;
    clock.lastAt = receivedAt;
    if (receivedAt - clock.windowAt >= windowMs) {
      // Also after a pause of any length, because the first event after it may be a delayed one.
      clock.previous = clock.current;
      clock.current = difference;
      clock.windowAt = receivedAt;
    } else if (difference > clock.current) {
      clock.current = difference;
    }
  }

  /**
   * The host's clock minus ours in ms: positive for a clock that is ahead, 0 for an unknown host and for a small
   * difference. A time of the host minus its offset is that time by our clock.
   */
  offsetOf(hostname: Hostname): Millis {
    const clock = this.#byNode.get(hostname) ?? this.#byHost.get(hostOf(hostname));
    if (clock === undefined) return 0;
    const offset = Math.max(clock.current, clock.previous);
    if (offset >= aheadMinMs) return offset;
    const isSure = clock.events >= behindEventsMin && clock.lastAt - clock.firstAt >= behindSpanMs;
    return isSure && offset <= -behindMinMs ? offset : 0;
  }

  #add(hostname: Hostname, difference: Millis, at: Millis): HostClock {
    const clock = this.#byHost.getOrAdd(hostOf(hostname), () => ({
      current: difference,
      previous: Number.NEGATIVE_INFINITY,
      windowAt: at,
      firstAt: at,
      lastAt: at,
      events: 0,
    }));
    this.#byNode.set(hostname, clock);
    return clock;
  }
}

/** `mail@web-1` → `web-1`. */
function hostOf(hostname: Hostname): string {
  return hostname.slice(hostname.indexOf('@') + 1);
}
