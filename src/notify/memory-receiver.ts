/**
 * A receiver without a network, for the status page, replays and the demo: accepts everything at once and keeps the latest
 * messages, each as the last delivery left it.
 */
import type { NextAction } from '../alert/outbox/ledger.ts';
import type { Notification } from '../alert/outbox/notification.ts';
import type { DeliveryRef } from '../alert/receipts.ts';
import type { Millis } from '../event/ids.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import type { Receiver } from './receiver.ts';

export interface MemoryMessage {
  readonly ref: DeliveryRef;
  readonly notification: Notification;
  /** The clock at the first and at the last delivery. */
  readonly postedAt: Millis;
  readonly editedAt: Millis;
}

export interface MemoryReceiver extends Receiver {
  messages(): MemoryMessage[];
}

export interface MemoryReceiverOptions {
  readonly clock: { readonly now: () => Millis };
  /** Called for each delivery and edit, before it is kept. */
  readonly onDelivered?: (notification: Notification, now: Millis) => void;
}

const messagesMax = 10_000;
const supports: ReadonlySet<NextAction> = new Set(['post', 'edit', 'line', 'reminder', 'link'] as const);

export function createMemoryReceiver({ clock, onDelivered }: MemoryReceiverOptions): MemoryReceiver {
  const messages = new BoundedMap<string, MemoryMessage>({ itemsMax: messagesMax });

  async function deliver(notification: Notification) {
    const now = clock.now();
    onDelivered?.(notification, now);
    const { id } = notification;
    const before = messages.get(id);
    messages.set(id, { ref: id, notification, postedAt: before?.postedAt ?? now, editedAt: now });
    return { outcome: 'delivered', ref: id } as const;
  }

  return {
    name: 'page',
    supports,
    deliver,
    edit: deliver,
    reconcile: async ({ id }) => (messages.has(id) ? { kind: 'found', ref: id } : { kind: 'absent' }),
    messages: () => [...messages.values()],
  };
}
