import type { Match } from '../text/match.ts';
import type { MarkRenderer } from './marks.ts';

/** The places without those inside an earlier one, in the order of the text. Places that overlap stay. */
export function distinctMatches(found: readonly Match[]): Match[] {
  const places = found.length > 1 ? found.toSorted((a, b) => a.from - b.from || b.to - a.to) : found;
  const distinct: Match[] = [];
  let end = 0;
  for (const match of places) {
    if (match.to <= end) continue;
    end = match.to;
    distinct.push(match);
  }
  return distinct;
}

/** `text` with a mark in place of each secret. Overlapping places are one secret. `counts` are the marks by kind. */
export function replaceMatches(
  text: string,
  found: readonly Match[],
  mark: MarkRenderer,
): { readonly text: string; readonly counts: ReadonlyMap<string, number> } {
  const counts = new Map<string, number>();
  const parts: string[] = [];
  let at = 0;
  for (const { from, to, kind } of distinctMatches(found)) {
    // A place that overlaps the one before is hidden with it, without a second mark.
    if (from > at || parts.length === 0) {
      parts.push(text.slice(at, Math.max(at, from)), mark(kind, text.slice(from, to)));
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    at = to;
  }
  // Joined, not concatenated: V8 would keep the whole text alive for a sum of slices, and with it the secrets.
  return { text: [...parts, text.slice(at)].join(''), counts };
}
