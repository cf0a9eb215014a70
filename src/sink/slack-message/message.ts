/**
 * Notification → Slack message. Pure. Text from tasks appears only where Slack shows it literally: plain_text and
 * rich_text. Mentions come from the policy and from people who pressed a button, link targets from the configured
 * templates. Nothing else in a message can notify or lead anywhere.
 */

import { countOf, headingOf } from '../../alert/incidents/heading.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import type { SlackBlock } from './blocks.ts';
import { bulletinBlocks, bulletinHeadline } from './bulletin-message.ts';
import { headlineOf } from './headline.ts';
import { type IncidentOptions, rootBlocks, summaryOf } from './incident-message.ts';
import { eventType, parseSlackRef } from './message-ref.ts';
import { escaped } from './text.ts';
import { lineBlocks, lineText, linkBlocks, reminderBlocks } from './thread.ts';

export interface SlackMessage {
  /** For push previews and screen readers, and if Slack refuses the blocks. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  /** Identifies the message in the channel's history. Any app of the workspace can read it, so it contains ids only. */
  readonly metadata: {
    readonly event_type: typeof eventType;
    readonly event_payload: { readonly id: string; readonly incident: string; readonly namespace: string };
  };
}

export interface RenderOptions extends IncidentOptions {
  /** Slack's address of the root message, for a `link`. */
  readonly permalink?: string;
}

const headMax = 140;
const previewMax = 300;

export function renderSlack(notification: Notification, options: RenderOptions): SlackMessage {
  const { about, id } = notification;
  return {
    text: previewOf(notification),
    blocks: blocksOf(notification, options),
    metadata: {
      event_type: eventType,
      event_payload: {
        id,
        incident: about.kind === 'incident' ? about.incident.id : about.bulletin.id,
        namespace: options.namespace ?? 'default',
      },
    },
  };
}

function blocksOf({ about, action, at, ref }: Notification, options: RenderOptions): readonly SlackBlock[] {
  if (about.kind === 'bulletin') return bulletinBlocks(about.bulletin, options.namespace ?? 'default');
  const { incident, line } = about;
  switch (action) {
    case 'post':
    case 'edit':
      return rootBlocks(incident, { ...options, isFirst: action === 'post' });
    case 'line':
      return lineBlocks(incident, line);
    case 'reminder':
      return reminderBlocks(incident, at);
    case 'link':
      return linkBlocks(incident, options.permalink, ref === undefined ? undefined : parseSlackRef(ref).channel);
    default:
      return action satisfies never;
  }
}

function previewOf({ about, action }: Notification): string {
  if (about.kind === 'bulletin') return escaped(bulletinHeadline(about.bulletin), previewMax);
  const { incident, line } = about;
  const head = escaped(headlineOf(incident), headMax);
  const detail = action === 'line' ? lineText(incident, line) : summaryOf(incident);
  const prefix = action === 'reminder' ? 'Still open: ' : '';
  const count = countOf(incident, headingOf(incident));
  const times = action === 'line' || count <= 1 ? '' : ` (${count})`;
  return `${prefix}${head}${times}${detail.trim() === '' ? '' : `: ${escaped(detail, previewMax)}`}`;
}
