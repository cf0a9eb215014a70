/** How long Sentry wants to be left alone: rate limits, which come with refusals and with events that were taken. Pure. */
import type { Millis } from '../../event/ids.ts';

/** An answer as far as limits go; header names in lower case. */
export interface SentryRateLimitResponse {
  readonly statusCode: number | undefined;
  readonly headers: Readonly<Record<string, string | null | undefined>>;
}

/** What Sentry's clients assume when it does not say how long. */
const unsaidMs = 60_000;
/** A server that says `Retry-After: 0` with every refusal would be asked for ever. */
const refusedMsMin = 1_000;
/** A quota that is used up says hours; who says more is mistaken. */
const restMsMax = 24 * 60 * 60_000;

/** From now on, for so long no error event; 0 when there is no such wish. */
export function restMsOf({ statusCode, headers }: SentryRateLimitResponse, now: Millis): Millis {
  const limits = headers['x-sentry-rate-limits'];
  const limited = limits === undefined || limits === null ? 0 : limitMsOf(limits);
  if (statusCode !== 429) return Math.min(limited, restMsMax);
  // It was our event that was refused, whatever the limits say of others.
  const wait = limited > 0 ? limited : retryMsOf(headers['retry-after'], now);
  return Math.min(Math.max(wait, refusedMsMin), restMsMax);
}

/** `60:error;transaction:organization:reason, 2700::key`: seconds, categories (none is all), scope, and more. */
function limitMsOf(header: string): Millis {
  const waits = header.split(',').map((limit) => {
    const [seconds = '', categories = ''] = limit.trim().split(':');
    const isOurs = categories === '' || categories.split(';').some((one) => one === 'error' || one === 'all');
    if (!isOurs || limit.trim() === '') return 0;
    return secondsOf(seconds) ?? unsaidMs;
  });
  return Math.max(...waits);
}

/** Seconds or an HTTP date. */
function retryMsOf(header: string | null | undefined, now: Millis): Millis {
  if (header === undefined || header === null) return unsaidMs;
  const date = Date.parse(header);
  return secondsOf(header) ?? (Number.isNaN(date) ? unsaidMs : date - now);
}

function secondsOf(text: string): Millis | undefined {
  return /^\d+(?:\.\d+)?$/.test(text.trim()) ? Math.ceil(Number(text) * 1_000) : undefined;
}
