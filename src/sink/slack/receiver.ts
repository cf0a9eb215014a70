/**
 * Notification → a post in Slack, or an edit of the one that is there. Once: the client's own retries are off, because
 * they repeat a post whose answer was lost; instead every outcome is named, and before a message is posted again the
 * channel's history is asked whether it is there.
 *
 * Scopes: chat:write; channels:history and channels:read (groups:… for private channels) to look. Without them a
 * message whose outcome is unknown is posted again and says that it may be a repeat.
 *
 * Exports: createSlackSink, SlackSink, SlackSinkOptions.
 */
import { createHash } from 'node:crypto';
import type { MessageRef } from '../../alert/incident.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import type { DeliveryResult } from '../../alert/outbox/outbox.ts';
import type { Millis } from '../../event/ids.ts';
import type { Deliver } from '../../notify/deliveries.ts';
import type { LinkTemplate } from '../slack-message/links.ts';
import { eventType, renderSlack, type SlackMessage } from '../slack-message/message.ts';
import {
  createSlackApi,
  fieldsOf,
  listOf,
  type SlackApiOptions,
  type SlackCallFailure,
  type SlackCallResult,
  type SlackFields,
  textOf,
} from './web-api.ts';

export interface SlackReceiverOptions extends SlackApiOptions {
  /** Asked for each message, so that changed ones apply. */
  readonly links: () => readonly LinkTemplate[];
  /** Tells fleets that share a channel apart. */
  readonly namespace: string;
  /** Signs what buttons carry; undefined: messages have none. */
  readonly buttonKey?: () => string;
}

export interface SlackReceiver {
  readonly deliver: Deliver;
  /** Deletes a message of ours. */
  retract(message: MessageRef): Promise<void>;
  /** Is the token good, and whose is it? */
  check(): Promise<
    | { readonly ok: true; readonly team: string; readonly user: string }
    | { readonly ok: false; readonly reason: string }
  >;
}

interface ChannelId {
  readonly ok: true;
  /** undefined: the bot is not in that channel. */
  readonly id: string | undefined;
}

/** Only a person can help, who wants to see it work within minutes. */
const refusedRetryMs = 5 * 60_000;
/** Our clock, the store's and Slack's may differ; an alert channel holds few messages, so looking far back is cheap. */
const lookBackMs = 10 * 60_000;

export function createSlackReceiver(options: SlackReceiverOptions): SlackReceiver {
  const channelIds = new Map<string, string>();
  const { call, pages } = createSlackApi(options);

  function rendered(notification: Notification, more: { mayRepeat?: boolean; permalink?: string } = {}): SlackMessage {
    const { links, namespace, buttonKey } = options;
    return renderSlack(notification, {
      links: links(),
      namespace,
      ...(buttonKey && { buttonKey: buttonKey() }),
      ...more,
    });
  }

  async function post(notification: Notification, startBy: Millis): Promise<DeliveryResult> {
    const found = notification.mayBeThereSince === undefined ? 'no' : await look(notification, startBy);
    if (typeof found === 'object') return found;
    const thread = threadOf(notification);
    const permalink = await permalinkOf(notification, startBy);
    const args = {
      ...bodyOf(rendered(notification, { mayRepeat: found === 'cannot-look', ...permalink })),
      client_msg_id: uuidOf(`${options.namespace}:${notification.id}`),
      unfurl_links: false,
      unfurl_media: false,
      ...(thread === undefined ? {} : { thread_ts: thread.ts, reply_broadcast: isLoud(notification) }),
    };
    const channel = thread?.channel ?? notification.channel;
    const answer = await callOrPlain('chat.postMessage', channel, args, startBy);
    if (!answer.ok) return failedPostOf(answer, thread !== undefined);
    const { result } = answer;
    const ref = { channel: textOf(result['channel']), ts: textOf(result['ts']) };
    if (ref.channel === undefined || ref.ts === undefined) return unknown('unreadable-answer');
    channelIds.set(channel, ref.channel);
    return { outcome: 'delivered', ref: { channel: ref.channel, ts: ref.ts } };
  }

  /** Where a `link` leads. Slack knows its own address; without it the channel is named. */
  async function permalinkOf(
    { action, root }: Notification,
    startBy: Millis,
  ): Promise<{ permalink?: string } | undefined> {
    if (action !== 'link' || root === undefined) return undefined;
    const answer = await call('chat.getPermalink', root.channel, { message_ts: root.ts }, startBy);
    const permalink = answer.ok ? textOf(answer.result['permalink']) : undefined;
    return permalink === undefined ? undefined : { permalink };
  }

  async function edit(notification: Notification, root: MessageRef, startBy: Millis): Promise<DeliveryResult> {
    const args = { ...bodyOf(rendered(notification)), ts: root.ts };
    const answer = await callOrPlain('chat.update', root.channel, args, startBy);
    return answer.ok ? { outcome: 'delivered', ref: root } : failureOf(answer);
  }

  /** An alert must not die of its format: what Slack does not want as blocks goes once more as text. */
  async function callOrPlain(
    method: string,
    channel: string,
    args: Record<string, unknown>,
    startBy: Millis,
  ): Promise<SlackCallResult> {
    const answer = await call(method, channel, args, startBy);
    if (answer.ok || answer.error.kind !== 'content') return answer;
    return call(method, channel, { ...args, blocks: undefined }, startBy);
  }

  /** Is the message there from an earlier try? */
  async function look(notification: Notification, startBy: Millis): Promise<DeliveryResult | 'no' | 'cannot-look'> {
    const thread = threadOf(notification);
    const where =
      thread === undefined
        ? await channelIdOf(notification.channel, startBy)
        : ({ ok: true, id: thread.channel } as const);
    if (!where.ok) return notFoundOut(where);
    const channel = where.id;
    if (channel === undefined) return 'cannot-look';
    const oldest = ((notification.mayBeThereSince ?? 0) - lookBackMs) / 1000;
    const method = thread === undefined ? 'conversations.history' : 'conversations.replies';
    const args = {
      oldest: oldest.toFixed(6),
      include_all_metadata: true,
      ...(thread === undefined ? {} : { ts: thread.ts }),
    };
    for await (const page of pages(method, channel, args, startBy)) {
      if (!page.ok) return notFoundOut(page);
      const ts = listOf(page.result['messages']).find((message) => isOurs(message, notification.id))?.['ts'];
      if (typeof ts === 'string') return { outcome: 'found', ref: { channel, ts } };
    }
    return 'no';
  }

  function isOurs(message: SlackFields, id: string): boolean {
    const metadata = fieldsOf(message['metadata']);
    const payload = fieldsOf(metadata['event_payload']);
    return metadata['event_type'] === eventType && payload['id'] === id && payload['namespace'] === options.namespace;
  }

  /** History is asked by id, rules may say names; only the channels that the bot is in can be looked into anyway. */
  async function channelIdOf(channel: string, startBy: Millis): Promise<ChannelId | SlackCallFailure> {
    const known = /^[CGD][A-Z0-9]{6,}$/.test(channel) ? channel : channelIds.get(channel);
    if (known !== undefined) return { ok: true, id: known };
    const args = { types: 'public_channel,private_channel', exclude_archived: true };
    for await (const page of pages('users.conversations', '', args, startBy)) {
      if (!page.ok) return page;
      const found = listOf(page.result['channels']).find(({ name }) => `#${textOf(name)}` === channel);
      const id = textOf(found?.['id']);
      if (id === undefined) continue;
      channelIds.set(channel, id);
      return { ok: true, id };
    }
    return { ok: true, id: undefined };
  }

  return {
    deliver(notification, { startBy }) {
      const { action, root } = notification;
      return action === 'edit' && root !== undefined ? edit(notification, root, startBy) : post(notification, startBy);
    },

    async retract({ channel, ts }) {
      const answer = await call('chat.delete', channel, { ts }, Number.POSITIVE_INFINITY);
      if (!answer.ok && answer.error.kind !== 'gone')
        throw new Error(`Slack did not delete a message: ${answer.error.reason}`);
    },

    async check() {
      const answer = await call('auth.test', '', {}, Number.POSITIVE_INFINITY);
      if (!answer.ok) return { ok: false, reason: answer.error.reason };
      return { ok: true, team: textOf(answer.result['team']) ?? '', user: textOf(answer.result['user']) ?? '' };
    },
  };
}

/** `parse: none`: an edit would otherwise turn URLs and names into links by itself. */
function bodyOf({ text, blocks, metadata }: SlackMessage): Record<string, unknown> {
  return { text, blocks, metadata, parse: 'none', link_names: false };
}

function failureOf({ error, retryInMs }: SlackCallFailure): DeliveryResult {
  const { reason } = error;
  switch (error.kind) {
    case 'gone':
      return { outcome: 'gone', reason };
    case 'unknown':
      return unknown(reason);
    case 'rate-limited':
      // It has been seen that such a post was taken all the same; looking costs one call after a wait.
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

/** The message that a line or a reminder hangs on; the others stand by themselves. */
function threadOf({ action, root }: Notification): MessageRef | undefined {
  return action === 'line' || action === 'reminder' ? root : undefined;
}

/** What stands by itself has nothing before it that could be gone. */
function failedPostOf(answer: SlackCallFailure, isReply: boolean): DeliveryResult {
  const delivery = failureOf(answer);
  if (delivery.outcome !== 'gone' || isReply) return delivery;
  return { outcome: 'not-delivered', reason: delivery.reason, retryInMs: refusedRetryMs };
}

/** Looking failed. For now: nothing was posted by this try, and the earlier one is as unknown as before. */
function notFoundOut({ error, retryInMs }: SlackCallFailure): DeliveryResult | 'cannot-look' {
  if (error.kind === 'refused') return 'cannot-look';
  return { outcome: 'not-delivered', reason: `look: ${error.reason}`, retryInMs };
}

function unknown(reason: string): DeliveryResult {
  return { outcome: 'unknown', reason, retryInMs: undefined };
}

/** A UUID (version 5) of `name`: a hint that lets Slack recognise a repeated post, should it care to. */
function uuidOf(name: string): string {
  const namespace = Buffer.from('8c0f6a3e2d5b4c1f9e7a1b2c3d4e5f60', 'hex');
  const hash = createHash('sha1').update(namespace).update(name).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Shown in the channel as well as in the thread. */
function isLoud({ action, about }: Notification): boolean {
  return action === 'reminder' || (about.kind === 'incident' && about.line?.isLoud === true);
}
