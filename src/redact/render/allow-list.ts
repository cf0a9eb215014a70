/** A text of which only listed paths are shown, and of the rest the shape. */

import { shapeOf } from './shape.ts';
import type { Leaf } from './value-paths.ts';

/** `show` answers what may be seen of the part from `from` to `to`. */
export function allowedOf(text: string, leaves: readonly Leaf[], show: (from: number, to: number) => string): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to } of leaves) {
    if (from < at) continue;
    const open = text[from - 1];
    const isQuoted = (open === "'" || open === '"') && text[to] === open;
    const outer = isQuoted ? 1 : 0;
    parts.push(shapeOf(text.slice(at, from - outer)), show(from - outer, to + outer));
    at = to + outer;
  }
  return [...parts, shapeOf(text.slice(at))].join('');
}
