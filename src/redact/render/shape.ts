import { closingOf, isSpace, openingAt } from '../text/text-cursor.ts';

/**
 * What a text is made of, without any of its values: `{'user': <3>, 'ids': [<number>]}`. A quoted name stays when it is
 * spelled like an identifier and a colon follows; every other string becomes its length.
 */
export function shapeOf(text: string): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const sign = text[at] as string;
    if ('()[]{},:= \n\t'.includes(sign)) {
      out += sign;
      at += 1;
      continue;
    }
    const open = openingAt(text, at);
    if (open !== undefined) {
      const end = closingOf(text, open, text.length, false);
      const inside = text.slice(open.from, end);
      at = Math.min(text.length, Math.max(at + 1, end + open.mark.length));
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
