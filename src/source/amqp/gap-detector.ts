/**
 * Turns deliveries into messages and reports gaps, each before the first message after it. Keeps state across connections:
 * the latest event, the time of the last disconnect, and whether the queue was created anew.
 */
import type { ConsumeMessage } from 'amqplib';
import type { Millis } from '../../event/ids.ts';
import type { Report } from '../../report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { GapCause, Message, Outlet } from '../source.ts';
import type { AmqpDelivery } from './consumer.ts';
import type { QueueLimits } from './queue.ts';
import { advanceProgress, type DeliveredSlice, type QueueProgress } from './queue-loss.ts';

/** Reads the deliveries of one broker system. Each function must be cheap: it runs for every delivery. */
export interface DeliveryReader {
  /** Node name of the sender, if the headers name it. */
  senderOf(delivery: ConsumeMessage): string | undefined;
  messageOf(delivery: ConsumeMessage, source: string, receivedAt: Millis): Message;
  /** Time at which the message was sent, on the sender's clock. */
  sentAtOf(message: Message): Millis | undefined;
  /** Interval of the sender's heartbeats, if the message is one. */
  heartbeatMsOf(delivery: ConsumeMessage, message: Message): Millis | undefined;
}

export interface AmqpGapDetectorOptions {
  readonly name: string;
  readonly reader: DeliveryReader;
  readonly isShared: boolean;
  readonly limits: QueueLimits;
  readonly clock: Pick<Clock, 'now'>;
  readonly report: Report;
  /** Filter on the sender that runs first. A refused message is counted and dropped. */
  readonly accepts?: ((hostname: string) => boolean) | undefined;
}

/** TCP and AMQP notice a dead connection after three of the connection's own heartbeats. */
const unnoticedMsMax = 30_000;

export class AmqpGapDetector {
  readonly #options: AmqpGapDetectorOptions;
  #progress: QueueProgress | undefined;
  /** Time of the first connection. */
  #listeningSince: Millis | undefined;
  #lostAt: Millis | undefined;
  /** True if this consumer received something over the present or the last connection. */
  #wasActive = false;
  /** True until the first slice of the present connection. */
  #isResumed = false;
  #isQueueLost = false;
  /** The queue did not exist before the first connection. */
  #isQueueNew = false;

  constructor(options: AmqpGapDetectorOptions) {
    this.#options = options;
  }

  /** The queue, or its binding, did not exist and was created. */
  queueCreated(): void {
    this.#isQueueLost = this.#listeningSince !== undefined;
    this.#isQueueNew ||= this.#listeningSince === undefined;
  }

  /** Time before the first connection whose messages the queue kept. */
  keptMs(): Millis {
    return this.#isQueueNew ? 0 : this.#options.limits.ttlMs;
  }

  connected(outlet: Outlet): void {
    const { name, clock, report } = this.#options;
    const at = clock.now();
    report({ kind: 'source-connected', source: name });
    outlet.connected(true, at);
    this.#reportLostQueue(outlet, at);
    this.#isQueueLost = false;
    this.#listeningSince ??= at;
    this.#wasActive = false;
    this.#isResumed = true;
  }

  deliver(slice: readonly AmqpDelivery[], outlet: Outlet): void {
    this.#wasActive = true;
    const accepted = this.#accept(slice);
    const delivered = sliceOf(accepted);
    if (delivered !== undefined) {
      const { next, lost } = advanceProgress(this.#progress, delivered, this.#isResumed);
      if (lost !== undefined) this.#reportGap(outlet, lost.from, lost.to, this.#lossCause());
      this.#progress = next;
      this.#isResumed = false;
    }
    for (const { message } of accepted) outlet.message(message);
  }

  disconnected(outlet: Outlet): void {
    this.#lostAt = this.#options.clock.now();
    outlet.connected(false, this.#lostAt);
  }

  #reportLostQueue(outlet: Outlet, at: Millis): void {
    const { ttlMs } = this.#options.limits;
    const progress = this.#progress;
    if (this.#isQueueLost && this.#listeningSince !== undefined) {
      this.#reportGap(outlet, this.#completeUntil(this.#listeningSince, this.#lostAt ?? at), at, 'queue-lost');
      this.#progress = undefined;
    } else if (this.#lostAt !== undefined && progress !== undefined && at - this.#lostAt > ttlMs) {
      // Messages older than the time to live have expired, if there were any.
      const to = at - ttlMs;
      this.#reportGap(outlet, progress.until, to, this.#lossCause());
      this.#progress = { ...progress, until: Math.max(progress.until, to) };
    }
  }

  /** Time until which no event can have been lost with the queue. */
  #completeUntil(listeningSince: Millis, lostAt: Millis): Millis {
    // A waiting consumer of a shared queue received nothing, because another one did.
    if (this.#options.isShared && !this.#wasActive) return lostAt;
    if (this.#progress === undefined) return listeningSince;
    const { until, isBehind } = this.#progress;
    return isBehind ? until : Math.max(until, lostAt - unnoticedMsMax);
  }

  /** In a shared queue, messages that another consumer took cannot be distinguished from lost ones. */
  #lossCause(): GapCause {
    return this.#options.isShared ? 'hand-over' : 'queue-lost';
  }

  #reportGap(outlet: Outlet, from: Millis, to: Millis, cause: GapCause): void {
    if (to > from) outlet.gap({ source: this.#options.name, from, to, cause });
  }

  #accept(slice: readonly AmqpDelivery[]): readonly Accepted[] {
    const { name, reader, accepts, report } = this.#options;
    const accepted: Accepted[] = [];
    let foreignCount = 0;
    for (const { message: delivery, receivedAt } of slice) {
      const sender = reader.senderOf(delivery);
      if (sender !== undefined && accepts?.(sender) === false) {
        foreignCount += 1;
        continue;
      }
      const message = reader.messageOf(delivery, name, receivedAt);
      const sentAt = reader.sentAtOf(message);
      accepted.push({ message, sentAt, heartbeatMs: reader.heartbeatMsOf(delivery, message) });
    }
    if (foreignCount > 0) report({ kind: 'foreign-messages', source: name, count: foreignCount });
    return accepted;
  }
}

interface Accepted {
  readonly message: Message;
  readonly sentAt: Millis | undefined;
  readonly heartbeatMs: Millis | undefined;
}

/** Times of the messages that state when they were sent; undefined if none does. */
function sliceOf(messages: readonly Accepted[]): DeliveredSlice | undefined {
  let slice: DeliveredSlice | undefined;
  for (const { message, sentAt, heartbeatMs } of messages) {
    if (sentAt === undefined) continue;
    const { receivedAt } = message;
    // A sender whose clock is ahead must not make later messages look old.
    const at = Math.min(sentAt, receivedAt);
    slice = {
      earliestAt: Math.min(at, slice?.earliestAt ?? at),
      latestAt: Math.max(at, slice?.latestAt ?? at),
      heartbeat: heartbeatMs === undefined ? slice?.heartbeat : { at, everyMs: heartbeatMs },
      receivedAt,
    };
  }
  return slice;
}
