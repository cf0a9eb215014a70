/**
 * Searches a channel's history for a message of an earlier attempt whose outcome is unknown, so that no message is
 * posted twice.
 *
 * Scopes: channels:history and channels:read, for private channels groups:history and groups:read.
 */
import type { Millis } from '../../event/ids.ts';
import type { Reconciliation } from '../../notify/receiver.ts';
import { eventType, type SlackMessageRef, slackRefText } from '../slack-message/message-ref.ts';
import type { ChannelIds } from './channel-ids.ts';
import { fieldsOf, listOf, type SlackFields } from './json-fields.ts';
import type { SlackApi, SlackCallFailure } from './web-api.ts';

/** Clocks of this host, of the store and of Slack differ. An alert channel holds few messages, so a wide margin is cheap. */
const searchMarginMs = 10 * 60_000;

export interface MessageSearch {
  readonly notificationId: string;
  readonly namespace: string;
  /** An id or a `#name`. */
  readonly channel: string;
  /** The root message of the thread to search; undefined searches the channel itself. */
  readonly thread: SlackMessageRef | undefined;
  /** Time of the first attempt to post it. */
  readonly since: Millis;
  /** No call starts after this time. */
  readonly startBy: Millis;
}

/** `impossible`: the token may not read this channel, and no later attempt will be able to. */
export async function findMessage(
  search: MessageSearch,
  { api, channelIds }: { readonly api: Pick<SlackApi, 'pages'>; readonly channelIds: ChannelIds },
): Promise<Reconciliation> {
  const { thread, startBy } = search;
  const channel =
    thread === undefined ? await channelIds.idOf(search.channel, startBy) : { ok: true as const, id: thread.channel };
  if (!channel.ok) return searchFailure(channel);
  const { id } = channel;
  if (id === undefined) return { kind: 'impossible' };
  const method = thread === undefined ? 'conversations.history' : 'conversations.replies';
  const args = {
    oldest: ((search.since - searchMarginMs) / 1000).toFixed(6),
    include_all_metadata: true,
    ...(thread === undefined ? {} : { ts: thread.ts }),
  };
  for await (const page of api.pages({ method, channel: id, args, startBy })) {
    if (!page.ok) return searchFailure(page);
    const ts = listOf(page.result['messages']).find((message) => isSearched(message, search))?.['ts'];
    if (typeof ts === 'string') return { kind: 'found', ref: slackRefText({ channel: id, ts }) };
  }
  return { kind: 'absent' };
}

function isSearched(message: SlackFields, { notificationId, namespace }: MessageSearch): boolean {
  const metadata = fieldsOf(message['metadata']);
  const payload = fieldsOf(metadata['event_payload']);
  return metadata['event_type'] === eventType && payload['id'] === notificationId && payload['namespace'] === namespace;
}

function searchFailure({ error, retryInMs }: SlackCallFailure): Reconciliation {
  if (error.kind === 'refused') return { kind: 'impossible' };
  return { kind: 'failed', result: { outcome: 'not-delivered', reason: `search: ${error.reason}`, retryInMs } };
}
