/** Order of retries after an outage of a receiver: in each channel, less severe messages wait a little for more severe ones. */
import type { Millis } from '../../event/ids.ts';
import type { Severity } from '../policy.ts';
import type { Postable } from './ledger.ts';

export interface RetryPriority {
  /** The message has failed and waits for its next attempt. */
  wait(about: Postable): void;
  /** True if a more severe message goes before this one, which has been due for `dueMs`. */
  mustWait(about: Postable, dueMs: Millis): boolean;
}

/**
 * The longest back-off of a severe message (notify/deliveries.ts) and a tick. A message that cannot be posted at all delays the
 * others no longer than this.
 */
const patienceMs = 16_000;
const order: Readonly<Record<Severity, number>> = { critical: 0, high: 1, normal: 2 };
const bulletinOrder = 3;

/** For one pass over the pending messages, the most severe first. */
export function createRetryPriority(): RetryPriority {
  const waitingOrder = new Map<string, number>();
  return {
    wait(about) {
      const channel = channelOf(about);
      waitingOrder.set(channel, Math.min(waitingOrder.get(channel) ?? Number.POSITIVE_INFINITY, orderOf(about)));
    },
    mustWait(about, dueMs) {
      return dueMs < patienceMs && (waitingOrder.get(channelOf(about)) ?? Number.POSITIVE_INFINITY) < orderOf(about);
    },
  };
}

function channelOf(about: Postable): string {
  return about.kind === 'incident' ? about.incident.channel : about.bulletin.channel;
}

function orderOf(about: Postable): number {
  return about.kind === 'incident' ? order[about.incident.severity] : bulletinOrder;
}
