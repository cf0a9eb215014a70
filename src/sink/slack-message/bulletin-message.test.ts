import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bulletinOf } from '../../../test/fakes/incident.ts';
import { visibleLines } from '../../../test/fakes/slack-content.ts';
import type { Bulletin } from '../../alert/incident.ts';
import { bulletinBlocks, bulletinHeadline } from './bulletin-message.ts';

test('a bulletin shows at most 25 lines and counts the others', () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  const shown = visibleLines(bulletinBlocks(bulletinOf({ lines, more: 2 }), 'default'));
  assert.equal(shown[0], '🌊 Storm: 42 more incidents');
  assert.equal(shown[1], 'line 0');
  assert.equal(shown[26], 'and 17 more');
});

test('twenty-five lines need no further entry', () => {
  const lines = Array.from({ length: 25 }, (_, index) => `line ${index}`);
  const shown = visibleLines(bulletinBlocks(bulletinOf({ lines }), 'default'));
  assert.deepEqual([shown.length, shown[25]], [27, 'line 24']);
});

const headlines: readonly (readonly [facts: Partial<Bulletin>, headline: string, footer: string])[] = [
  [
    { kind: 'storm', lines: ['a'] },
    '🌊 Storm: 1 more incident',
    'This channel is over its message budget: further incidents are listed here',
  ],
  [
    { kind: 'summary', lines: ['a'], more: 1 },
    '🌅 2 incidents still open after mute hours',
    'Suppressed during mute hours and still open',
  ],
  [
    { kind: 'digest', title: 'Since 09:00: 3 open' },
    '🗞️ Since 09:00: 3 open',
    'Incidents and failures without a message of their own',
  ],
  [{ kind: 'self', title: 'Store unreachable' }, '🩺 Store unreachable', 'About taskvigil itself'],
];
for (const [facts, headline, footer] of headlines) {
  test(`a ${facts.kind} is headed "${headline}"`, () => {
    const bulletin = bulletinOf(facts);
    assert.equal(bulletinHeadline(bulletin), headline);
    const lines = visibleLines(bulletinBlocks(bulletin, 'default'));
    assert.deepEqual([lines[0], lines.at(-1)], [headline, footer]);
  });
}

test('the footer names a fleet with a namespace', () => {
  const lines = visibleLines(bulletinBlocks(bulletinOf({ kind: 'self' }), 'shop'));
  assert.equal(lines.at(-1), 'About taskvigil itself · shop');
});
