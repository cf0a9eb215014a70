import type { Entry } from './entry.ts';
import type { TextScan } from './text-scan.ts';

const scheme = /(?:Bearer|Basic|Token|ApiKey|Api-Key|Key|JWT|GenieKey|Bot|AWS4-HMAC-SHA256)\s+\S/iy;
/** A variable of a shell, or the output of a command. */
const shellReference = /^\$(?:\(|\{\w+\}|[A-Z][A-Z0-9_]*(?!\w))/;
const numberKinds: ReadonlySet<string> = new Set(['phone', 'card', 'id', 'iban']);
const cookies = /[^\s;,"']+(?:;\s?[^\s;=,"']+(?:=[^\s;,"']*)?){0,64}/y;

/**
 * End of a value without quotes: a word, or the rest of the line in a header or a settings file. Undefined for a reference
 * to a variable and for a word of a sentence, which are no values.
 */
export function unquotedValueEnd(scan: TextScan, entry: Entry): number | undefined {
  const { text, to } = scan;
  const { place, meaning, separator, valueFrom: from } = entry;
  if (text[from] === '$' && shellReference.test(text.slice(from, from + 64))) return undefined;
  if (/cookie/i.test(place.key)) {
    cookies.lastIndex = from;
    if (cookies.test(text)) return Math.min(to, cookies.lastIndex);
  }
  const isSpaced = scan.isSpaceAt(from - 1);
  const isUnquotedKey = separator === ':' && place.quote === 0 && isSpaced;
  const isHeader = isUnquotedKey && (meaning.kind === 'cookie' || /auth|cookie|secret|token/i.test(place.key));
  // `NAME=value command` sets a variable for a command. With spaces around the sign it is a line of settings.
  const isSetting = scan.context === 'text' && startsLine(scan, place.from) && (separator === ':' || isSpaced);
  const end = wordEnd(scan, from, separator);
  scheme.lastIndex = from;
  if (/auth/i.test(place.key) && scheme.test(text)) {
    const schemeEnd = wordEnd(scan, scheme.lastIndex - 1, separator);
    return isHeader || isSetting ? schemeEnd : withDigitGroups(scan, entry, schemeEnd);
  }
  if (separator === ':' && isSpaced && messageWord.test(text.slice(from, end))) return undefined;
  if (!isHeader && !isSetting) return withDigitGroups(scan, entry, end);
  return isSentenceAt(text, end) ? end : lineEnd(scan, from);
}

/** Numbers may be written in groups: `phone=+49 151 234`. */
function withDigitGroups({ text, to }: TextScan, { meaning, valueFrom }: Entry, end: number): number {
  if (!numberKinds.has(meaning.kind)) return end;
  const groups = /[+(]?[\d(][\d ()./-]*\d/y;
  groups.lastIndex = valueFrom;
  return groups.test(text) ? Math.max(end, Math.min(groups.lastIndex, to)) : end;
}

/** The words after the value make a sentence of it: `token: abc123 was not accepted`. */
function isSentenceAt(text: string, end: number): boolean {
  return (
    text[end] === ' ' &&
    /^ (?:for|is|was|has|not|from|in|on|at|to|failed|expired|rejected|by|while|when|user|and|with|but|after|before|retrying|host|does|did|cannot|could|the|this|you)\b/.test(
      text.slice(end, end + 12),
    )
  );
}

function startsLine(scan: TextScan, from: number): boolean {
  const { text, start } = scan;
  let index = from - 1;
  while (index >= start && from - index < 48 && (text[index] === ' ' || text[index] === '\t' || text[index] === '-'))
    index -= 1;
  if (index < start || text[index] === '\n') return true;
  if (text.startsWith('export', index - 5)) return startsLine(scan, index - 5);
  return index > 0 && text[index - 1] === '\\' && (text[index] === 'n' || text[index] === 'r');
}

function lineEnd({ text, to }: TextScan, from: number): number {
  const rest =
    /[^\n\r]{1,8192}?(?=[\n\r]|\\[nr]|\\{0,3}["'](?:[,)\]}\s]|$)|[ \t][;#][ \t]|[,;] ?[\p{L}\w.-]{2,40} ?[:=][ \p{L}\w"'/]|$)/uy;
  rest.lastIndex = from;
  // A line longer than any header is hidden up to this limit; the scan goes on behind it.
  return Math.min(to, rest.test(text) ? rest.lastIndex : from + 8_192);
}

function wordEnd(scan: TextScan, from: number, separator: ':' | '='): number {
  const limit = Math.min(scan.to, from + 8_192);
  let end = from;
  while (end < limit && !endsWord(scan, end, separator)) end += 1;
  return end;
}

/** Characters that may end an unquoted value; most others are above `>` in ASCII. */
function endsWord(scan: TextScan, at: number, separator: ':' | '='): boolean {
  const { text, to } = scan;
  const code = text.charCodeAt(at);
  if (code > 62 && code !== 92 && code !== 93 && code !== 124 && code !== 125) return false;
  const isLast = at + 1 >= to;
  switch (text[at]) {
    case ' ':
    case '\n':
    case '\t':
    case '\r':
    case '<':
      return true;
    case '&':
      return separator === '=';
    case '"':
    case "'":
      return isLast || !scan.isWordAt(at + 1);
    case '\\':
      return startsEscapedEnd(scan, at + 1);
    case ',':
    case ';':
      return endsItem(text, at + 1, to);
    case ')':
    case ']':
    case '}':
    case '>':
      return isLast || !scan.isWordAt(at + 1) || text[at + 1] === ']';
    case '|':
      return text[at + 1] === ' ' || endsItem(text, at + 1, to);
    default:
      return false;
  }
}

/** True for a quote or an escaped line end after a backslash. An escaped tab ends the value unless a word follows. */
function startsEscapedEnd(scan: TextScan, at: number): boolean {
  switch (scan.text[at]) {
    case "'":
    case '"':
    case 'n':
    case 'r':
      return true;
    case 't':
      return !scan.isWordAt(at + 1);
    default:
      return false;
  }
}

function endsItem(text: string, next: number, to: number): boolean {
  if (next >= to) return true;
  const item = /[\s"'({[}\])]|[\w .%-]{1,64}[=:]|$/y;
  item.lastIndex = next;
  return item.test(text);
}

/** A word of an error message in the place of a value: `password: must not be blank`. */
const messageWord =
  /^(?:must|is|was|are|were|not|has|have|the|a|an|this|that|these|field|value|expired|invalid|missing|required|should|cannot|can|can't|could|may|might|too|does|do|no|none|failed|failure|wrong|unable|unknown|empty|at|for|from|in|to|of|on|with|incorrect|unauthorized|denied|rejected|mismatch|bad|error|expected|already|only|please|your|you|be|malformed|revoked|signature|token|password|authentication|login|access|connection|both|either|it|its|and|or)[.,:;]?$/i;
