import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, openedAt } from '../../../test/fakes/incident.ts';
import { contentErrorOf, visibleLines } from '../../../test/fakes/slack-content.ts';
import { type CommandReply, refusalReply, silenceReply, whyReply } from './replies.ts';

function linesOf({ text, blocks }: CommandReply): string[] {
  assert.equal(contentErrorOf({ text, blocks, metadata: undefined }), undefined);
  return visibleLines(blocks);
}

test('a refusal is one sentence', () => {
  const reply = refusalReply('not-allowed');
  assert.equal(reply.text, 'Only the people in slack.allow may silence or archive, so nothing was done.');
  assert.deepEqual(linesOf(reply), [reply.text]);
});

test('a stale refusal shows the present state', () => {
  const acknowledged = incidentOf({ ack: { by: 'U0ANN', at: openedAt } });
  assert.deepEqual(linesOf(refusalReply('stale', acknowledged)), [
    'The incident has changed since these buttons were shown, so nothing was done. Its state now:',
    '👀 New failure · billing.tasks.charge',
    '👀 Acknowledged by U0ANN, 2026-11-24 10:02 UTC',
  ]);
  assert.equal(linesOf(refusalReply('stale', incidentOf())).at(-1), 'Open, not acknowledged');
});

test('only a stale refusal shows the incident', () => {
  assert.equal(linesOf(refusalReply('gone', incidentOf())).length, 1);
});

test('a silence is confirmed with its scope and its end', () => {
  assert.deepEqual(linesOf(silenceReply(openedAt, ['a', 'b'])), ['🔕 Silenced: a, b, until 2026-11-24 10:02 UTC']);
  assert.equal(silenceReply(openedAt, []).text, 'Silenced: this signal');
});

test('the answer to why lists the decisions, and counts those beyond twenty', () => {
  assert.deepEqual(linesOf(whyReply(['opened', 'suppressed'])), ['Why you see this', 'opened', 'suppressed']);
  const decisions = Array.from({ length: 21 }, (_, index) => `decision ${index}`);
  assert.deepEqual(linesOf(whyReply(decisions)).slice(-2), ['decision 19', 'and 1 more']);
  assert.equal(linesOf(whyReply(decisions.slice(1))).at(-1), 'decision 20');
});

test('the answer to why states that no decision is recorded', () => {
  assert.deepEqual(linesOf(whyReply([])), ['No decisions about this incident are recorded.']);
});

test('a title above further lines is bold, a sentence alone is not', () => {
  const isBold = (reply: CommandReply) => JSON.stringify(reply.blocks).includes('"bold":true');
  assert.equal(isBold(whyReply(['opened'])), true);
  assert.equal(isBold(whyReply([])), false);
});
