/**
 * How far a subscriber reads behind the server. Redis drops a subscriber that reads too slowly, with everything that it had
 * buffered, so events are missing since the last message that was sent and not since the last one that was read. Two facts
 * show the difference: this process did not run for a while, or the last message is older than messages of its host usually
 * are. Message and host clock may differ, so only the change of their difference counts.
 */
import type { Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';

/** Sender of a message and its time of sending, by the clock of the sender. */
export interface Sending {
  readonly hostname: string;
  readonly at: Millis;
}

export interface ReadLagOptions {
  /** Undefined for a message without a readable sender or time. */
  readonly sendingOf: (payload: string) => Sending | undefined;
  readonly now: Millis;
}

/** The interval between two calls of `tick`. */
export const tickEveryMs = 1_000;
/** A tick that comes later than this shows that the process did not run: it was starved, stopped, or busy. */
const pauseMinMs = 2_500;
/** After a pause the server has this long to show that it dropped the connection. */
const pauseKeptMs = 10_000;
/** A smaller lag is the usual delay of a busy process. */
const lagMinMs = 2_000;
const hostsMax = 1_000;
/** A clock that is set makes messages look late until the delays of this period are forgotten. */
const periodMs = 10 * 60_000;

export interface ReadUntil {
  /** Everything that was sent before this time was read. */
  readonly at: Millis;
  /** True if this process read too slowly. */
  readonly isLate: boolean;
}

interface Pause {
  readonly from: Millis;
  readonly to: Millis;
}

export class ReadLag {
  readonly #sendingOf: ReadLagOptions['sendingOf'];
  #tickAt: Millis;
  #pause: Pause | undefined;
  #last: { readonly payload: string; readonly receivedAt: Millis } | undefined;
  /** Shortest time from sending to receipt of each host, in this period and the one before it. */
  #delays = new BoundedMap<string, Millis>({ itemsMax: hostsMax });
  #delaysBefore = new BoundedMap<string, Millis>({ itemsMax: hostsMax });
  #periodAt: Millis;

  constructor({ sendingOf, now }: ReadLagOptions) {
    this.#sendingOf = sendingOf;
    this.#tickAt = now;
    this.#periodAt = now;
  }

  /** Records the latest message; its sender is read only when it is needed. */
  noteMessage(message: { readonly payload: string; readonly receivedAt: Millis }): void {
    this.#last = message;
  }

  /** To be called every `tickEveryMs`. Returns the present lag if it is long, undefined otherwise. */
  tick(now: Millis): Millis | undefined {
    this.#pause = this.#pauseAt(now);
    this.#tickAt = now;
    if (now - this.#periodAt >= periodMs) {
      this.#delaysBefore = this.#delays;
      this.#delays = new BoundedMap({ itemsMax: hostsMax });
      this.#periodAt = now;
    }
    const last = this.#last;
    if (last === undefined || now - last.receivedAt > tickEveryMs) return undefined;
    const sending = this.#sendingOf(last.payload);
    if (sending === undefined) return undefined;
    const { hostname, at } = sending;
    const delayMs = last.receivedAt - at;
    const lagMs = delayMs - (this.#shortestDelayOf(hostname) ?? delayMs);
    this.#delays.set(hostname, Math.min(this.#delays.get(hostname) ?? delayMs, delayMs));
    return lagMs > lagMinMs ? lagMs : undefined;
  }

  /** `lastReceivedAt`: time of the last bytes of the connection that was closed at `now`. */
  readUntil(lastReceivedAt: Millis, now: Millis): ReadUntil {
    const pause = this.#pauseAt(now);
    if (pause !== undefined && lastReceivedAt <= pause.from) return { at: lastReceivedAt, isLate: true };
    const sentAt = this.#lastSentAt(pause);
    if (pause !== undefined) {
      const at = sentAt === undefined ? pause.from : Math.max(pause.from, Math.min(sentAt, lastReceivedAt));
      return { at, isLate: true };
    }
    const lagMs = sentAt === undefined ? 0 : (this.#last?.receivedAt ?? 0) - sentAt;
    return lagMs > lagMinMs ? { at: lastReceivedAt - lagMs, isLate: true } : { at: lastReceivedAt, isLate: false };
  }

  #pauseAt(now: Millis): Pause | undefined {
    if (now - this.#tickAt > pauseMinMs) return { from: this.#tickAt, to: now };
    return this.#pause !== undefined && now - this.#pause.to <= pauseKeptMs ? this.#pause : undefined;
  }

  /** Time of sending of the last message by this process's clock; undefined if it is unknown or from before the pause. */
  #lastSentAt(pause: Pause | undefined): Millis | undefined {
    const last = this.#last;
    if (last === undefined || last.receivedAt < (pause?.from ?? 0)) return undefined;
    const sending = this.#sendingOf(last.payload);
    const delayMs = sending && this.#shortestDelayOf(sending.hostname);
    return sending === undefined || delayMs === undefined ? undefined : sending.at + delayMs;
  }

  #shortestDelayOf(hostname: string): Millis | undefined {
    const [delay, before] = [this.#delays.get(hostname), this.#delaysBefore.get(hostname)];
    return delay === undefined || before === undefined ? (delay ?? before) : Math.min(delay, before);
  }
}
