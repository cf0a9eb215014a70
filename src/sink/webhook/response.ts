/** Response of a webhook, or the error of the request → result of the delivery. Pure. */
import type { DeliveryResult } from '../../alert/outbox/claims.ts';
import type { DeliveryRef } from '../../alert/receipts.ts';
import type { Millis } from '../../event/ids.ts';

export interface WebhookResponse {
  readonly status: number;
  /** The header `Retry-After`: seconds, or a date. */
  readonly retryAfter: string | null;
}

/** A receiver cannot stop deliveries for longer by a large Retry-After. */
const retryAfterMaxMs = 60 * 60_000;
/** Refusals that end by themselves: request timeout, conflict, too early, rate limit. */
const temporaryRefusals: ReadonlySet<number> = new Set([408, 409, 425, 429]);
/** The request was not sent: the connection was never established. */
const unsentCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** 2xx accepts; 5xx and temporary refusals are retried; redirects, which are not followed, and other refusals are final. */
export function resultOfResponse(
  { status, retryAfter }: WebhookResponse,
  { ref, now }: { readonly ref: DeliveryRef; readonly now: Millis },
): DeliveryResult {
  const reason = `http-${status}`;
  if (status >= 200 && status < 300) return { outcome: 'delivered', ref };
  const retryInMs = retryAfterMs(retryAfter, now);
  if (temporaryRefusals.has(status)) return { outcome: 'not-delivered', reason, retryInMs };
  // A server error may follow after the request took effect. A repeated request has the same id, so it takes effect once.
  if (status >= 500) return { outcome: 'unknown', reason, retryInMs };
  return { outcome: 'refused', reason, ref };
}

/** The reason is the error's code or name, never its text, which may quote the URL. */
export function resultOfError(error: unknown): DeliveryResult {
  const reason = codeOf(error);
  const outcome = unsentCodes.has(reason) ? 'not-delivered' : 'unknown';
  return { outcome, reason, retryInMs: undefined };
}

/** Milliseconds until the given time; undefined without a readable header. */
function retryAfterMs(header: string | null, now: Millis): Millis | undefined {
  if (header === null) return undefined;
  const seconds = /^\d{1,9}$/.test(header.trim()) ? Number(header) : undefined;
  const waitMs = seconds === undefined ? Date.parse(header) - now : seconds * 1_000;
  return Number.isNaN(waitMs) ? undefined : Math.min(retryAfterMaxMs, Math.max(0, waitMs));
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const cause = error.cause instanceof Error ? error.cause : error;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}
