import type { Match } from '../text/match.ts';
import type { MarkRenderer } from './marks.ts';

/** `text` with a mark in place of every secret; overlapping places are one secret. */
export function replaced(
  text: string,
  found: readonly Match[],
  mark: MarkRenderer,
  count: (kind: string, count: number) => void,
): string {
  const places = found.length > 1 ? [...found].sort((a, b) => a.from - b.from || b.to - a.to) : found;
  const counts = new Map<string, number>();
  const parts: string[] = [];
  let at = 0;
  for (const { from, to, kind } of places) {
    if (to <= at) continue;
    // What sticks out of the place before is hidden with it, without a second mark.
    if (from > at || parts.length === 0) {
      parts.push(text.slice(at, Math.max(at, from)), mark(kind, text.slice(from, to)));
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    at = to;
  }
  for (const [kind, times] of counts) count(kind, times);
  // Joined and not added up: a sum of slices would hold on to the whole text, secrets and all, for as long as it lives.
  return [...parts, text.slice(at)].join('');
}
