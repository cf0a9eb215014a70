/** Small looks at a text around one place: what ends a string, where the key before a separator is. All bounded. */
import { keyCharsMax } from '../names/key-names.ts';

/** Longest value that is hidden as one; the rest of a longer one goes with it when nothing ends it. */
const valueCharsMax = 20_000;

export const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 9 || code === 13;
export const isQuote = (code: number): boolean => code === 39 || code === 34;
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
/** Letters, digits, underscore, and everything beyond ASCII that is not a space or a quote of some script. */
export function isWordSign(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || isDigit(code) || code === 95;
  return (
    code >= 0xc0 &&
    !(code >= 0x2000 && code <= 0x206f) &&
    !(code >= 0x3000 && code <= 0x3004) &&
    code !== 0xfffd &&
    code !== 0xff1a
  );
}

export interface KeyPlace {
  readonly key: string;
  readonly from: number;
  /** The quote around it, 0 when bare. */
  readonly quote: number;
}

/** The key that ends before `at`, where a separator stands: `'k'`, `"k"`, `k`, `--k`, `a[k]`, `(k)`; or undefined. */
export function keyBefore(text: string, at: number): KeyPlace | undefined {
  let end = at;
  while (end > 0 && at - end < 4 && text.charCodeAt(end - 1) === 32) end -= 1;
  if (end === 0) return undefined;
  const last = text.charCodeAt(end - 1);
  if (isQuote(last)) return quotedBefore(text, end, last);
  if (last === 93 || last === 41) return bracketedBefore(text, end, last === 93 ? '[' : '(');
  let from = end;
  while (from > 0 && end - from < keyCharsMax && isKeySign(text.charCodeAt(from - 1))) from -= 1;
  if (from === end) return undefined;
  // An escaped line end in a repr, `\npassword=`, is not the first letter of the name.
  if (from > 0 && text.charCodeAt(from - 1) === 92 && 'nrt'.includes(text[from] as string)) from += 1;
  while (from < end && (text.charCodeAt(from) === 45 || text.charCodeAt(from) === 46)) from += 1;
  return from === end ? undefined : { key: text.slice(from, end), from, quote: 0 };
}

function isKeySign(code: number): boolean {
  return isWordSign(code) || code === 45 || code === 46 || code === 37 || code === 36 || code === 0xfffd;
}

function quotedBefore(text: string, end: number, quote: number): KeyPlace | undefined {
  const most = Math.max(0, end - 1 - keyCharsMax * 3);
  for (let index = end - 2; index >= most; index -= 1) {
    const code = text.charCodeAt(index);
    if (code === quote) {
      // Only letters written as `\u043f` may take more room.
      const key = text.slice(index + 1, end - 1);
      return key.length <= keyCharsMax + 8 || key.includes('\\u') ? { key, from: index, quote } : undefined;
    }
    if (code === 10) return undefined;
  }
  return undefined;
}

function bracketedBefore(text: string, end: number, open: string): KeyPlace | undefined {
  const window = Math.max(0, end - keyCharsMax - 2);
  const inWindow = text.slice(window, end - 1).lastIndexOf(open);
  if (inWindow < 0) return undefined;
  const from = window + inWindow;
  const inside = text.slice(from + 1, end - 1);
  if (!/^[\w.\s'"\\,$-]+$/.test(inside)) return undefined;
  return { key: inside, from, quote: 0 };
}

export interface Opening {
  /** The quote with the backslashes before it, when it stands in a string inside a string. */
  readonly mark: string;
  readonly from: number;
}

const opening = /[bBrRuUfF]{0,2}(\\{0,7}["'])/y;

export function openingAt(text: string, at: number): Opening | undefined {
  opening.lastIndex = at;
  const match = opening.exec(text);
  return match === null ? undefined : { mark: match[1] as string, from: at + match[0].length };
}

/** What follows a string inside a dict: the next key, or the end of the container. */
const nextKey =
  /\s{0,4}(?:,\s{0,8}(?:[bru]?\\{0,7}["'][^"'\n]{0,200}["']\s{0,4}:|[\w.-]{1,64}\s{0,4}[:=]|\.\.\.|\*|$|\\?[}\])]|[({<\d])|[}\])>](?![A-Za-z0-9])|$)/y;
/** What may follow a string anywhere. */
const anything =
  /\s{0,4}(?:[,;:&|#+%.]|[)\]}>](?![A-Za-z0-9])|\\{0,7}["'](?![\p{L}\d])|\/?>|\\[nrt]|$|(?<=\s)\S|!=|==)/uy;

/**
 * Where the string that began at `from` ends. Celery escapes only the quote itself, so `\'` may be an escaped quote or a
 * backslash before the end: a quote ends the string only where structure follows. With `isEntry`, the string is a value in
 * a dict and a next key is asked for; in doubt more is taken, never less.
 */
export function closingOf(text: string, { from, mark }: Opening, to: number, isEntry: boolean): number {
  const limit = Math.min(to, from + valueCharsMax);
  const bounded = limit < text.length ? text.slice(0, limit) : text;
  let plausible = -1;
  let tries = 0;
  for (let at = bounded.indexOf(mark, from); at >= 0 && tries < 64; at = bounded.indexOf(mark, at + 1)) {
    tries += 1;
    const after = at + mark.length;
    const isEscaped = text.charCodeAt(at - 1) === 92 && at > from;
    if (mark.length > 1 && isEscaped) continue;
    if (matchesAt(nextKey, text, after, to)) {
      // Even behind a backslash: Celery writes a raw one, and then it was the last sign of the text.
      return at;
    }
    if (isEscaped) continue;
    if (!matchesAt(anything, text, after, to)) continue;
    if (!isEntry) return at;
    if (plausible < 0) plausible = at;
    if (at - plausible > 256) break;
  }
  if (plausible >= 0) return plausible;
  if (limit === to) return to;
  const line = text.indexOf('\n', from);
  return line >= 0 && line < limit ? line : limit;
}

function matchesAt(regex: RegExp, text: string, at: number, to: number): boolean {
  if (at >= to) return true;
  regex.lastIndex = at;
  return regex.test(text);
}
