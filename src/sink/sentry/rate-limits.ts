/** Waits that Sentry's rate limits ask for. The headers come with refused and with accepted events. Pure. */
import type { Millis } from '../../event/ids.ts';

/** The parts of a response that rate limits use; header names in lower case. */
export interface SentryRateLimitResponse {
  readonly statusCode: number | undefined;
  readonly headers: Readonly<Record<string, string | null | undefined>>;
}

/** Default of Sentry's clients for a limit without a duration. */
const unspecifiedMs = 60_000;
/** Prevents a busy loop with a server that sends `Retry-After: 0` with every refusal. */
const refusedMsMin = 1_000;
/** An exhausted quota asks for hours; a longer wait is a mistake of the server. */
const restMsMax = 24 * 60 * 60_000;

/** Milliseconds from `now` without error events; 0 without a limit. */
export function restMsOf({ statusCode, headers }: SentryRateLimitResponse, now: Millis): Millis {
  const limits = headers['x-sentry-rate-limits'];
  const limited = limits === undefined || limits === null ? 0 : limitMsOf(limits);
  if (statusCode !== 429) return Math.min(limited, restMsMax);
  // The refused event was an error event, so a limit applies even if the header names other categories only.
  const wait = limited > 0 ? limited : retryMsOf(headers['retry-after'], now);
  return Math.min(Math.max(wait, refusedMsMin), restMsMax);
}

/** `60:error;transaction:organization:reason, 2700::key`: seconds, categories (none is all), scope, and more. */
function limitMsOf(header: string): Millis {
  const waits = header.split(',').map((limit) => {
    const [seconds = '', categories = ''] = limit.trim().split(':');
    const isOurs = categories === '' || categories.split(';').some((one) => one === 'error' || one === 'all');
    if (!isOurs || limit.trim() === '') return 0;
    return secondsOf(seconds) ?? unspecifiedMs;
  });
  return Math.max(...waits);
}

/** Seconds or an HTTP date. */
function retryMsOf(header: string | null | undefined, now: Millis): Millis {
  if (header === undefined || header === null) return unspecifiedMs;
  const date = Date.parse(header);
  return secondsOf(header) ?? (Number.isNaN(date) ? unspecifiedMs : date - now);
}

function secondsOf(text: string): Millis | undefined {
  return /^\d+(?:\.\d+)?$/.test(text.trim()) ? Math.ceil(Number(text) * 1_000) : undefined;
}
