import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { cleanName, parseHostname, parseTaskId } from './ids.ts';
import { partOf, type Redacted, redactedText, Untrusted } from './untrusted.ts';

describe('untrusted text', () => {
  const box = new Untrusted('hunter2');
  const printed = [
    ['in a template', `${box}`],
    ['joined', ['a', box].join(' ')],
    ['in JSON', JSON.stringify({ box })],
    ['inspected', inspect({ box })],
    ['as an error', new Error(String(box)).message],
  ] as const;
  for (const [way, text] of printed)
    test(`prints as a placeholder ${way}`, () => {
      assert.ok(text.includes('[untrusted]'), text);
      assert.ok(!text.includes('hunter2'), text);
    });

  test('shows its length, so that limits apply before it is opened', () => assert.equal(box.length, 7));
});

describe('redacted text', () => {
  const message = redactedText`card declined`;
  const queue = cleanName('mail\u0000er') ?? 'none';
  const outcome: 'failed' | 'lost' = 'lost';

  test('is built from literals, numbers, redacted text, cleaned names and literal types', () => {
    assert.equal(
      redactedText`${3} of ${1.5} in ${queue} on ${parseHostname('w@a')}: ${message}, ${outcome}`,
      '3 of 1.5 in mail\ufffder on w@a: card declined, lost',
    );
  });

  test('keeps escapes and special characters of the literal', () => {
    assert.equal(redactedText`a\n\`b\` \\c`, 'a\n`b` \\c');
  });

  test('refuses a plain string and a task id at compile time', () => {
    const fromWorker = String('secret');
    // @ts-expect-error A plain string may come from a worker.
    assert.equal(redactedText`${fromWorker}`, 'secret');
    const id = parseTaskId('t1');
    assert.ok(id !== undefined);
    // @ts-expect-error A task id is text that the caller chose.
    assert.equal(redactedText`${id}`, 't1');
    // @ts-expect-error A template type with an open part is not a literal.
    assert.equal(redactedText`${fromWorker as `x${string}`}`, 'secret');
    // @ts-expect-error The interpolated text is untrusted.
    assert.equal(redactedText`${new Untrusted('hunter2')}`, '[untrusted]');
  });

  test('a part keeps the brand of the whole', () => {
    const part: Redacted = partOf(message, message.slice(0, 4));
    assert.equal(part, 'card');
    // @ts-expect-error A part of a plain string is a plain string.
    const plain: Redacted = partOf(String('card'), 'ca');
    assert.equal(plain, 'ca');
  });
});
