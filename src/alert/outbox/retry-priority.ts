/** After an outage of the receiver what is worse goes first, in each channel: the lesser waits a little for its next try. */

import type { Millis } from '../../event/ids.ts';
import type { Severity } from '../policy.ts';
import type { Postable } from './ledger.ts';

export interface RetryPriority {
  /** It has failed and waits for its next try. */
  wait(about: Postable): void;
  /** Whether something worse is to go before this one, whose own time came `dueMs` ago. */
  isBefore(about: Postable, dueMs: Millis): boolean;
}

/** The longest back-off of what is worse (alert-deliveries.ts) and a tick. One that cannot be posted at all holds up nobody for longer. */
const patienceMs = 16_000;
const order: Readonly<Record<Severity, number>> = { critical: 0, high: 1, normal: 2 };

/** For one round over what is owed, the worst first. */
export function createRetryPriority(): RetryPriority {
  const worst = new Map<string, number>();
  return {
    wait(about) {
      const channel = channelOf(about);
      worst.set(channel, Math.min(worst.get(channel) ?? Number.POSITIVE_INFINITY, orderOf(about)));
    },
    isBefore(about, dueMs) {
      return dueMs < patienceMs && (worst.get(channelOf(about)) ?? Number.POSITIVE_INFINITY) < orderOf(about);
    },
  };
}

function channelOf(about: Postable): string {
  return about.kind === 'incident' ? about.incident.channel : about.bulletin.channel;
}

function orderOf(about: Postable): number {
  return about.kind === 'incident' ? order[about.incident.severity] : 3;
}
