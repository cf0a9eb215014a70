/**
 * Delivers notifications to Slack: posts a message, or edits one. Each message appears once. The Slack client's own
 * retries are off, because they repeat a post whose answer was lost; instead every outcome has a name, and an attempt
 * after an unknown outcome first searches the channel for the message.
 *
 * Scopes: chat:write, and those of `find-message.ts`. Without the latter, a message whose outcome is unknown is posted
 * again with the note that it may be a repeat.
 */
import type { MessageRef } from '../../alert/incident.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import type { DeliveryResult } from '../../alert/outbox/outbox.ts';
import type { Millis } from '../../event/ids.ts';
import type { Deliver } from '../../notify/deliveries.ts';
import type { LinkTemplate } from '../slack-message/links.ts';
import { renderSlack, type SlackMessage } from '../slack-message/message.ts';
import { createChannelIds } from './channel-ids.ts';
import { clientMessageId } from './client-message-id.ts';
import { deliveryFailure, postFailure } from './delivery-result.ts';
import { findMessage, type MessageSearchResult } from './find-message.ts';
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
}

export interface SlackReceiver {
  readonly deliver: Deliver;
  /** Deletes a message of this app. Resolves if the message is already gone. */
  retract(message: MessageRef): Promise<void>;
  /** The message that a notification is shown as, for the status page. */
  render(notification: Notification): SlackMessage;
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

  async function post(notification: Notification, startBy: Millis): Promise<DeliveryResult> {
    const earlier = await findEarlier(notification, startBy);
    if (earlier.kind === 'found') return { outcome: 'found', ref: earlier.ref };
    if (earlier.kind === 'failed') return earlier.result;
    const thread = threadOf(notification);
    const permalink = await permalinkOf(api, notification, startBy);
    const args = {
      ...bodyOf(render(notification, { mayRepeat: earlier.kind === 'not-permitted', ...permalink })),
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
    return { outcome: 'delivered', ref: { channel: ref.channel, ts: ref.ts } };
  }

  async function edit(notification: Notification, root: MessageRef, startBy: Millis): Promise<DeliveryResult> {
    const args = { ...bodyOf(render(notification)), ts: root.ts };
    const answer = await callOrPlainText(api, { method: 'chat.update', channel: root.channel, args, startBy });
    return answer.ok ? { outcome: 'delivered', ref: root } : deliveryFailure(answer);
  }

  /** Searches only if an earlier attempt may have posted the message. */
  async function findEarlier(notification: Notification, startBy: Millis): Promise<MessageSearchResult> {
    const { mayBeThereSince: since, id: notificationId, channel } = notification;
    if (since === undefined) return { kind: 'absent' };
    const search = { notificationId, namespace, channel, thread: threadOf(notification), since, startBy };
    return findMessage(search, { api, channelIds });
  }

  return {
    render,
    deliver(notification, { startBy }) {
      const { action, root } = notification;
      return action === 'edit' && root !== undefined ? edit(notification, root, startBy) : post(notification, startBy);
    },
    async retract({ channel, ts }) {
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
  { action, root }: Notification,
  startBy: Millis,
): Promise<RenderFacts | undefined> {
  if (action !== 'link' || root === undefined) return undefined;
  const { channel, ts } = root;
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
function threadOf({ action, root }: Notification): MessageRef | undefined {
  return action === 'line' || action === 'reminder' ? root : undefined;
}

/** True if a thread message also appears in the channel. */
function isBroadcast({ action, about }: Notification): boolean {
  return action === 'reminder' || (about.kind === 'incident' && about.line?.isLoud === true);
}
