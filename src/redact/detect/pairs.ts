import { isQuote, keyCharsMax } from '../text/text-cursor.ts';
import type { TextScan } from '../values/text-scan.ts';

/** Two strings with brackets around them: `('Authorization', 'Bearer …')`, `["token", "x"]`. Returns the end, or -1. */
export function hidePair(scan: TextScan, comma: number): number {
  const { text } = scan;
  const nameFrom = pairNameFrom(text, comma);
  const meaning = nameFrom < 0 ? undefined : scan.meaningOf(text.slice(nameFrom, comma - 1));
  if (meaning === undefined) return -1;
  let from = comma + 1;
  while (from < scan.to && (text[from] === ' ' || text[from] === '\n')) from += 1;
  const value = scan.openingAt(from);
  if (value === undefined) {
    const number = /[\w.+-]{1,64}(?=\s?[)\]])/y;
    number.lastIndex = from;
    return number.test(text) ? scan.hideIfSecret(from, number.lastIndex, meaning) : -1;
  }
  const end = scan.closingOf(value);
  const after = text.slice(end + value.mark.length, end + value.mark.length + 4);
  // A list of names, ['password', 'email', 'name'], is not a pair.
  if (!/^\s{0,2}(?:,?\s?[\])]|$)/.test(after)) return -1;
  const content = text.slice(value.from, end);
  if (meaning.kind !== 'cookie' && /^[a-z_]+$/.test(content) && scan.meaningOf(content) !== undefined) return -1;
  const schemeChars = /^(?:Bearer|Basic|Token|Digest|ApiKey|Negotiate) (?=\S)/i.exec(content)?.[0].length ?? 0;
  return scan.hideIfSecret(value.from + schemeChars, end, meaning);
}

/** Start of the quoted name before the comma, or -1 if no bracket opens a pair before it. */
function pairNameFrom(text: string, comma: number): number {
  const quote = text.charCodeAt(comma - 1);
  if (!isQuote(quote)) return -1;
  let open = comma - 2;
  const least = Math.max(0, comma - 2 - keyCharsMax);
  while (open >= least && text.charCodeAt(open) !== quote) open -= 1;
  if (open < least) return -1;
  // Most commas stand between two entries: the text before the name shows that without a look at the name.
  let before = open - 1;
  while (before >= 0 && open - before < 8 && '\\b \n'.includes(text[before] as string)) before -= 1;
  return text[before] === '(' || text[before] === '[' ? open + 1 : -1;
}
