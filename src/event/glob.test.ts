import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coversSome, matchesGlob, matchesSome, meetsGlobs } from './glob.ts';

const cases: readonly (readonly [glob: string, text: string, want: boolean])[] = [
  ['mail.send', 'mail.send', true],
  ['mail.send', 'mail.sends', false],
  ['mail.send', 'amail.send', false],
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'anything at all', true],
  ['mail.*', 'mail.', true],
  ['mail.*', 'mail', false],
  ['*.send', 'mail.send', true],
  ['*.send', 'mail.send.later', false],
  ['m*l.*d', 'mail.send', true],
  ['**', 'a', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['mail-?', 'mail-1', true],
  ['mail-?', 'mail-', false],
  ['mail-?', 'mail-12', false],
  ['?*', '', false],
  ['.', 'x', false],
  ['a+', 'aa', false],
  ['[ab]', 'a', false],
];
for (const [glob, text, want] of cases)
  test(`"${glob}" ${want ? 'matches' : 'does not match'} "${text}"`, () => assert.equal(matchesGlob(glob, text), want));

/** The obvious definition, exponential in the worst case. */
function matchesSlowly(glob: string, text: string): boolean {
  if (glob === '') return text === '';
  if (glob[0] === '*') return matchesSlowly(glob.slice(1), text) || (text !== '' && matchesSlowly(glob, text.slice(1)));
  return text !== '' && (glob[0] === '?' || glob[0] === text[0]) && matchesSlowly(glob.slice(1), text.slice(1));
}

test('agrees with the plain definition for any glob and text', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
  const globs = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(globs, letters, (glob, text) => matchesGlob(glob, text) === matchesSlowly(glob, text)),
    {
      numRuns: 2_000,
    },
  );
});

test('many stars over a long text take no exponential time', () => {
  assert.equal(matchesGlob(`${'*a'.repeat(50)}b`, 'a'.repeat(5_000)), false);
});

const lists = [
  { globs: [], text: 'mail.send', some: false, meets: true },
  { globs: ['mail.*'], text: 'mail.send', some: true, meets: true },
  { globs: ['shop.*', 'mail.*'], text: 'mail.send', some: true, meets: true },
  { globs: ['shop.*'], text: 'mail.send', some: false, meets: false },
];
for (const { globs, text, some, meets } of lists) {
  test(`[${globs.join(', ')}] and "${text}": matches ${some}, met as a condition ${meets}`, () => {
    assert.equal(matchesSome(globs, text), some);
    assert.equal(meetsGlobs(globs, text), meets);
  });
}

test('an unknown text meets only an empty list', () => {
  assert.equal(meetsGlobs([], undefined), true);
  assert.equal(meetsGlobs(['*'], undefined), false);
});

const covered: readonly (readonly [wide: string, narrow: string, want: boolean])[] = [
  ['*', '', true],
  ['*', 'mail.*', true],
  ['mail.*', 'mail.send', true],
  ['mail.*', 'mail.*.retry', true],
  ['mail.*', 'mail*', false],
  ['mail.send', 'mail.*', false],
  ['?', 'a', true],
  ['?', '?', true],
  ['?', '*', false],
  ['a', '?', false],
  ['*.send', 'mail.*', false],
  ['*.send', 'mail.*.send', true],
  ['', '', true],
  ['', 'a', false],
];
for (const [wide, narrow, want] of covered) {
  test(`"${wide}" covers "${narrow}": ${want}`, () => assert.equal(coversSome([wide], narrow), want));
}

test('one covering glob of several is enough', () => {
  assert.equal(coversSome(['a.*', 'b.*'], 'b.c'), true);
  assert.equal(coversSome([], 'b.c'), false);
});

test('a glob that covers another one matches every text that the other one matches', () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(glob, glob, name, (wide, narrow, one) => {
      if (coversSome([wide], narrow) && matchesGlob(narrow, one)) assert.ok(matchesGlob(wide, one));
      assert.ok(coversSome([narrow], narrow));
    }),
    { numRuns: 2_000 },
  );
});
