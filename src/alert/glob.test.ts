import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesGlob } from '../event/glob.ts';
import { coversGlob, coversSome } from './glob.ts';

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
  test(`"${wide}" covers "${narrow}": ${want}`, () => assert.equal(coversGlob(wide, narrow), want));
}

test('one of several is enough', () => {
  assert.equal(coversSome(['a.*', 'b.*'], 'b.c'), true);
  assert.equal(coversSome([], 'b.c'), false);
});

test('a name that the narrow one matches, the wide one that covers it matches too', () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(glob, glob, name, (wide, narrow, one) => {
      if (coversGlob(wide, narrow) && matchesGlob(narrow, one)) assert.ok(matchesGlob(wide, one));
      assert.ok(coversGlob(narrow, narrow));
    }),
    { numRuns: 2_000 },
  );
});
