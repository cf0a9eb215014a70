/** The shape of a text: brackets, keys and kinds of values, without the values. */
import { closingOf, isSpace, openingAt } from '../text/text-cursor.ts';
import type { Leaf } from './value-paths.ts';

/**
 * `{'user': <3>, 'ids': [<number>]}`. A quoted name stays if it is written like an identifier and a colon follows. Every
 * other string becomes its length.
 */
export function shapeOf(text: string): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const character = text[at] as string;
    if ('()[]{},:= \n\t'.includes(character)) {
      out += character;
      at += 1;
      continue;
    }
    const opening = openingAt(text, at);
    if (opening !== undefined) {
      const end = closingOf(text, opening);
      const inside = text.slice(opening.from, end);
      at = Math.min(text.length, Math.max(at + 1, end + opening.mark.length));
      const isName = text[at] === ':' && /^[A-Za-z_][\w.-]{0,63}$/.test(inside);
      out += isName ? `'${inside}'` : `<${inside.length}>`;
      continue;
    }
    const from = at;
    while (at < text.length && !'()[]{},:="\''.includes(text[at] as string) && !isSpace(text.charCodeAt(at))) at += 1;
    if (at === from) at += 1;
    out += kindOf(text.slice(from, at));
  }
  return out;
}

function kindOf(word: string): string {
  if (/^-?\d+(?:\.\d+)?$/.test(word)) return '<number>';
  return /^(?:None|True|False|\.{3})$/.test(word) ? word : '<text>';
}

/** The shape of a text with the text of `leaves` in place; `show` returns the part from `from` to `to` as it may be shown. */
export function shapeWithLeaves(
  text: string,
  leaves: readonly Leaf[],
  show: (from: number, to: number) => string,
): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to } of leaves) {
    if (from < at) continue;
    const quote = text[from - 1];
    const isQuoted = (quote === "'" || quote === '"') && text[to] === quote;
    const quoteChars = isQuoted ? 1 : 0;
    parts.push(shapeOf(text.slice(at, from - quoteChars)), show(from - quoteChars, to + quoteChars));
    at = to + quoteChars;
  }
  return [...parts, shapeOf(text.slice(at))].join('');
}
