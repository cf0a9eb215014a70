/** Failed call of Slack's Web API → result of the delivery that made it. */
import type { DeliveryResult } from '../../alert/outbox/claims.ts';
import type { SlackCallFailure } from './web-api.ts';

/** Wait after a refusal that only a person can resolve: the operator expects to see the fix work within minutes. */
const refusedRetryMs = 5 * 60_000;

/** The result of an edit or of a reply in a thread. */
export function deliveryFailure({ error, retryInMs }: SlackCallFailure): DeliveryResult {
  const { reason } = error;
  switch (error.kind) {
    case 'gone':
      return { outcome: 'gone', reason };
    case 'unknown':
      return { outcome: 'unknown', reason, retryInMs: undefined };
    case 'rate-limited':
      // Slack has been observed to accept a post that it answered with a rate limit. A search after the wait costs one call.
      return { outcome: 'unknown', reason, retryInMs };
    case 'refused':
    case 'content':
      return { outcome: 'not-delivered', reason, retryInMs: refusedRetryMs };
    case 'not-sent':
      return { outcome: 'not-delivered', reason, retryInMs };
    default:
      return error satisfies never;
  }
}

/** The result of a post outside any thread. Such a post replaces no message, so none can be gone. */
export function postFailure(failure: SlackCallFailure): DeliveryResult {
  const result = deliveryFailure(failure);
  return result.outcome === 'gone'
    ? { outcome: 'not-delivered', reason: result.reason, retryInMs: refusedRetryMs }
    : result;
}
