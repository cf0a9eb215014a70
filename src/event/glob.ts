/** Globs as operators write them: `*` is any characters, `?` is exactly one, everything else is itself. */

/** Greedy with one point to return to, so that no pattern takes more than length times length steps. */
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

/** Whether any of `globs` matches; an empty list asks for nothing, and a text that nobody told matches only that. */
export function matchesSome(globs: readonly string[], text: string | undefined): boolean {
  return globs.length === 0 || (text !== undefined && globs.some((glob) => matchesGlob(glob, text)));
}
