/**
 * The receiver that posts every incident and bulletin to a URL, as signed JSON (Standard Webhooks). A change of an incident is a
 * further request with the same incident id and a higher revision. Each revision takes effect once: a request whose outcome is
 * unknown is repeated with the same `webhook-id`, by which the other side recognises it.
 */
import type { DeliveryResult } from '../../alert/outbox/claims.ts';
import type { NextAction } from '../../alert/outbox/ledger.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import type { Millis } from '../../event/ids.ts';
import type { DeliveryLimits, Receiver } from '../../notify/receiver.ts';
import type { Clock } from '../../runtime/clock.ts';
import { deliveryIdOf, type PayloadOptions, payloadOf } from './payload.ts';
import { resultOfError, resultOfResponse } from './response.ts';
import { signatureHeaders } from './signature.ts';

export interface WebhookReceiverOptions extends PayloadOptions {
  /** The settings in force, read for each request, so that a reloaded secret applies at once. */
  readonly settings: () => WebhookSettings;
  readonly clock: Pick<Clock, 'now' | 'timeoutSignal'>;
  readonly userAgent: string;
}

export interface WebhookSettings {
  /** http or https, without a login. It may contain a token in its path, so it is never logged. */
  readonly url: string;
  /** `whsec_` and the key in base64. */
  readonly secret: string;
  readonly timeoutMs: Millis;
}

const supports: ReadonlySet<NextAction> = new Set(['post', 'edit'] as const);

export function createWebhookReceiver(options: WebhookReceiverOptions): Receiver {
  const { clock } = options;
  /** After a rate limit or an overload no request starts before this time. */
  let pausedUntil = 0;

  async function post(notification: Notification, { startBy }: DeliveryLimits): Promise<DeliveryResult> {
    const now = clock.now();
    if (now > startBy) return { outcome: 'not-delivered', reason: 'out-of-time', retryInMs: 0 };
    if (now < pausedUntil) return { outcome: 'not-delivered', reason: 'paused', retryInMs: pausedUntil - now };
    const result = await request(options, notification);
    if ('retryInMs' in result && result.retryInMs !== undefined) pausedUntil = clock.now() + result.retryInMs;
    return result;
  }

  return {
    name: 'webhook',
    supports,
    deliver: post,
    edit: (notification, _ref, limits) => post(notification, limits),
    // The other side recognises a repeated request by its id, so there is nothing to find out.
    reconcile: async () => ({ kind: 'absent' }),
  };
}

async function request(options: WebhookReceiverOptions, notification: Notification): Promise<DeliveryResult> {
  const { clock, userAgent, namespace } = options;
  const { url, secret, timeoutMs } = options.settings();
  const body = JSON.stringify(payloadOf(notification, options));
  const id = deliveryIdOf(notification, namespace);
  const { about } = notification;
  const ref = about.kind === 'incident' ? about.incident.id : about.bulletin.id;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': userAgent,
        ...signatureHeaders({ id, at: clock.now(), body, secret }),
      },
      body,
      redirect: 'manual',
      signal: clock.timeoutSignal(timeoutMs),
    });
    // The content of the response has no meaning, and its size no limit.
    await response.body?.cancel();
    const retryAfter = response.headers.get('retry-after');
    return resultOfResponse({ status: response.status, retryAfter }, { ref, now: clock.now() });
  } catch (error) {
    return resultOfError(error);
  }
}
