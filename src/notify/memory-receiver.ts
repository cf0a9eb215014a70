/**
 * A receiver without a network, for replay, the demo and tests: every message as the last delivery left it.
 *
 * Exports: createMemoryReceiver, ShownMessage.
 */
import type { MessageRef } from '../alert/incident.ts';
import type { Notification } from '../alert/outbox/notification.ts';
import type { Millis } from '../event/ids.ts';
import type { Deliver } from './deliveries.ts';

/** A message as the last delivery left it. */
export interface MemoryMessage {
  readonly ref: MessageRef;
  readonly notification: Notification;
  /** The clock at the first delivery and at the last one. */
  readonly postedAt: Millis;
  readonly editedAt: Millis;
}

/** A receiver without a network, for replay and the demo: takes everything at once and keeps the latest `keepMax`. */
export function createMemoryReceiver(
  clock: { readonly now: () => Millis },
  keepMax = 10_000,
): { readonly deliver: Deliver; readonly messages: () => MemoryMessage[] } {
  const messages = new Map<string, MemoryMessage>();
  let posts = 0;
  return {
    async deliver(notification) {
      const now = clock.now();
      const before = messages.get(notification.id);
      posts += before === undefined ? 1 : 0;
      const ref = before?.ref ?? {
        channel: notification.channel,
        ts: `${Math.floor(now / 1000)}.${`${posts}`.padStart(6, '0')}`,
      };
      messages.set(notification.id, { ref, notification, postedAt: before?.postedAt ?? now, editedAt: now });
      const oldest = messages.size > keepMax ? messages.keys().next().value : undefined;
      if (oldest !== undefined) messages.delete(oldest);
      return { outcome: 'delivered', ref };
    },
    messages: () => [...messages.values()],
  };
}
