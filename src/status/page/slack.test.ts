import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bulletinNotificationOf,
  bulletinOf,
  incidentOf,
  notificationOf,
  openedAt,
} from '../../../test/fakes/incident.ts';
import type { BoardMessage } from '../board-messages.ts';
import { html } from './html.ts';
import { slackMessage } from './slack.ts';

function draw(facts: Partial<BoardMessage> = {}): string {
  const message: BoardMessage = {
    incident: '7d3f9a1c2b',
    channel: '#alerts',
    postedAt: openedAt,
    edits: 0,
    notification: notificationOf(),
    message: { blocks: [] },
    replies: [],
    ...facts,
  };
  return slackMessage(message, (at) => html`<time>${at - openedAt}</time>`).toString();
}

const drawBlocks = (...blocks: readonly unknown[]) => draw({ message: { blocks } });
const plain = (text: string) => ({ type: 'plain_text', text });
const richText = (...elements: readonly unknown[]) => ({ type: 'rich_text', elements });
const section = (...elements: readonly unknown[]) => ({ type: 'rich_text_section', elements });
const text = (value: string, style = {}) => ({ type: 'text', text: value, style });

const blocks: readonly (readonly [name: string, block: unknown, drawn: string])[] = [
  ['a header', { type: 'header', text: plain('a < b') }, '<h3>a &lt; b</h3>'],
  ['a context', { type: 'context', elements: [plain('a'), plain('b')] }, '<p class="context">a b </p>'],
  [
    'an inline text with its style',
    richText(section(text('a'), text('b', { bold: true }), text('c', { code: true }))),
    '<p class="rich">a<b>b</b><code>c</code></p>',
  ],
  [
    'a preformatted text',
    richText({ type: 'rich_text_preformatted', elements: [text('<script>')] }),
    '<pre>&lt;script&gt;</pre>',
  ],
  [
    'a list',
    richText({ type: 'rich_text_list', elements: [section(text('a')), section(text('b'))] }),
    '<ul class="bullets"><li>a</li><li>b</li></ul>',
  ],
  ['a date', richText(section({ type: 'date', fallback: '10:02 UTC' })), '<p class="rich">10:02 UTC</p>'],
  [
    'a link without its address',
    richText(section({ type: 'link', url: 'https://evil.example', text: 'Trace' })),
    '<p class="rich"><span class="link">Trace</span></p>',
  ],
  [
    'a mention',
    richText(section({ type: 'usergroup', usergroup_id: 'S0PAY' })),
    '<p class="rich"><span class="mention">@S0PAY</span></p>',
  ],
  [
    'the buttons, without a function',
    {
      type: 'actions',
      elements: [
        { type: 'button', style: 'primary', text: plain('Ack') },
        { type: 'static_select', placeholder: plain('Snooze …') },
        { type: 'overflow', options: [] },
      ],
    },
    '<p class="actions"><span class="control primary">Ack</span><span class="control">Snooze … ▾</span><span class="control">⋯</span></p>',
  ],
  ['an unknown block by its text', { type: 'section', text: plain('a') }, '<p>a</p>'],
  ['an unknown block without a text', { type: 'divider' }, '<p></p>'],
];
for (const [name, block, drawn] of blocks) {
  test(`the page draws ${name}`, () => assert.ok(drawBlocks(block).includes(drawn), drawBlocks(block)));
}

test('a message without blocks is drawn empty', () => {
  assert.ok(draw({ message: {} }).includes('#alerts'));
});

test('the head shows time, channel and number of edits', () => {
  assert.match(draw(), /<time>0<\/time> <span class="channel">#alerts<\/span><\/p>/);
  assert.match(draw({ edits: 3 }), /\(edited 3×\)/);
});

test('replies are counted and drawn with their time', () => {
  const reply = (at: number) => ({ at: openedAt + at, message: { blocks: [richText(section(text(`reply ${at}`)))] } });
  assert.match(draw({ replies: [reply(5)] }), /1 reply<\/p><div><time>5<\/time> <p class="rich">reply 5<\/p>/);
  assert.match(draw({ replies: [reply(5), reply(6)] }), /2 replies/);
  assert.doesNotMatch(draw(), /class="thread"/);
});

const tones: readonly (readonly [facts: Partial<BoardMessage>, tone: string])[] = [
  [{ notification: notificationOf(incidentOf({ severity: 'critical' })) }, 'critical'],
  [{ notification: notificationOf(incidentOf({ severity: 'high' })) }, 'high'],
  [
    {
      notification: notificationOf(incidentOf({ severity: 'high', phase: { name: 'resolved', at: 0, by: undefined } })),
    },
    'resolved',
  ],
  [{ notification: bulletinNotificationOf(bulletinOf()) }, 'bulletin'],
];
for (const [facts, tone] of tones) {
  test(`the border shows ${tone}`, () => assert.ok(draw(facts).startsWith(`<article class="slack ${tone}">`)));
}
