import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pattern } from './pattern.ts';

function matchesOf(source: string, text: string): (readonly [number, number])[] {
  return [...pattern().parse(source).find(text)];
}

const found: readonly (readonly [source: string, text: string, want: readonly (readonly [number, number])[]])[] = [
  [
    'PAT-\\d{2}',
    'a PAT-12 b PAT-34',
    [
      [2, 8],
      [11, 17],
    ],
  ],
  ['x+', 'no match', []],
  ['(?i)abc', 'ABC', [[0, 3]]],
];
for (const [source, text, want] of found) {
  test(`${source} finds ${want.length} in "${text}"`, () => assert.deepEqual(matchesOf(source, text), want));
}

test('a match without characters is no match', () => {
  assert.deepEqual(matchesOf('\\bx*', 'a xx'), [[2, 4]]);
});

for (const [matches, isAccepted] of [
  [5_000, true],
  [5_001, false],
] as const) {
  test(`${matches} matches in one text are ${isAccepted ? 'returned' : 'an error'}`, () => {
    const find = () => matchesOf('x', 'x'.repeat(matches));
    if (isAccepted) assert.equal(find().length, matches);
    else assert.throws(find, RangeError);
  });
}

const bad: readonly (readonly [raw: unknown, want: RegExp])[] = [
  [5, /^expected a regular expression of at most 1024 characters, got a number$/],
  ['', /^expected a regular expression of at most 1024 characters, got nothing$/],
  ['x'.repeat(1_025), /^expected a regular expression of at most 1024 characters, got another text$/],
  ['(', /^expected a regular expression in the syntax of RE2: /],
  ['(?<=a)b', /^expected a regular expression in the syntax of RE2: /],
  ['(a)\\1', /^expected a regular expression in the syntax of RE2: /],
  ['a*', /^expected a regular expression in the syntax of RE2: matches the empty text$/],
];
for (const [raw, want] of bad) {
  test(`the pattern ${JSON.stringify(raw).slice(0, 20)} is refused`, () =>
    assert.match(pattern().safeParse(raw).error?.issues[0]?.message ?? '', want));
}

test('a pattern of 1024 characters is accepted', () => {
  assert.equal(pattern().safeParse('x'.repeat(1_024)).success, true);
});

test('the time grows linearly with the text', () => {
  assert.deepEqual(matchesOf('(x+x+)+y', 'x'.repeat(20_000)), []);
});
