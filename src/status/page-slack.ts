/** Slack blocks drawn as Slack would show them. Knows the block types that `sink/slack-message.ts` makes. */
import type { ShownMessage } from './board.ts';
import { type Html, html } from './html.ts';

export function slackMessage(shown: ShownMessage, time: (at: number) => Html): Html {
  const state = shown.notification.state === 'resolved' ? 'resolved' : shown.notification.severity;
  return html`<article class="slack ${state}">
<div class="avatar" aria-hidden="true">tv</div>
<div class="said"><p class="who"><b>taskvigil</b> <span class="app">APP</span> ${time(shown.postedAt)} <span class="channel">${shown.channel}</span>${shown.edits > 0 ? html` <span class="edited">(edited ${shown.edits}×)</span>` : ''}</p>
${blocksOf(shown.message)}
${shown.replies.length === 0 ? '' : html`<div class="thread"><p>${shown.replies.length} ${shown.replies.length === 1 ? 'reply' : 'replies'}</p>${shown.replies.map((reply) => html`<div>${time(reply.at)} ${blocksOf(reply.message)}</div>`)}</div>`}
</div></article>`;
}

type Node = Readonly<Record<string, unknown>>;

function blocksOf(message: unknown): Html {
  return html`${listOf((message as Node)['blocks']).map(blockOf)}`;
}

function blockOf(block: Node): Html {
  switch (block['type']) {
    case 'header':
      return html`<h3>${textOf(block['text'])}</h3>`;
    case 'context':
      return html`<p class="context">${listOf(block['elements']).map((element) => html`${textOf(element)} `)}</p>`;
    case 'rich_text':
      return html`${listOf(block['elements']).map(partOf)}`;
    default:
      return html`<p>${textOf(block['text'])}</p>`;
  }
}

function partOf(part: Node): Html {
  const inside = listOf(part['elements']).map(inlineOf);
  return part['type'] === 'rich_text_preformatted' ? html`<pre>${inside}</pre>` : html`<p class="rich">${inside}</p>`;
}

function inlineOf(element: Node): Html {
  const text = textOf(element);
  if (element['type'] === 'date') return html`${String(element['fallback'] ?? '')}`;
  if (element['type'] === 'link') return html`<span class="link">${text}</span>`;
  if (element['type'] !== 'text')
    return html`<span class="link">@${String(element['user_id'] ?? element['usergroup_id'] ?? element['channel_id'] ?? '')}</span>`;
  return (element['style'] as Node | undefined)?.['bold'] === true ? html`<b>${text}</b>` : html`${text}`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const text = (value as Node | undefined)?.['text'];
  return typeof text === 'string' ? text : '';
}

function listOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value : [];
}
