/** A receiver of notifications: a Slack channel, a webhook. Each has ledgers, retries and outages of its own. */
import type { DeliveryResult } from '../alert/outbox/claims.ts';
import type { SupportedActions } from '../alert/outbox/ledger.ts';
import type { Notification } from '../alert/outbox/notification.ts';
import type { DeliveryRef, ReceiverName } from '../alert/receipts.ts';
import type { Millis } from '../event/ids.ts';

/**
 * Methods resolve with an outcome. If one rejects, that is a bug, and the outcome counts as unknown. No method repeats a request
 * by itself: the delivery loop does, within the lease of a claim.
 */
export interface Receiver {
  /** Label of its metrics and log lines, and part of its ledgers' keys. */
  readonly name: ReceiverName;
  readonly supports: SupportedActions;
  /** Delivers a message that is new to the receiver. */
  deliver(notification: Notification, limits: DeliveryLimits): Promise<DeliveryResult>;
  /** Replaces the content of the root message `ref`. Safe to repeat. */
  edit(notification: Notification, ref: DeliveryRef, limits: DeliveryLimits): Promise<DeliveryResult>;
  /** Finds out whether an earlier attempt with an unknown outcome delivered the notification. */
  reconcile(notification: Notification, limits: DeliveryLimits): Promise<Reconciliation>;
  /** Removes a root message that was delivered twice. Absent: the receiver cannot. */
  retract?(ref: DeliveryRef): Promise<void>;
}

export interface DeliveryLimits {
  /** The last moment at which a request may start; after it the claim may belong to another instance. */
  readonly startBy: Millis;
  /** True if an earlier attempt may have delivered the message and the receiver cannot find out. */
  readonly mayRepeat?: boolean;
}

export type Reconciliation =
  | { readonly kind: 'found'; readonly ref: DeliveryRef }
  | { readonly kind: 'absent' }
  /** No attempt will find out, so the notification is delivered again with `mayRepeat`. */
  | { readonly kind: 'impossible' }
  /** Not found out this time. Nothing was delivered, and the earlier attempt stays unknown. */
  | { readonly kind: 'failed'; readonly result: Extract<DeliveryResult, { outcome: 'not-delivered' }> };

/** One attempt: an edit, or a delivery that first looks for the message of an earlier attempt. */
export async function attemptDelivery(
  receiver: Receiver,
  notification: Notification,
  limits: DeliveryLimits,
): Promise<DeliveryResult> {
  const { action, ref, mayBeThereSince } = notification;
  if (action === 'edit' && ref !== undefined) return receiver.edit(notification, ref, limits);
  if (mayBeThereSince === undefined) return receiver.deliver(notification, limits);
  const earlier = await receiver.reconcile(notification, limits);
  switch (earlier.kind) {
    case 'found':
      return { outcome: 'found', ref: earlier.ref };
    case 'failed':
      return earlier.result;
    case 'absent':
      return receiver.deliver(notification, limits);
    case 'impossible':
      return receiver.deliver(notification, { ...limits, mayRepeat: true });
    default:
      return earlier satisfies never;
  }
}
