import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actor, bold, code, date, header, mention, preformatted, text, time } from './blocks.ts';

const mentions: readonly (readonly [id: string, element: unknown])[] = [
  ['U0JO', { type: 'user', user_id: 'U0JO' }],
  ['W0ANN', { type: 'user', user_id: 'W0ANN' }],
  ['S0PAY', { type: 'usergroup', usergroup_id: 'S0PAY' }],
  ['C0ALERTS', { type: 'channel', channel_id: 'C0ALERTS' }],
  ['B0BOT', undefined],
  ['U', undefined],
  ['u0jo', undefined],
  ['U0 JO', undefined],
  ['@jo', undefined],
  ['<!channel>', undefined],
];
for (const [id, element] of mentions) {
  test(`${id} ${element === undefined ? 'mentions no one' : 'is a mention'}`, () =>
    assert.deepEqual(mention(id), element));
}

test('the author of an action is mentioned by a user id only', () => {
  assert.deepEqual(actor('U0JO'), { type: 'user', user_id: 'U0JO' });
  assert.deepEqual(actor('S0PAY'), { type: 'text', text: 'S0PAY' });
  assert.deepEqual(actor('cli'), { type: 'text', text: 'cli' });
});

test('a header has one line of at most 140 characters', () => {
  assert.deepEqual(header('a\n b'), { type: 'header', text: { type: 'plain_text', text: 'a b', emoji: false } });
  const long = header('x'.repeat(141));
  assert.ok(long.type === 'header');
  assert.equal(long.text.text.length, 140);
});

test('times have a fallback in UTC for clients without dates', () => {
  const at = Date.UTC(2026, 10, 24, 10, 2, 59, 900);
  assert.deepEqual(date(at), {
    type: 'date',
    timestamp: Math.floor(at / 1_000),
    format: '{date_short_pretty} at {time}',
    fallback: '2026-11-24 10:02 UTC',
  });
  assert.equal((time(at) as { fallback: string }).fallback, '10:02 UTC');
});

test('preformatted text keeps its lines', () => {
  assert.deepEqual(preformatted('a\n b', 10), {
    type: 'rich_text_preformatted',
    elements: [{ type: 'text', text: 'a\n b' }],
  });
});

test('styles are bold and code', () => {
  assert.deepEqual(bold('a'), { type: 'text', text: 'a', style: { bold: true } });
  assert.deepEqual(code('a'), { type: 'text', text: 'a', style: { code: true } });
  assert.deepEqual(text('a'), { type: 'text', text: 'a' });
});
