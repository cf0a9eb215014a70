import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesGlob } from './glob.ts';

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
