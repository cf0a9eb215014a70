/**
 * The receiver that posts to Slack and edits what it posted. Each message appears once: the Slack client's own retries are
 * off, because they repeat a post whose answer was lost. Instead every outcome has a name, and the delivery loop reconciles
 * after an unknown one: the receiver searches the channel for the message.
 *
 * Scopes: chat:write, and those of `find-message.ts`. Without the latter, a message whose outcome is unknown is posted
 * again with the note that it may be a repeat.
 */
import type { DeliveryResult } from '../../alert/outbox/claims.ts';
import type { NextAction } from '../../alert/outbox/ledger.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import type { DeliveryRef } from '../../alert/receipts.ts';
import type { Millis } from '../../event/ids.ts';
import type { Receiver } from '../../notify/receiver.ts';
import type { LinkTemplate } from '../slack-message/links.ts';
import { renderSlack, type SlackMessage } from '../slack-message/message.ts';
import { parseSlackRef, type SlackMessageRef, slackRefText } from '../slack-message/message-ref.ts';
import { createChannelIds } from './channel-ids.ts';
import { clientMessageId } from './client-message-id.ts';
import { deliveryFailure, postFailure } from './delivery-result.ts';
import { findMessage } from './find-message.ts';
import { textOf } from './json-fields.ts';
import {
  createSlackApi,
  type SlackApi,
  type SlackApiOptions,
  type SlackCall,
  type SlackCallResult,
} from './web-api.ts';

export interface SlackReceiverOptions extends SlackApiOptions {
  /** Read for each message, so that a reloaded configuration applies at once. */
  readonly links: () => readonly LinkTemplate[];
  /** Distinguishes fleets that share a channel. */
  readonly namespace: string;
  /** Signs the buttons' tokens; undefined: messages have no buttons. */
  readonly buttonKey?: () => string;
  /** Called with each message that Slack accepted, for the status page. */
  readonly onDelivered?: (notification: Notification, message: SlackMessage) => void;
}

const supports: ReadonlySet<NextAction> = new Set(['post', 'edit', 'line', 'reminder', 'link'] as const);

export interface SlackReceiver extends Receiver {
  /** Deletes a message of this app. Resolves if the message is already gone. */
  retract(ref: DeliveryRef): Promise<void>;
}

export function createSlackReceiver(options: SlackReceiverOptions): SlackReceiver {
  const { namespace } = options;
  const api = createSlackApi(options);
  const channelIds = createChannelIds(api);

  function render(notification: Notification, more: RenderFacts = {}): SlackMessage {
    const { links, buttonKey } = options;
    return renderSlack(notification, {
      links: links(),
      namespace,
      ...(buttonKey && { buttonKey: buttonKey() }),
      ...more,
    });
  }

  async function deliver(
    notification: Notification,
    { startBy, mayRepeat = false }: { readonly startBy: Millis; readonly mayRepeat?: boolean },
  ): Promise<DeliveryResult> {
    const thread = threadOf(notification);
    const message = render(notification, { mayRepeat, ...(await permalinkOf(api, notification, startBy)) });
    const args = {
      ...bodyOf(message),
      client_msg_id: clientMessageId(`${namespace}:${notification.id}`),
      unfurl_links: false,
      unfurl_media: false,
      ...(thread && { thread_ts: thread.ts, reply_broadcast: isBroadcast(notification) }),
    };
    const channel = thread?.channel ?? notification.channel;
    const answer = await callOrPlainText(api, { method: 'chat.postMessage', channel, args, startBy });
    if (!answer.ok) return thread === undefined ? postFailure(answer) : deliveryFailure(answer);
    const ref = { channel: textOf(answer.result['channel']), ts: textOf(answer.result['ts']) };
    if (ref.channel === undefined || ref.ts === undefined)
      return { outcome: 'unknown', reason: 'unreadable-answer', retryInMs: undefined };
    channelIds.learn(channel, ref.channel);
    options.onDelivered?.(notification, message);
    return { outcome: 'delivered', ref: slackRefText({ channel: ref.channel, ts: ref.ts }) };
  }

  return {
    name: 'slack',
    supports,
    deliver,
    async edit(notification, ref, { startBy }) {
      const { channel, ts } = parseSlackRef(ref);
      const message = render(notification);
      const answer = await callOrPlainText(api, {
        method: 'chat.update',
        channel,
        args: { ...bodyOf(message), ts },
        startBy,
      });
      if (!answer.ok) return deliveryFailure(answer);
      options.onDelivered?.(notification, message);
      return { outcome: 'delivered', ref };
    },
    async reconcile(notification, { startBy }) {
      const { mayBeThereSince: since = notification.at, id: notificationId, channel } = notification;
      const search = { notificationId, namespace, channel, thread: threadOf(notification), since, startBy };
      return findMessage(search, { api, channelIds });
    },
    async retract(ref) {
      const { channel, ts } = parseSlackRef(ref);
      const answer = await api.call({
        method: 'chat.delete',
        channel,
        args: { ts },
        startBy: Number.POSITIVE_INFINITY,
      });
      if (!answer.ok && answer.error.kind !== 'gone')
        throw new Error(`Slack did not delete a message: ${answer.error.reason}`);
    },
  };
}

interface RenderFacts {
  readonly mayRepeat?: boolean;
  readonly permalink?: string;
}

/** The address of the root message, for a `link`. Without it the message names the channel. */
async function permalinkOf(
  api: SlackApi,
  { action, ref }: Notification,
  startBy: Millis,
): Promise<RenderFacts | undefined> {
  if (action !== 'link' || ref === undefined) return undefined;
  const { channel, ts } = parseSlackRef(ref);
  const answer = await api.call({ method: 'chat.getPermalink', channel, args: { message_ts: ts }, startBy });
  const permalink = answer.ok ? textOf(answer.result['permalink']) : undefined;
  return permalink === undefined ? undefined : { permalink };
}

/** An alert must not be lost for its format: a message whose blocks Slack refuses is sent once more as plain text. */
async function callOrPlainText(api: SlackApi, call: SlackCall): Promise<SlackCallResult> {
  const answer = await api.call(call);
  if (answer.ok || answer.error.kind !== 'content') return answer;
  return api.call({ ...call, args: { ...call.args, blocks: undefined } });
}

/** `parse: none`: otherwise an edit turns URLs and names into links. */
function bodyOf({ text, blocks, metadata }: SlackMessage): Record<string, unknown> {
  return { text, blocks, metadata, parse: 'none', link_names: false };
}

/** The root message of the thread for a line or a reminder; undefined for messages outside a thread. */
function threadOf({ action, ref }: Notification): SlackMessageRef | undefined {
  const isInThread = action === 'line' || action === 'reminder';
  return isInThread && ref !== undefined ? parseSlackRef(ref) : undefined;
}

/** True if a thread message also appears in the channel. */
function isBroadcast({ action, about }: Notification): boolean {
  return action === 'reminder' || (about.kind === 'incident' && about.line?.isLoud === true);
}
