/** Draws Slack blocks as Slack shows them. Supports the block types that `sink/slack-message/blocks.ts` builds. */
import type { Notification } from '../../alert/outbox/notification.ts';
import type { BoardMessage } from '../board-messages.ts';
import { type Html, html } from './html.ts';

export function slackMessage(shown: BoardMessage, time: (at: number) => Html): Html {
  return html`<article class="slack ${toneOf(shown.notification)}">
<div class="avatar" aria-hidden="true">tv</div>
<div class="said"><p class="who"><b>taskvigil</b> <span class="app">APP</span> ${time(shown.postedAt)} <span class="channel">${shown.channel}</span>${shown.edits > 0 ? html` <span class="edited">(edited ${shown.edits}×)</span>` : ''}</p>
${slackBlocks(shown.message)}
${shown.replies.length === 0 ? '' : html`<div class="thread"><p>${shown.replies.length} ${shown.replies.length === 1 ? 'reply' : 'replies'}</p>${shown.replies.map((reply) => html`<div>${time(reply.at)} ${slackBlocks(reply.message)}</div>`)}</div>`}
</div></article>`;
}

/** A style class: the severity, or resolved. */
function toneOf({ about }: Notification): string {
  if (about.kind === 'bulletin') return 'bulletin';
  return about.incident.phase.name === 'resolved' ? 'resolved' : about.incident.severity;
}

type Node = Readonly<Record<string, unknown>>;

/** The blocks of a message. Its buttons have no function here. */
function slackBlocks(message: unknown): Html {
  return html`${listOf((message as Node)['blocks']).map(blockOf)}`;
}

function blockOf(block: Node): Html {
  switch (block['type']) {
    case 'header':
      return html`<h3>${textOf(block['text'])}</h3>`;
    case 'context':
      return html`<p class="context">${listOf(block['elements']).map((element) => html`${textOf(element)} `)}</p>`;
    case 'actions':
      return html`<p class="actions">${listOf(block['elements']).map(controlOf)}</p>`;
    case 'rich_text':
      return html`${listOf(block['elements']).map(partOf)}`;
    default:
      return html`<p>${textOf(block['text'])}</p>`;
  }
}

function controlOf(control: Node): Html {
  const style = control['style'] === 'primary' ? 'control primary' : 'control';
  if (control['type'] === 'overflow') return html`<span class="${style}">⋯</span>`;
  if (control['type'] === 'static_select')
    return html`<span class="${style}">${textOf(control['placeholder'])} ▾</span>`;
  return html`<span class="${style}">${textOf(control['text'])}</span>`;
}

function partOf(part: Node): Html {
  const elements = listOf(part['elements']);
  switch (part['type']) {
    case 'rich_text_preformatted':
      return html`<pre>${elements.map(inlineOf)}</pre>`;
    case 'rich_text_list':
      return html`<ul class="bullets">${elements.map((item) => html`<li>${listOf(item['elements']).map(inlineOf)}</li>`)}</ul>`;
    default:
      return html`<p class="rich">${elements.map(inlineOf)}</p>`;
  }
}

function inlineOf(element: Node): Html {
  const text = textOf(element);
  if (element['type'] === 'date') return html`${String(element['fallback'] ?? '')}`;
  if (element['type'] === 'link') return html`<span class="link">${text}</span>`;
  if (element['type'] !== 'text')
    return html`<span class="mention">@${String(element['user_id'] ?? element['usergroup_id'] ?? element['channel_id'] ?? '')}</span>`;
  const style = (element['style'] ?? {}) as Node;
  if (style['code'] === true) return html`<code>${text}</code>`;
  return style['bold'] === true ? html`<b>${text}</b>` : html`${text}`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const text = (value as Node | undefined)?.['text'];
  return typeof text === 'string' ? text : '';
}

function listOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value : [];
}
