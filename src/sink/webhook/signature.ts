/**
 * Headers of a signed request, by the Standard Webhooks specification 1.0 (standardwebhooks.com): a receiver verifies that the
 * body comes from a holder of the secret, and rejects old requests by the timestamp.
 */
import { createHmac } from 'node:crypto';
import type { Millis } from '../../event/ids.ts';

export interface SignedRequest {
  readonly id: string;
  readonly at: Millis;
  readonly body: string;
  /** `whsec_` and the key in base64. */
  readonly secret: string;
}

/** The signature covers `id.timestamp.body`, with the timestamp in seconds. */
export function signatureHeaders({ id, at, body, secret }: SignedRequest): Record<string, string> {
  const timestamp = `${Math.floor(at / 1_000)}`;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
