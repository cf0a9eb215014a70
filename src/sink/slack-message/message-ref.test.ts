import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSlackRef, slackRefText } from './message-ref.ts';

test('a reference is read back as it was written', () => {
  const ref = { channel: 'C0ALERTS01', ts: '1700000000.000100' };
  assert.equal(slackRefText(ref), 'C0ALERTS01/1700000000.000100');
  assert.deepEqual(parseSlackRef(slackRefText(ref)), ref);
});

test('a text without a timestamp names no message', () => {
  assert.deepEqual(parseSlackRef('C0ALERTS01'), { channel: 'C0ALERTS01', ts: '' });
});
