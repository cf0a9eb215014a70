/** Globs over names: whether one of several matches, and whether one covers another. */
import { matchesGlob } from '../event/glob.ts';

export function matchesSome(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => matchesGlob(glob, name));
}

/** Does `wide` match every name that `narrow` matches? May say no where it does, and never yes where it does not. */
export function coversGlob(wide: string, narrow: string): boolean {
  // Most globs differ in their first letters, which nothing behind them can make good.
  for (let i = 0; i < wide.length && wide[i] !== '*' && wide[i] !== '?'; i += 1) {
    if (wide[i] !== narrow[i]) return false;
  }
  // covered[n]: the rest of `wide` covers the rest of `narrow` from n on; the rows of `wide` from its end to its start.
  let covered = Array.from({ length: narrow.length + 1 }, (_, n) => n === narrow.length);
  for (let w = wide.length - 1; w >= 0; w -= 1) {
    const rest = covered;
    covered = new Array<boolean>(narrow.length + 1).fill(false);
    for (let n = narrow.length; n >= 0; n -= 1) {
      if (wide[w] === '*') covered[n] = rest[n] === true || covered[n + 1] === true;
      else
        covered[n] =
          n < narrow.length && narrow[n] !== '*' && (wide[w] === '?' || wide[w] === narrow[n]) && rest[n + 1] === true;
    }
  }
  return covered[0] === true;
}

export function coversSome(wide: readonly string[], narrow: string): boolean {
  return wide.some((glob) => coversGlob(glob, narrow));
}
