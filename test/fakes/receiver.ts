/** Receivers for tests. */
import type { DeliveryResult } from '../../src/alert/outbox/claims.ts';
import type { NextAction } from '../../src/alert/outbox/ledger.ts';
import type { Notification } from '../../src/alert/outbox/notification.ts';
import type { DeliveryLimits, Receiver } from '../../src/notify/receiver.ts';

export const allActions: ReadonlySet<NextAction> = new Set(['post', 'edit', 'line', 'reminder', 'link'] as const);

/** A receiver whose every attempt, new message or edit, is `deliver`. It finds no message of an earlier attempt. */
export function receiverOf(
  deliver: (notification: Notification, limits: DeliveryLimits) => Promise<DeliveryResult>,
  facts: Partial<Receiver> = {},
): Receiver {
  return {
    name: 'slack',
    supports: allActions,
    deliver,
    edit: (notification, _ref, limits) => deliver(notification, limits),
    reconcile: async () => ({ kind: 'absent' }),
    ...facts,
  };
}
