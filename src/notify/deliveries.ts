/**
 * Claimed deliveries on their way: hands each to the receiver in the background and books how it ended. If the outcome is lost
 * with this process, the claim runs out and the next one looks for the message.
 */
import type { MessageRef } from '../alert/incident.ts';
import type { Ledger } from '../alert/outbox/ledger.ts';
import type { Notification } from '../alert/outbox/notification.ts';
import {
  type ClaimedDelivery,
  type DeliveryResult,
  leaseMs,
  type SettleResult,
  settleDelivery,
} from '../alert/outbox/outbox.ts';
import type { Millis } from '../event/ids.ts';
import { errorName, type Report } from '../report.ts';
import type { Change } from '../store/store.ts';

/**
 * Shows one notification. `startBy` (the sink's clock) is the last moment at which a request that posts may begin;
 * after it the claim may be somebody else's. Answers with an outcome; should it throw, the outcome is unknown.
 */
export type Deliver = (notification: Notification, limits: { readonly startBy: Millis }) => Promise<DeliveryResult>;

export interface AlertDeliveriesOptions {
  /** Updates the store; `onBug` is the answer when the change itself fails. */
  readonly update: <Answer>(id: string, change: Change<Ledger, Answer>, onBug: Answer) => Promise<Answer>;
  readonly deliver: Deliver;
  /** Told of what is in the channel after each outcome. */
  readonly onBooked: (id: string, ledger: Ledger) => void;
  /** Removes a message that turned out to be posted twice. */
  readonly retract: ((message: MessageRef) => Promise<void>) | undefined;
  readonly random: () => number;
  readonly report: Report;
}

export interface AlertDeliveries {
  hasRoom(): boolean;
  /** On their way. */
  count(): number;
  /** `startedAt`: the sink's clock before the claim was made, so that a claim never ends later than we believe. */
  begin(id: string, sending: ClaimedDelivery, startedAt: Millis): void;
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>;
}

/** Slack takes about one message a second and channel; more at once would wait inside the client, past their claim. */
const deliveriesMax = 4;
const retryMinMs = 1_000;
const retryMaxMs = 60_000;
/** What cannot wait is tried so often, and first when the receiver is back (turns.ts). */
const retryUrgentMaxMs = 15_000;
/** After an unknown outcome, so that the channel's history has caught up when somebody looks. */
const lookAfterMs = 2_000;

interface Booked {
  readonly verdict: SettleResult;
  readonly ledger: Ledger | undefined;
}

const nothingBooked: Booked = { verdict: 'stale', ledger: undefined };

interface Settlement {
  readonly id: string;
  readonly sending: ClaimedDelivery;
  readonly delivery: DeliveryResult;
}

export function createAlertDeliveries(options: AlertDeliveriesOptions): AlertDeliveries {
  const { report } = options;
  const inFlight = new Set<Promise<void>>();

  async function deliverOne(id: string, sending: ClaimedDelivery, startedAt: Millis): Promise<void> {
    // Half of the lease for finding out, half for the request itself.
    const startBy = startedAt + leaseMs / 2;
    const delivery = await options
      .deliver(sending.notification, { startBy })
      .catch((error: unknown): DeliveryResult => {
        report({ kind: 'bug', where: 'alerts.deliver', error });
        return { outcome: 'unknown', reason: 'bug', retryInMs: undefined };
      });
    tell(delivery);
    await settle({ id, sending, delivery });
  }

  function tell(delivery: DeliveryResult): void {
    if (delivery.outcome === 'delivered' || delivery.outcome === 'found') {
      report({ kind: 'delivered', sink: 'slack', count: 1 });
      return;
    }
    const willRetry = delivery.outcome !== 'gone';
    report({ kind: 'delivery-failed', sink: 'slack', reason: delivery.reason, count: 1, willRetry });
  }

  async function settle({ id, sending, delivery }: Settlement): Promise<void> {
    const retryInMs = retryAfter(sending, delivery, options.random);
    const book: Change<Ledger, Booked> = (ledger, now) => {
      const { next, verdict } = settleDelivery(ledger, sending, delivery, { now, retryInMs });
      return { next, answer: { verdict, ledger: next } };
    };
    const { verdict, ledger } = await options.update(id, book, nothingBooked);
    if (ledger !== undefined) options.onBooked(id, ledger);
    if (verdict === 'duplicate' && 'ref' in delivery) await retract(delivery.ref);
  }

  async function retract(message: MessageRef): Promise<void> {
    try {
      await options.retract?.(message);
    } catch (error) {
      const reason = `retract: ${errorName(error)}`;
      report({ kind: 'delivery-failed', sink: 'slack', reason, count: 1, willRetry: false });
    }
  }

  return {
    hasRoom: () => inFlight.size < deliveriesMax,
    count: () => inFlight.size,

    begin(id, sending, startedAt) {
      const delivering = deliverOne(id, sending, startedAt).finally(() => inFlight.delete(delivering));
      inFlight.add(delivering);
    },

    async idle() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}

function retryAfter(sending: ClaimedDelivery, delivery: DeliveryResult, random: () => number): Millis {
  if (!('retryInMs' in delivery)) return 0;
  const least = delivery.outcome === 'unknown' ? lookAfterMs : 0;
  const { about } = sending.notification;
  const isUrgent = about.kind === 'incident' && about.incident.severity !== 'normal';
  const mostMs = isUrgent ? retryUrgentMaxMs : retryMaxMs;
  return Math.max(least, delivery.retryInMs ?? Math.min(mostMs, backOff(sending.failures, random)));
}

/** Doubles from one second to a minute; between half and all of that, so that sidecars do not come back together. */
export function backOff(failures: number, random: () => number): Millis {
  return Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2);
}
