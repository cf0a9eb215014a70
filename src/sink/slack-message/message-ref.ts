/** Identity of a Slack message, and its text form, which the outbox stores as the delivery reference. */
import type { DeliveryRef } from '../../alert/receipts.ts';

/** The type of the metadata that identifies a message in the channel's history. */
export const eventType = 'taskvigil';

export interface SlackMessageRef {
  /** The conversation's id. Slack's ids and timestamps contain no slash. */
  readonly channel: string;
  readonly ts: string;
}

/** `C0ALERTS01/1700000000.000100`. */
export function slackRefText({ channel, ts }: SlackMessageRef): DeliveryRef {
  return `${channel}/${ts}`;
}

export function parseSlackRef(ref: DeliveryRef): SlackMessageRef {
  const slash = ref.indexOf('/');
  return slash < 0 ? { channel: ref, ts: '' } : { channel: ref.slice(0, slash), ts: ref.slice(slash + 1) };
}
