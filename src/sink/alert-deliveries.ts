/**
 * Claimed deliveries on their way: hands each to the receiver in the background and books how it ended. An outcome that
 * the store does not take is kept and booked later; if it is lost, the claim runs out and the next one looks for the
 * message.
 *
 * Exports: createAlertDeliveries, AlertDeliveries, Deliver, backOff, nameOf.
 */
import type { MessageRef } from '../alert/incident.ts';
import type { Notification } from '../alert/notification.ts';
import { type Delivery, leaseMs, type Sending, settleDelivery, type Verdict } from '../alert/outbox.ts';
import type { GroupKey } from '../alert/rule.ts';
import type { Millis } from '../event/ids.ts';
import type { Report } from '../report.ts';
import type { Change } from '../store/store.ts';

/**
 * Shows one notification. `startBy` (the sink's clock) is the last moment at which a request that posts may begin;
 * after it the claim may be somebody else's. Answers with an outcome; should it throw, the outcome is unknown.
 */
export type Deliver = (notification: Notification, limits: { readonly startBy: Millis }) => Promise<Delivery>;

export interface AlertDeliveriesOptions {
  /** Updates the store; `onBug` is the answer when the change itself fails. */
  readonly update: <Answer>(key: GroupKey, change: Change<Answer>, onBug: Answer) => Promise<Answer>;
  readonly deliver: Deliver;
  /** Removes a message that turned out to be posted twice. */
  readonly retract: ((message: MessageRef) => Promise<void>) | undefined;
  readonly random: () => number;
  readonly report: Report;
}

export interface AlertDeliveries {
  hasRoom(): boolean;
  /** `startedAt`: the sink's clock before the claim was made, so that a claim never ends later than we believe. */
  begin(key: GroupKey, sending: Sending, startedAt: Millis): void;
  /** Books the outcomes that the store did not take; rejects with the store's error when it still does not. */
  settleAgain(): Promise<void>;
  unsettledCount(): number;
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>;
}

/** Slack takes about one message a second and channel; more at once would wait inside the client, past their claim. */
const deliveriesMax = 4;
const unsettledMax = 100;
const retryMinMs = 1_000;
const retryMaxMs = 60_000;
/** After an unknown outcome, so that the channel's history has caught up when somebody looks. */
const lookAfterMs = 2_000;

interface Settlement {
  readonly key: GroupKey;
  readonly sending: Sending;
  readonly delivery: Delivery;
}

export function createAlertDeliveries(options: AlertDeliveriesOptions): AlertDeliveries {
  const { report } = options;
  const inFlight = new Set<Promise<void>>();
  let unsettled: Settlement[] = [];

  async function deliverOne(key: GroupKey, sending: Sending, startedAt: Millis): Promise<void> {
    // Half of the lease for finding out, half for the request itself.
    const startBy = startedAt + leaseMs / 2;
    const delivery = await options.deliver(sending.notification, { startBy }).catch((error: unknown): Delivery => {
      report({ kind: 'bug', where: 'alerts.deliver', error });
      return { outcome: 'unknown', reason: 'bug', retryInMs: undefined };
    });
    tell(delivery);
    const settlement = { key, sending, delivery };
    await settle(settlement).catch(() => {
      if (unsettled.length < unsettledMax) unsettled.push(settlement);
      else report({ kind: 'items-dropped', queue: 'alerts', reason: 'outcome-not-stored', count: 1 });
    });
  }

  function tell(delivery: Delivery): void {
    if (delivery.outcome === 'delivered' || delivery.outcome === 'found') {
      report({ kind: 'delivered', sink: 'slack', count: 1 });
      return;
    }
    const willRetry = delivery.outcome !== 'gone';
    report({ kind: 'delivery-failed', sink: 'slack', reason: delivery.reason, count: 1, willRetry });
  }

  async function settle({ key, sending, delivery }: Settlement): Promise<void> {
    const retryInMs = retryAfter(sending, delivery, options.random);
    const book: Change<Verdict> = (state, now) => {
      const { next, verdict } = settleDelivery(state, sending, delivery, { now, retryInMs });
      return { next, answer: verdict };
    };
    const verdict = await options.update(key, book, 'stale');
    if (verdict === 'duplicate' && 'ref' in delivery) await retract(delivery.ref);
  }

  async function retract(message: MessageRef): Promise<void> {
    try {
      await options.retract?.(message);
    } catch (error) {
      const reason = `retract: ${nameOf(error)}`;
      report({ kind: 'delivery-failed', sink: 'slack', reason, count: 1, willRetry: false });
    }
  }

  return {
    hasRoom: () => inFlight.size < deliveriesMax,

    begin(key, sending, startedAt) {
      const delivering = deliverOne(key, sending, startedAt).finally(() => inFlight.delete(delivering));
      inFlight.add(delivering);
    },

    async settleAgain() {
      const waiting = unsettled;
      unsettled = [];
      for (const [index, settlement] of waiting.entries()) {
        try {
          await settle(settlement);
        } catch (error) {
          unsettled.push(...waiting.slice(index));
          throw error;
        }
      }
    },

    unsettledCount: () => unsettled.length,

    async idle() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}

function retryAfter(sending: Sending, delivery: Delivery, random: () => number): Millis {
  if (!('retryInMs' in delivery)) return 0;
  const least = delivery.outcome === 'unknown' ? lookAfterMs : 0;
  return Math.max(least, delivery.retryInMs ?? backOff(sending.failures, random));
}

/** Doubles from one second to a minute; between half and all of that, so that sidecars do not come back together. */
export function backOff(failures: number, random: () => number): Millis {
  return Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2);
}

/** An error's kind, without its text: that may quote what was sent. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
