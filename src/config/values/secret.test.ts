import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from './secret.ts';
import { secret } from './secret-text.ts';

const hidden = new Secret('canary');
const outputs: readonly (readonly [title: string, text: string])[] = [
  ['a template', `${hidden}`],
  ['JSON', JSON.stringify({ hidden })],
  ['inspect', inspect({ hidden }, { depth: 9, showHidden: true })],
  ['a concatenation', `a${String(hidden)}`],
  ['the keys', JSON.stringify(Object.entries(hidden))],
];
for (const [title, text] of outputs) {
  test(`a secret is hidden in ${title}`, () => assert.doesNotMatch(text, /canary/));
}

test('a secret is exposed on request only', () => assert.equal(hidden.expose(), 'canary'));

test('a secret of the configuration is checked, and never repeated in the message', () => {
  const token = secret('a token (xapp-…)', /^xapp-\w+$/);
  assert.equal(token.parse('xapp-canary').expose(), 'xapp-canary');
  for (const [raw, want] of [
    ['canary', 'expected a token (xapp-…), got another text'],
    [5, 'expected a token (xapp-…), got a number'],
    [undefined, 'expected a token (xapp-…), got nothing'],
  ] as const) {
    assert.equal(token.safeParse(raw).error?.issues[0]?.message, want);
  }
});
