/** A value without quotes: a word, or the rest of the line where the form says so. */
import type { KeyMeaning } from '../names/key-names.ts';
import type { ScanState } from '../text/scan-state.ts';
import { isSpace, isWordSign, type KeyPlace } from '../text/text-cursor.ts';
import { addWorthy } from './hide-value.ts';

const scheme = /(?:Bearer|Basic|Token|ApiKey|Api-Key|Key|JWT|GenieKey|Bot|AWS4-HMAC-SHA256)\s+\S/iy;
/** A variable of a shell, or what a command prints. */
const reference = /^\$(?:\(|\{\w+\}|[A-Z][A-Z0-9_]*(?!\w))/;
const numberKinds: ReadonlySet<string> = new Set(['phone', 'card', 'id', 'iban']);
const cookieText = /[^\s;,"']+(?:;\s?[^\s;=,"']+(?:=[^\s;,"']*)?){0,64}/y;

export function addBare(
  pass: ScanState,
  from: number,
  verdict: KeyMeaning,
  place: KeyPlace,
  separator: ':' | '=',
): number {
  const { text, to } = pass;
  if (text.charCodeAt(from) === 36 && reference.test(text.slice(from, from + 64))) return from;
  const isSpaced = isSpace(text.charCodeAt(from - 1));
  const isHeader =
    separator === ':' &&
    place.quote === 0 &&
    isSpaced &&
    (verdict.kind === 'cookie' || /auth|cookie|secret|token/i.test(place.key));
  // `NAME=value command` sets a variable for a command; with spaces around the sign it is a line of settings.
  const isSetting = pass.reading === 'text' && startsLine(pass, place.from) && (separator === ':' || isSpaced);
  let end = wordEnd(pass, from, separator);
  if (/cookie/i.test(place.key)) {
    cookieText.lastIndex = from;
    if (cookieText.test(text)) return addWorthy(pass, from, Math.min(to, cookieText.lastIndex), verdict);
  }
  scheme.lastIndex = from;
  const hasScheme = /auth/i.test(place.key) && scheme.test(text);
  if (hasScheme) end = wordEnd(pass, scheme.lastIndex - 1, separator);
  else if (separator === ':' && isSpaced && isTalk(text.slice(from, end))) return from;
  else if ((isHeader || isSetting) && !isSentenceAt(text, end)) end = lineEnd(pass, from);
  if (numberKinds.has(verdict.kind) && !isHeader && !isSetting) {
    const groups = /[+(]?[\d(][\d ()./-]*\d/y;
    groups.lastIndex = from;
    if (groups.test(text)) end = Math.max(end, Math.min(groups.lastIndex, to));
  }
  return addWorthy(pass, from, end, verdict);
}

/** Behind the first word more words follow that make a sentence: `token: abc123 was not accepted`. */
function isSentenceAt(text: string, end: number): boolean {
  return (
    text.charCodeAt(end) === 32 &&
    /^ (?:for|is|was|has|not|from|in|on|at|to|failed|expired|rejected|by|while|when|user|and|with|but|after|before|retrying|host|does|did|cannot|could|the|this|you)\b/.test(
      text.slice(end, end + 12),
    )
  );
}

function startsLine(pass: ScanState, from: number): boolean {
  const { text, start } = pass;
  let index = from - 1;
  while (
    index >= start &&
    from - index < 48 &&
    (text.charCodeAt(index) === 32 || text.charCodeAt(index) === 9 || text.charCodeAt(index) === 45)
  )
    index -= 1;
  if (index < start || text.charCodeAt(index) === 10) return true;
  if (text.startsWith('export', index - 5)) return startsLine(pass, index - 5);
  return index > 0 && text.charCodeAt(index - 1) === 92 && 'nr'.includes(text[index] as string);
}

function lineEnd({ text, to }: ScanState, from: number): number {
  const rest =
    /[^\n\r]{1,8192}?(?=[\n\r]|\\[nr]|\\{0,3}["'](?:[,)\]}\s]|$)|[ \t][;#][ \t]|[,;] ?[\p{L}\w.-]{2,40} ?[:=][ \p{L}\w"'/]|$)/uy;
  rest.lastIndex = from;
  // A line longer than any header is hidden as far as it is looked at; its rest is read like any other text.
  return Math.min(to, rest.test(text) ? rest.lastIndex : from + 8_192);
}

function wordEnd({ text, to }: ScanState, from: number, separator: ':' | '='): number {
  let end = from;
  const limit = Math.min(to, from + 8_192);
  for (; end < limit; end += 1) {
    const code = text.charCodeAt(end);
    if (code > 62 && code !== 92 && code !== 93 && code !== 124 && code !== 125) continue;
    if (isSpace(code) || code === 60 || (code === 38 && separator === '=')) break;
    const next = text.charCodeAt(end + 1);
    if ((code === 39 || code === 34) && (end + 1 >= to || !isWordSign(next))) break;
    if (
      code === 92 &&
      (next === 39 ||
        next === 34 ||
        ('nrt'.includes(text[end + 1] ?? '-') && !isWordSign(text.charCodeAt(end + 2))) ||
        next === 110 ||
        next === 114)
    )
      break;
    if ((code === 44 || code === 59) && endsItem(text, end + 1, to)) break;
    if (
      (code === 41 || code === 93 || code === 125 || code === 62) &&
      (end + 1 >= to || !isWordSign(next) || next === 93)
    )
      break;
    if (code === 124 && (next === 32 || endsItem(text, end + 1, to))) break;
  }
  return end;
}

function endsItem(text: string, next: number, to: number): boolean {
  if (next >= to) return true;
  const item = /[\s"'({[}\])]|[\w .%-]{1,64}[=:]|$/y;
  item.lastIndex = next;
  return item.test(text);
}

const talk =
  /^(?:must|is|was|are|were|not|has|have|the|a|an|this|that|these|field|value|expired|invalid|missing|required|should|cannot|can|can't|could|may|might|too|does|do|no|none|failed|failure|wrong|unable|unknown|empty|at|for|from|in|to|of|on|with|incorrect|unauthorized|denied|rejected|mismatch|bad|error|expected|already|only|please|your|you|be|malformed|revoked|signature|token|password|authentication|login|access|connection|both|either|it|its|and|or)[.,:;]?$/i;

function isTalk(word: string): boolean {
  return talk.test(word);
}
