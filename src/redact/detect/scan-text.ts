/**
 * Finds the secrets in a text of any format: Python reprs as Celery writes them, JSON, forms, headers, command lines, XML, log
 * lines, whole or cut, and each of these inside another. There is no grammar that could fail: one pass stops at the
 * characters at which a secret can start (`:` `=` `,` `>` `@` `-` `+`, a word, a digit), and detectors read around each of
 * them. Linear: each detector reads a bounded stretch, and hidden text is not read again.
 */

import { isDigit, isWordCharacter } from '../text/text-cursor.ts';
import { TextScan, type TextScanOptions } from '../values/text-scan.ts';
import { hideEntryValue } from '../values/value.ts';
import { hideCallArgument } from './calls.ts';
import { hideLongOption, hideShortOption, hideSlashOption } from './command-line.ts';
import { hashAt, pemAt } from './key-blocks.ts';
import { readEntry } from './key-value.ts';
import { hideCodeAfter, hideCodeBefore } from './one-time-codes.ts';
import { hidePair } from './pairs.ts';
import { cardAt, emailAt, ibanAt, phoneAt } from './personal.ts';
import { hideSecretInForeignSentence, hideSecretInSentence } from './sentences.ts';
import { hideSqlValues } from './sql.ts';
import { hidePgpass, hideTabbedValue, hideTableCells } from './tables.ts';
import { hideEscapedTagText, hideTagText } from './tags.ts';
import { botTokenAt, generatedTokenFrom, jwtAt, vendorAt } from './tokens.ts';
import { hideEncodedEntry, hideLogin, hideUrlSecrets } from './urls.ts';

/** Nested URLs share their tails. More than this in one text is an attack on processor time. */
const urlCharsMax = 1_000_000;
/** The most that one URL costs. */
const urlCostChars = 2_048;

const punctuation = 1;
const digit = 2;
const letter = 3;
/** Class of each ASCII character at which a secret can start; 0 for all others. */
const classes = new Uint8Array(128);
for (const character of ':=,>@-+%$\\{/') classes[character.charCodeAt(0)] = punctuation;
for (let code = 48; code < 58; code += 1) classes[code] = digit;
for (let code = 65; code < 91; code += 1) classes[code] = letter;
for (let code = 97; code < 123; code += 1) classes[code] = letter;

/** Adds the places of all secrets to `options.found`; places may overlap. Throws RangeError over a budget. */
export function scanText(options: TextScanOptions): void {
  const scan = new TextScan(options);
  const { text, to } = scan;
  let at = scan.start;
  while (at < to) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? classes[code] : undefined;
    if (kind === letter) at = readWord(scan, at);
    else if (kind === digit) at = readNumber(scan, at);
    else if (kind === punctuation) at = readPunctuation(scan, at);
    // A letter beyond ASCII starts a word too, so that a digit after it does not.
    else at = code >= 0xc0 ? readForeignWord(scan, at) : at + 1;
  }
}

/** Returns where the scan goes on, which is always further. */
function readPunctuation(scan: TextScan, at: number): number {
  const { text } = scan;
  switch (text[at]) {
    case ':':
      return text.startsWith('//', at + 1) ? readUrl(scan, at) : readKeyValue(scan, at, ':');
    case '=':
      return readKeyValue(scan, at, '=');
    case ',':
      return Math.max(at + 1, hidePair(scan, at));
    case '>':
      // `password->x`
      if (text[at - 1] === '-' && scan.context === 'text') return readKeyValue(scan, at, '=');
      return Math.max(at + 1, hideTagText(scan, at));
    case '@':
      return readEmail(scan, at);
    case '%':
      return readPercent(scan, at);
    case '-':
      return readDash(scan, at);
    case '+':
      return Math.max(at + 1, scan.hide(at, phoneAt(text, at), 'phone'));
    case '$':
      return Math.max(at + 1, scan.hide(at, hashAt(text, at), 'hash'));
    case '\\':
      // In a repr, the letter of an escaped line end does not start the next word.
      return at + ('nrt'.includes(text[at + 1] ?? '-') ? 2 : 1);
    case '/':
      return Math.max(at + 1, hideSlashOption(scan, at));
    default:
      return readBrace(scan, at);
  }
}

/** An LDAP hash starts with a brace and a capital: `{SSHA}…`. */
function readBrace(scan: TextScan, at: number): number {
  const { text } = scan;
  const end = text.charCodeAt(at + 1) < 84 ? scan.hide(at, hashAt(text, at), 'hash') : -1;
  return Math.max(at + 1, end);
}

function readKeyValue(scan: TextScan, sign: number, separator: ':' | '='): number {
  const entry = readEntry(scan, sign, separator);
  return typeof entry === 'number' ? entry : Math.max(sign + 1, hideEntryValue(scan, entry));
}

/** Goes on at the first hidden place of the URL, or at its host: the rest is read like any other text. */
function readUrl(scan: TextScan, from: number): number {
  const { to, found } = scan;
  const count = found.length;
  scan.urlChars += urlCostChars;
  if (scan.urlChars > urlCharsMax + 16 * to) throw new RangeError('urls');
  const next = Math.max(from + 3, Math.min(to, hideUrlSecrets(scan, from)));
  return Math.max(next, found[count]?.from ?? next);
}

function wordEnd({ text, to }: TextScan, from: number): number {
  let end = from + 1;
  while (end < to && isWordCharacter(text.charCodeAt(end))) end += 1;
  return end;
}

function readForeignWord(scan: TextScan, from: number): number {
  const end = wordEnd(scan, from);
  if (scan.context === 'source') return end;
  return Math.max(end, hideCodeAfter(scan, from, end), hideSecretInForeignSentence(scan, from, end));
}

/** A run of letters and digits of this length may be a token of an unknown vendor. */
const generatedCharsMin = 16;

function readWord(scan: TextScan, from: number): number {
  const { text } = scan;
  const end = wordEnd(scan, from);
  const after = text.charCodeAt(end);
  if (end - from === 2 && after === 59 && text.startsWith('&gt;', from - 1))
    return Math.max(end, hideEscapedTagText(scan, from - 1));
  const tokenEnd = hideToken(scan, from, end);
  if (tokenEnd >= 0) return Math.max(end, tokenEnd);
  if (after === 44 || after === 59 || after === 9) {
    if (startsRow(text, from, scan.start)) hideTableCells(scan, from);
    return after === 9 ? Math.max(end, hideTabbedValue(scan, from, end)) : end;
  }
  if (after === 40) return Math.max(end, hideCallArgument(scan, from, end));
  if (after === 32) {
    if (startsSqlColumns(text, from, end)) hideSqlValues(scan, from);
    return scan.context === 'text' && end - from >= 2 ? readSentence(scan, from, end) : end;
  }
  // The argument of OpenSSL: `pass:x`.
  return after === 58 && end - from === 4 && scan.context === 'text' ? readSentence(scan, from, end) : end;
}

/** Hides a word with the shape of a token, an IBAN, a key or a hash. Returns the end, or -1. */
function hideToken(scan: TextScan, from: number, end: number): number {
  const { text } = scan;
  const length = end - from;
  const after = text.charCodeAt(end);
  const first = text.charCodeAt(from);
  if (first === 101 && text.startsWith('eyJ', from)) {
    const jwtEnd = jwtAt(text, from);
    if (jwtEnd >= 0) return scan.hide(from, jwtEnd, 'jwt');
  }
  if (length >= 12 || after === 45 || after === 46) {
    const vendorEnd = vendorAt(text, from);
    if (vendorEnd >= 0) return scan.hide(from, vendorEnd, 'token');
    const generatedFrom = length >= generatedCharsMin ? generatedTokenFrom(scan, from, end) : -1;
    if (generatedFrom >= 0) return scan.hide(generatedFrom, end, 'token');
  }
  if (length === 40 && from > 0 && text.charCodeAt(from - 1) === 42)
    return Math.max(end, scan.hide(from, hashAt(text, from), 'hash'));
  if (length >= 4 && isDigit(text.charCodeAt(from + 2)) && isDigit(text.charCodeAt(from + 3))) {
    const ibanEnd = ibanAt(text, from);
    if (ibanEnd >= 0) return scan.hide(from, ibanEnd, 'iban');
  }
  if (after === 45 && first === 80 && text.startsWith('PuTTY-', from))
    return Math.max(end, scan.hide(from, pemAt(text, from), 'pem'));
  // The scheme `http:` is the most common word before a colon.
  if (after === 36 || after === 45 || (after === 58 && first !== 104))
    return scan.hide(from, hashAt(text, from), 'hash');
  return -1;
}

function readSentence(scan: TextScan, from: number, end: number): number {
  const secretEnd = hideSecretInSentence(scan, from, end);
  const codeEnd = endsLikeCode(scan.text, end) ? hideCodeAfter(scan, from, end) : -1;
  return Math.max(end, secretEnd, codeEnd);
}

function startsSqlColumns(text: string, from: number, end: number): boolean {
  const length = end - from;
  if (length === 4) return text.startsWith('INTO', from);
  return length === 3 && /^set$/i.test(text.slice(from, end));
}

/** True for the first word of a line or of a quoted text. */
function startsRow(text: string, from: number, start: number): boolean {
  if (from === start) return true;
  const before = text[from - 1];
  return before === '\n' || before === "'" || before === '"' || (before === 'n' && text[from - 2] === '\\');
}

/** Tests the last two letters of `code`, `kod`, `otp`, `pin` and the like, to skip most words cheaply. */
function endsLikeCode(text: string, end: number): boolean {
  const last = text.charCodeAt(end - 1) | 32;
  const before = text.charCodeAt(end - 2) | 32;
  return (
    (last === 101 && (before === 100 || before === 99)) ||
    (last === 100 && before === 111) ||
    (last === 112 && before === 116) ||
    (last === 110 && before === 105) ||
    (last === 105 && before === 100) ||
    (last === 111 && before === 103)
  );
}

function readNumber(scan: TextScan, from: number): number {
  const { text, to } = scan;
  if (text.startsWith('00', from)) {
    const phoneEnd = phoneAt(text, from);
    if (phoneEnd >= 0) return Math.max(from + 1, scan.hide(from, phoneEnd, 'phone'));
  }
  const { end, isCard } = cardAt(text, from);
  if (isCard) return Math.max(end, scan.hide(from, end, 'card'));
  const next = wordEnd(scan, from);
  const hiddenEnd = hideNumber(scan, from, next);
  return hiddenEnd >= 0 ? hiddenEnd : Math.max(next, Math.min(end, to));
}

/** Hides a word that starts with a digit: a port of `.pgpass`, a hash, a bot's token, a code. Returns the end, or -1. */
function hideNumber(scan: TextScan, from: number, end: number): number {
  const { text } = scan;
  const length = end - from;
  const after = text.charCodeAt(end);
  const before = from === 0 ? 0 : text.charCodeAt(from - 1);
  // Three digits make a port; two are the minutes of a time.
  if (after === 58 && length >= 3 && before === 58) {
    const recordEnd = hidePgpass(scan, from);
    if (recordEnd >= 0) return recordEnd;
  }
  if (length === 40 && before === 42) return Math.max(end, scan.hide(from, hashAt(text, from), 'hash'));
  if (after === 58 && length >= 6) {
    const botEnd = botTokenAt(text, from);
    if (botEnd >= 0) return Math.max(end, scan.hide(from, botEnd, 'token'));
  }
  if (length >= 4 && length <= 8 && after === 32) {
    const codeEnd = hideCodeBefore(scan, from);
    if (codeEnd >= 0) return codeEnd;
  }
  const generatedFrom = length >= generatedCharsMin ? generatedTokenFrom(scan, from, end) : -1;
  return generatedFrom >= 0 ? scan.hide(generatedFrom, end, 'token') : -1;
}

function readEmail(scan: TextScan, from: number): number {
  const place = emailAt(scan.text, from, scan.start);
  return place === undefined ? Math.max(from + 1, hideLogin(scan, from)) : scan.hide(place.from, place.to, place.kind);
}

/** URL-encoded `@`, `+`, `=` and `:`. */
function readPercent(scan: TextScan, from: number): number {
  switch (scan.text.slice(from + 1, from + 3)) {
    case '40':
      return readEmail(scan, from);
    case '2B':
      return Math.max(from + 1, scan.hide(from, phoneAt(scan.text, from), 'phone'));
    case '3D':
    case '3d':
    case '3A':
    case '3a':
      return hideEncodedEntry(scan, from);
    default:
      return from + 1;
  }
}

function readDash(scan: TextScan, from: number): number {
  const { text } = scan;
  if (text.startsWith('-----BEGIN', from) || text.startsWith('---- BEGIN', from)) {
    const end = pemAt(text, from);
    if (end >= 0) return Math.max(from + 10, scan.hide(from, end, 'pem'));
  }
  const before = from === 0 ? ' ' : text[from - 1];
  if (before !== ' ' && before !== "'" && before !== '"' && before !== '\n') return from + 1;
  const afterDashes = from + (text[from + 1] === '-' ? 2 : 1);
  return Math.max(afterDashes, hideLongOption(scan, from), hideShortOption(scan, from));
}
