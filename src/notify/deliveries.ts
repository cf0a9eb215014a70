/**
 * Claimed deliveries to one receiver in progress: runs each in the background and records its outcome. If the outcome is lost
 * with this process, the claim expires and the next one reconciles.
 */
import {
  type ClaimedDelivery,
  type DeliveryResult,
  leaseMs,
  type SettleResult,
  settleDelivery,
} from '../alert/outbox/claims.ts';
import type { Ledger } from '../alert/outbox/ledger.ts';
import type { DeliveryRef } from '../alert/receipts.ts';
import type { Millis } from '../event/ids.ts';
import { errorName, type Report } from '../report.ts';
import { backoffMs } from '../runtime/backoff.ts';
import type { Change } from '../store/store.ts';
import { attemptDelivery, type Receiver } from './receiver.ts';

export interface DeliveriesOptions {
  readonly receiver: Receiver;
  /** Updates the ledger of an incident or bulletin; `onBug` is the answer if the change itself throws. */
  readonly update: UpdateLedger;
  /** Called after each outcome with what the receiver now has. */
  readonly onSettled: (id: string, ledger: Ledger) => void;
  /** 0 .. 1, for the jitter of the back-off. */
  readonly random: () => number;
  readonly report: Report;
}

export type UpdateLedger = <Answer>(id: string, change: Change<Ledger, Answer>, onBug: Answer) => Promise<Answer>;

export interface Deliveries {
  hasRoom(): boolean;
  /** Number of deliveries in progress. */
  count(): number;
  /** `startedAt`: this instance's clock before the claim was made, so that the claim never ends earlier than assumed. */
  begin(id: string, claimed: ClaimedDelivery, startedAt: Millis): void;
  /** Resolves when no delivery is in progress. */
  idle(): Promise<void>;
}

/** Slack accepts about one message per second and channel. More would wait inside the client, beyond their claim. */
const deliveriesMax = 4;
const retryFirstMs = 1_000;
const retryMostMs = 60_000;
/** Severe messages are retried this often, and before the others (alert/outbox/retry-priority.ts). */
const retryUrgentMostMs = 15_000;
/** Minimum wait after an unknown outcome, so that the receiver's history includes the message when it is searched. */
const reconcileAfterMs = 2_000;

interface Settlement {
  readonly verdict: SettleResult;
  readonly ledger: Ledger | undefined;
}

const unsettled: Settlement = { verdict: 'stale', ledger: undefined };

export function createDeliveries(options: DeliveriesOptions): Deliveries {
  const { receiver, report } = options;
  const inProgress = new Set<Promise<void>>();

  async function deliverOne(id: string, claimed: ClaimedDelivery, startedAt: Millis): Promise<void> {
    // The first half of the lease is for starting requests, the second half for the last one's response.
    const startBy = startedAt + leaseMs / 2;
    const attempt = attemptDelivery(receiver, claimed.notification, { startBy });
    const result = await attempt.catch((error: unknown): DeliveryResult => {
      report({ kind: 'bug', where: 'alerts.deliver', error });
      return { outcome: 'unknown', reason: 'bug', retryInMs: undefined };
    });
    reportResult(result);
    await settle(id, claimed, result);
  }

  function reportResult(result: DeliveryResult): void {
    const sink = receiver.name;
    if (result.outcome === 'delivered' || result.outcome === 'found') {
      report({ kind: 'delivered', sink, count: 1 });
      return;
    }
    const willRetry = result.outcome !== 'gone' && result.outcome !== 'refused';
    report({ kind: 'delivery-failed', sink, reason: result.reason, count: 1, willRetry });
  }

  async function settle(id: string, claimed: ClaimedDelivery, result: DeliveryResult): Promise<void> {
    const retryInMs = retryDelayOf(claimed, result, options.random);
    const record: Change<Ledger, Settlement> = (stored, now) => {
      const { next, verdict } = settleDelivery(stored, claimed, { result, now, retryInMs });
      return { next, answer: { verdict, ledger: next } };
    };
    const { verdict, ledger } = await options.update(id, record, unsettled);
    if (ledger !== undefined) options.onSettled(id, ledger);
    if (verdict === 'duplicate' && 'ref' in result) await retract(result.ref);
  }

  async function retract(ref: DeliveryRef): Promise<void> {
    try {
      await receiver.retract?.(ref);
    } catch (error) {
      const reason = `retract: ${errorName(error)}`;
      report({ kind: 'delivery-failed', sink: receiver.name, reason, count: 1, willRetry: false });
    }
  }

  return {
    hasRoom: () => inProgress.size < deliveriesMax,
    count: () => inProgress.size,

    begin(id, claimed, startedAt) {
      const delivery = deliverOne(id, claimed, startedAt).finally(() => inProgress.delete(delivery));
      inProgress.add(delivery);
    },

    async idle() {
      while (inProgress.size > 0) await Promise.all(inProgress);
    },
  };
}

/** The wait before the next attempt: the one that the receiver asks for, or a back-off. */
function retryDelayOf(
  { notification: { about }, failures }: ClaimedDelivery,
  result: DeliveryResult,
  random: () => number,
): Millis {
  if (!('retryInMs' in result)) return 0;
  const minMs = result.outcome === 'unknown' ? reconcileAfterMs : 0;
  const isUrgent = about.kind === 'incident' && about.incident.severity !== 'normal';
  const mostMs = isUrgent ? retryUrgentMostMs : retryMostMs;
  return Math.max(minMs, result.retryInMs ?? backoffMs(failures + 1, { firstMs: retryFirstMs, mostMs, random }));
}
