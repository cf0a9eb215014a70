/** Globs over names: `*` is any characters, `?` exactly one; everything else stands for itself. */

/** Greedy with one point to return to, so that no pattern takes more than length times length steps. */
export function matchesGlob(glob: string, name: string): boolean {
  let g = 0;
  let n = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (n < name.length) {
    if (g < glob.length && glob[g] === '*') {
      starAt = g;
      resumeAt = n;
      g += 1;
    } else if (g < glob.length && (glob[g] === '?' || glob[g] === name[n])) {
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

export function matchesSome(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => matchesGlob(glob, name));
}
