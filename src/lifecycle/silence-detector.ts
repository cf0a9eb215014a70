/**
 * Detects a gap that no connection reports: several workers were alive and none of them sends an event. They are unlikely to
 * die at the same moment; more likely their events do not arrive, and then the silence of a worker is no evidence.
 */
import type { Millis } from '../event/ids.ts';
import type { Event } from '../event/task-event.ts';
import type { Redacted } from '../event/untrusted.ts';
import { Heartbeats } from './heartbeats.ts';

/** Two workers may well die together; three or more hardly do. */
const workersMin = 3;
const silenceMinMs = 20_000;
const heartbeatsMissed = 2.5;

/** From the last event before the silence to the first one after it. */
export interface SilentInterval {
  readonly from: Millis;
  readonly to: Millis;
}

export class SilenceDetector {
  readonly #heartbeats = new Heartbeats();
  #lastEventAt: Millis | undefined;
  #silentSince: Millis | undefined;

  /** Returns the silent interval that this event ends, if there was one. */
  noteEvent(event: Event<Redacted>): SilentInterval | undefined {
    if (event.type === 'task-result') return undefined;
    const at = event.receivedAt;
    this.#heartbeats.note(event);
    this.#lastEventAt = Math.max(this.#lastEventAt ?? at, at);
    const from = this.#silentSince;
    this.#silentSince = undefined;
    return from === undefined ? undefined : { from, to: at };
  }

  /** True while all workers are silent for longer than their heartbeats explain. */
  isSilent(now: Millis): boolean {
    if (this.#lastEventAt === undefined || this.#heartbeats.count < workersMin) return false;
    const limit = Math.max(silenceMinMs, heartbeatsMissed * (this.#heartbeats.slowestMs() ?? 0));
    if (now - this.#lastEventAt > limit) this.#silentSince ??= this.#lastEventAt;
    return this.#silentSince !== undefined;
  }
}
