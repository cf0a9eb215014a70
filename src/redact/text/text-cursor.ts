/** Reads a bounded stretch of text around one place: the key before a separator, the start and the end of a string. */

/** A longer name is data. Longer than any header or setting in practice. */
export const keyCharsMax = 96;

/** A string without a closing quote ends at the next line end after this many characters. */
const valueCharsMax = 20_000;

export const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 9 || code === 13;
export const isQuote = (code: number): boolean => code === 39 || code === 34;
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
/** Letters, digits, underscore, and all characters beyond ASCII but the spaces and quotes of other scripts. */
export function isWordCharacter(code: number): boolean {
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
  /** Character code of the quotes around it; 0 without quotes. */
  readonly quote: number;
}

/** The key that ends before the separator at `at`: `'k'`, `"k"`, `k`, `--k`, `a[k]`, `(k)`. Undefined if there is none. */
export function keyBefore(text: string, at: number): KeyPlace | undefined {
  let end = at;
  while (end > 0 && at - end < 4 && text.charCodeAt(end - 1) === 32) end -= 1;
  if (end === 0) return undefined;
  const last = text.charCodeAt(end - 1);
  if (isQuote(last)) return quotedBefore(text, end, last);
  if (last === 93 || last === 41) return bracketedBefore(text, end, last === 93 ? '[' : '(');
  let from = end;
  while (from > 0 && end - from < keyCharsMax && isKeyCharacter(text.charCodeAt(from - 1))) from -= 1;
  if (from === end) return undefined;
  // In a repr, the `n` of an escaped line end (`\npassword=`) is not part of the name.
  if (from > 0 && text.charCodeAt(from - 1) === 92 && 'nrt'.includes(text[from] as string)) from += 1;
  while (from < end && (text.charCodeAt(from) === 45 || text.charCodeAt(from) === 46)) from += 1;
  return from === end ? undefined : { key: text.slice(from, end), from, quote: 0 };
}

function isKeyCharacter(code: number): boolean {
  return isWordCharacter(code) || code === 45 || code === 46 || code === 37 || code === 36 || code === 0xfffd;
}

function quotedBefore(text: string, end: number, quote: number): KeyPlace | undefined {
  const most = Math.max(0, end - 1 - keyCharsMax * 3);
  for (let index = end - 2; index >= most; index -= 1) {
    const code = text.charCodeAt(index);
    if (code === quote) {
      // Only letters written as `\u043f` may make a key longer.
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

/** The start of a string literal. */
export interface Opening {
  /** The quote, with the backslashes before it in a string inside a string. */
  readonly mark: string;
  /** Place of the first character inside. */
  readonly from: number;
}

const opening = /[bBrRuUfF]{0,2}(\\{0,7}["'])/y;

/** The string literal that starts at `at`, also `b'…'` and `\\"…`, or undefined. */
export function openingAt(text: string, at: number): Opening | undefined {
  opening.lastIndex = at;
  const match = opening.exec(text);
  return match === null ? undefined : { mark: match[1] as string, from: at + match[0].length };
}

/** Text after a string inside a dict: the next key, or the end of the container. */
const entryEnd =
  /\s{0,4}(?:,\s{0,8}(?:[bru]?\\{0,7}["'][^"'\n]{0,200}["']\s{0,4}:|[\w.-]{1,64}\s{0,4}[:=]|\.\.\.|\*|$|\\?[}\])]|[({<\d])|[}\])>](?![A-Za-z0-9])|$)/y;
/** Text after a string anywhere else. */
const stringEnd =
  /\s{0,4}(?:[,;:&|#+%.]|[)\]}>](?![A-Za-z0-9])|\\{0,7}["'](?![\p{L}\d])|\/?>|\\[nrt]|$|(?<=\s)\S|!=|==)/uy;

export interface ClosingOptions {
  /** End of the text to read; the whole text by default. */
  readonly to?: number;
  /** The string is a value in a dict, so the next key or the end of the container must follow it. */
  readonly isEntry?: boolean;
}

/**
 * Place of the quote that closes a string. Celery escapes only the quote itself, so `\'` may be an escaped quote or a
 * backslash before the end: a quote closes the string only where structure follows. In doubt the later quote is taken, so
 * that more is hidden, never less.
 */
export function closingOf(text: string, { from, mark }: Opening, options: ClosingOptions = {}): number {
  const { to = text.length, isEntry = false } = options;
  const limit = Math.min(to, from + valueCharsMax);
  const bounded = limit < text.length ? text.slice(0, limit) : text;
  let plausible = -1;
  let tries = 0;
  for (let at = bounded.indexOf(mark, from); at >= 0 && tries < 64; at = bounded.indexOf(mark, at + 1)) {
    tries += 1;
    const after = at + mark.length;
    const isEscaped = text.charCodeAt(at - 1) === 92 && at > from;
    if (mark.length > 1 && isEscaped) continue;
    // Also after a backslash: Celery writes a backslash raw, so it was the last character of the string.
    if (after >= to || matchesAt(entryEnd, text, after)) return at;
    if (isEscaped) continue;
    if (!matchesAt(stringEnd, text, after)) continue;
    if (!isEntry) return at;
    if (plausible < 0) plausible = at;
    if (at - plausible > 256) break;
  }
  if (plausible >= 0) return plausible;
  if (limit === to) return to;
  const line = text.indexOf('\n', from);
  return line >= 0 && line < limit ? line : limit;
}

function matchesAt(regex: RegExp, text: string, at: number): boolean {
  regex.lastIndex = at;
  return regex.test(text);
}
