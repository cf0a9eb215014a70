/** Globs as operators write them: `*` matches any characters, `?` exactly one, and every other character itself. */

/** Greedy with one position to return to, so that no pattern takes more than length times length steps. */
export function matchesGlob(glob: string, text: string): boolean {
  let g = 0;
  let n = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (n < text.length) {
    if (g < glob.length && glob[g] === '*') {
      starAt = g;
      resumeAt = n;
      g += 1;
    } else if (g < glob.length && (glob[g] === '?' || glob[g] === text[n])) {
      g += 1;
      n += 1;
    } else if (starAt >= 0) {
      g = starAt + 1;
      resumeAt += 1;
      n = resumeAt;
    } else {
      return false;
    }
  }
  while (glob[g] === '*') g += 1;
  return g === glob.length;
}

/** True if one of `globs` matches. */
export function matchesSome(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => matchesGlob(glob, text));
}

/** The same as a condition: an empty list of globs is no condition, and an unknown text meets no other. */
export function meetsGlobs(globs: readonly string[], text: string | undefined): boolean {
  return globs.length === 0 || (text !== undefined && matchesSome(globs, text));
}

/** True if `wide` matches every text that `narrow` matches. May be false although it does, but never true although it does not. */
function coversGlob(wide: string, narrow: string): boolean {
  // Most globs differ in their first letters, which decides without the table below.
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
