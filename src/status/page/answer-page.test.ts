import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerReply, noTraceReply } from './answer-page.ts';

test('a known id is answered with its lines as escaped text', () => {
  const { status, body } = answerReply('task', 'a<b', { isKnown: true, lines: ['Task a<b: lost.'] });
  assert.equal(status, 200);
  assert.match(body, /<h2>task a&lt;b<\/h2><ul><li>Task a&lt;b: lost\.<\/li>/);
});

test('an unknown id is answered with 404', () => {
  const { status, body } = answerReply('incident', 'abc', { isKnown: false, lines: ['abc: not found'] });
  assert.equal(status, 404);
  assert.match(body, /incident abc not found/);
});

test('a trace that is not kept is 404, also if its task is known', () => {
  for (const isKnown of [true, false]) {
    const { status, body } = noTraceReply('abc', 7, { isKnown, lines: ['a line'] });
    assert.equal(status, 404);
    assert.equal(body.includes('Known about the id'), isKnown);
  }
});
