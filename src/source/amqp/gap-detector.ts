/**
 * What the source knows across its connections: what it heard, since when it was away, and so what it must have missed.
 * Hands deliveries on as messages, and tells a gap before the first message behind it.
 */
import type { Millis } from '../../event/ids.ts';
import type { Report } from '../../report.ts';
import { heartbeatMsOf, messageOf, saidAt, senderOf } from '../kombu/amqp-message.ts';
import type { GapCause, Message, Outlet } from '../source.ts';
import type { AmqpDelivery } from './consumer.ts';
import type { QueueLimits } from './queue.ts';
import { type Heard, hear, type Passage } from './queue-loss.ts';

export interface AmqpGapDetectorOptions {
  readonly name: string;
  readonly isShared: boolean;
  readonly limits: QueueLimits;
  readonly now: () => Millis;
  readonly report: Report;
  /** Asked with the sender of a message before anything else; what it refuses is counted and goes no further. */
  readonly accepts?: (hostname: string) => boolean;
}

export interface AmqpGapDetector {
  /** The queue, or what it is bound to, was not there and had to be made. */
  queueMade(): void;
  connected(outlet: Outlet): void;
  handOn(slice: readonly AmqpDelivery[], outlet: Outlet): void;
  disconnected(outlet: Outlet): void;
}

/** A connection that is dead on the way is found out after three heartbeats of its own. */
const unnoticedMsMax = 30_000;

export function createAmqpGapDetector(options: AmqpGapDetectorOptions): AmqpGapDetector {
  const { name, isShared, limits, now, report } = options;
  let heard: Heard | undefined;
  /** Undefined before the first connection. */
  let listeningSince: Millis | undefined;
  let lostAt: Millis | undefined;
  /** Over the present or the last connection something came: among several consumers, this one worked. */
  let hasWorked = false;
  /** Nothing came over the present connection so far. */
  let isResumed = false;
  let isQueueLost = false;

  /** Up to when nothing can have been lost with the queue. */
  function knownUntil(since: Millis, lost: Millis): Millis {
    // A consumer that waited heard nothing, because another one did.
    if (isShared && !hasWorked) return lost;
    if (heard === undefined) return since;
    return heard.isBehind ? heard.until : Math.max(heard.until, lost - unnoticedMsMax);
  }

  function gap(outlet: Outlet, from: Millis, to: Millis, cause: GapCause): void {
    if (to > from) outlet.gap({ source: name, from, to, cause });
  }

  return {
    queueMade() {
      isQueueLost = listeningSince !== undefined;
    },
    connected(outlet) {
      const at = now();
      report({ kind: 'source-connected', source: name });
      outlet.connected(true, at);
      if (isQueueLost && listeningSince !== undefined) {
        gap(outlet, knownUntil(listeningSince, lostAt ?? at), at, 'queue-lost');
        heard = undefined;
      } else if (lostAt !== undefined && heard !== undefined && at - lostAt > limits.ttlMs) {
        // What was older when we came back has expired, if there was any. Another consumer may have had it.
        const to = at - limits.ttlMs;
        gap(outlet, heard.until, to, isShared ? 'hand-over' : 'queue-lost');
        heard = { ...heard, until: Math.max(heard.until, to) };
      }
      isQueueLost = false;
      listeningSince ??= at;
      hasWorked = false;
      isResumed = true;
    },
    handOn(slice, outlet) {
      hasWorked = true;
      const messages = accepted(slice, options);
      const passage = passageOf(messages);
      if (passage !== undefined) {
        const { next, lost } = hear(heard, passage, isResumed);
        // What another consumer took while this one waited looks the same from here.
        if (lost !== undefined) gap(outlet, lost.from, lost.to, isShared ? 'hand-over' : 'queue-lost');
        heard = next;
        isResumed = false;
      }
      for (const { message } of messages) outlet.message(message);
    },
    disconnected(outlet) {
      lostAt = now();
      outlet.connected(false, lostAt);
    },
  };
}

interface Accepted {
  readonly message: Message;
  readonly isHeartbeat: boolean;
}

function accepted(
  slice: readonly AmqpDelivery[],
  { name, accepts, report }: AmqpGapDetectorOptions,
): readonly Accepted[] {
  const taken: Accepted[] = [];
  let refused = 0;
  for (const { message, receivedAt } of slice) {
    const sender = senderOf(message);
    if (sender !== undefined && accepts?.(sender) === false) {
      refused += 1;
      continue;
    }
    const isHeartbeat = message.fields.routingKey === 'worker.heartbeat';
    taken.push({ message: messageOf(message, name, receivedAt), isHeartbeat });
  }
  if (refused > 0) report({ kind: 'foreign-messages', source: name, count: refused });
  return taken;
}

/** Every two seconds, unless the worker says otherwise. */
const heartbeatMsDefault = 2_000;

/** When the messages were sent, as far as they tell. */
export function passageOf(messages: readonly Accepted[]): Passage | undefined {
  let passage: Passage | undefined;
  for (const { message, isHeartbeat } of messages) {
    const said = message.form === 'event-body' ? saidAt(message.payload) : undefined;
    if (said === undefined) continue;
    const { payload, receivedAt } = message;
    // A sender whose clock is ahead must not make what follows look old.
    const at = Math.min(said, receivedAt);
    passage = {
      earliestAt: Math.min(at, passage?.earliestAt ?? at),
      latestAt: Math.max(at, passage?.latestAt ?? at),
      heartbeat: isHeartbeat ? { at, everyMs: heartbeatMsOf(payload) ?? heartbeatMsDefault } : passage?.heartbeat,
      receivedAt,
    };
  }
  return passage;
}
