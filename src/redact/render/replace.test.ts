import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Match } from '../text/match.ts';
import { distinctMatches, replaceMatches } from './replace.ts';

const place = (from: number, to: number, kind = 'token'): Match => ({ from, to, kind });
const text = '0123456789';

describe('the text with marks', () => {
  const cases: readonly (readonly [name: string, found: readonly Match[], shown: string])[] = [
    ['nothing found', [], '0123456789'],
    ['one place', [place(2, 4)], '01<token:23>456789'],
    ['a place at the start', [place(0, 2)], '<token:01>23456789'],
    ['a place at the end', [place(8, 10)], '01234567<token:89>'],
    ['two places', [place(1, 2), place(5, 6, 'card')], '0<token:1>234<card:5>6789'],
    ['places out of order', [place(5, 6), place(1, 2)], '0<token:1>234<token:5>6789'],
    ['a place inside another', [place(1, 6), place(2, 4)], '0<token:12345>6789'],
    ['the longer of two at one start', [place(1, 3), place(1, 6, 'card')], '0<card:12345>6789'],
    ['overlapping places have one mark', [place(1, 4), place(3, 6)], '0<token:123>6789'],
    ['adjacent places have one mark', [place(1, 3), place(3, 5)], '0<token:12>56789'],
    ['the same place twice', [place(1, 3), place(1, 3)], '0<token:12>3456789'],
  ];
  for (const [name, found, shown] of cases)
    test(name, () => assert.equal(replaceMatches(text, found, (kind, value) => `<${kind}:${value}>`).text, shown));
});

test('marks are counted by kind', () => {
  const found = [place(0, 1), place(2, 3), place(4, 5, 'card'), place(4, 5, 'card')];
  const { counts } = replaceMatches(text, found, () => '');
  assert.deepEqual(
    [...counts],
    [
      ['token', 2],
      ['card', 1],
    ],
  );
});

test('distinct places leave out those inside an earlier one', () => {
  const found = [place(3, 5), place(1, 4), place(1, 2), place(7, 8)];
  assert.deepEqual(distinctMatches(found), [place(1, 4), place(3, 5), place(7, 8)]);
  assert.deepEqual(distinctMatches([]), []);
});
