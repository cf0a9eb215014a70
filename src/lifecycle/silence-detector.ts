/**
 * Deafness that no connection tells of: several workers were alive, and not one of them is heard. They will not have died all
 * at once; more likely their events do not reach us, and then nobody's silence means anything.
 */
import type { Hostname, Millis } from '../event/ids.ts';
import type { Event } from '../event/task-event.ts';
import type { Redacted } from '../event/untrusted.ts';

/** Two workers may die together; of more somebody is left. */
export const workersMin = 3;
export const deafAfterLeastMs = 20_000;
const heartbeatsMissed = 2.5;
const workersMax = 10_000;

export interface SilentInterval {
  readonly from: Millis;
  readonly to: Millis;
}

export class SilenceDetector {
  /** The heartbeats of the workers that are there. */
  readonly #heartbeats = new Map<Hostname, Millis>();
  #lastAt: Millis | undefined;
  #deafSince: Millis | undefined;

  /** Answers the time of deafness that this event ends, if it ends one. */
  noteEvent(event: Event<Redacted>): SilentInterval | undefined {
    if (event.type === 'task-result') return undefined;
    const { hostname, receivedAt: at } = event;
    if (event.type === 'worker-offline') this.#heartbeats.delete(hostname);
    else if ('heartbeatMs' in event) this.#heartbeats.set(hostname, event.heartbeatMs);
    if (this.#heartbeats.size > workersMax) this.#heartbeats.clear();
    this.#lastAt = Math.max(this.#lastAt ?? at, at);
    const from = this.#deafSince;
    this.#deafSince = undefined;
    return from === undefined ? undefined : { from, to: at };
  }

  /** Whether we seem to be deaf at `now`. */
  isSilent(now: Millis): boolean {
    if (this.#lastAt === undefined || this.#heartbeats.size < workersMin) return false;
    const limit = Math.max(deafAfterLeastMs, heartbeatsMissed * Math.max(...this.#heartbeats.values()));
    if (now - this.#lastAt > limit) this.#deafSince ??= this.#lastAt;
    return this.#deafSince !== undefined;
  }
}
