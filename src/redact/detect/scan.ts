/**
 * Finds what is secret in a text of any shape: Python reprs as Celery writes them, JSON, forms, headers, command lines,
 * XML, log lines, whole or cut, and all of these inside each other. There is no grammar that could fail or lose step: one
 * pass looks for the signs at which a secret can begin (`:` `=` `,` `>` `@` `-` `+`, a word, a digit) and reads around
 * each of them. Linear: every look is bounded, and what was hidden is not read again.
 */

import type { Judge } from '../names/key-names.ts';
import type { Match } from '../text/match.ts';
import { note, type ScanContext, type ScanState } from '../text/scan-state.ts';
import { isDigit, isWordSign } from '../text/text-cursor.ts';
import { readCall } from './calls.ts';
import { addOption, addShortOption, addSlashOption } from './command-line.ts';
import { hashAt, pemAt } from './key-blocks.ts';
import { addEntry } from './key-value.ts';
import { addEscapedTag, addPair, addTagText } from './key-value-pairs.ts';
import { addLogin } from './logins.ts';
import { addCodeFirst, addCodeSaid } from './one-time-codes.ts';
import { cardAt, emailAt, ibanAt, phoneAt } from './personal.ts';
import { addForeignProse, addProse } from './sentences.ts';
import { addPgpass, addSql, addTabbed, addTable } from './tables.ts';
import { botTokenAt, jwtAt, madeTokenFrom, vendorAt } from './tokens.ts';
import { addEncodedEntry } from './url-encoded.ts';
import { urlAt } from './urls.ts';

/** Nested URLs share their tails; more of them in one text are an attack on our time. */
const urlCharsMax = 1_000_000;

const signOther = 0;
const signColon = 1;
const signEquals = 2;
const signComma = 3;
const signGreater = 4;
const signAt = 5;
const signMinus = 6;
const signPlus = 7;
const signDigit = 8;
const signLetter = 9;
const signPercent = 10;
const signDollar = 11;
const signBackslash = 12;
const signBrace = 13;
const signSlash = 14;
const signs = new Uint8Array(128);
for (const [sign, act] of [
  [':', signColon],
  ['=', signEquals],
  [',', signComma],
  ['>', signGreater],
  ['@', signAt],
  ['-', signMinus],
  ['+', signPlus],
  ['%', signPercent],
  ['$', signDollar],
  ['\\', signBackslash],
  ['{', signBrace],
  ['/', signSlash],
] as const) {
  signs[sign.charCodeAt(0)] = act;
}
for (let code = 48; code < 58; code += 1) signs[code] = signDigit;
for (let code = 65; code < 91; code += 1) signs[code] = signLetter;
for (let code = 97; code < 123; code += 1) signs[code] = signLetter;

/** The secret places of `text` between `start` and `to`, possibly overlapping. Throws RangeError over a budget. */
export function scan(
  text: string,
  judge: Judge,
  reading: ScanContext,
  found: Match[],
  start = 0,
  to = text.length,
): void {
  const pass: ScanState = {
    text,
    start,
    to,
    judge,
    reading,
    found,
    containerEnd: start,
    recordEnd: start,
    urlChars: 0,
  };
  let at = start;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (code >= 128) {
      // Letters beyond ASCII are words too: a digit or a letter behind one does not start a word.
      at = code >= 0xc0 ? readForeign(pass, at) : at + 1;
      continue;
    }
    const sign = signs[code] as number;
    if (sign === signOther) {
      at += 1;
      continue;
    }
    at = readSign(pass, at, sign);
  }
}

/** Answers where to read on, which is always further. */
function readSign(pass: ScanState, at: number, sign: number): number {
  const { text, to } = pass;
  switch (sign) {
    case signLetter:
      return readWord(pass, at);
    case signDigit:
      return readNumber(pass, at);
    case signColon:
      return text.startsWith('//', at + 1) ? readUrl(pass, at) : addEntry(pass, at, ':');
    case signEquals:
      return addEntry(pass, at, '=');
    case signComma:
      return Math.max(at + 1, addPair(text, at, to, pass.judge, pass.found));
    case signGreater:
      // `password->x`
      if (text.charCodeAt(at - 1) === 45 && pass.reading === 'text') return addEntry(pass, at, '=');
      return Math.max(at + 1, addTagText(text, at, to, pass.judge, pass.found));
    case signAt:
    case signPercent:
      return readEmail(pass, at, sign === signPercent);
    case signMinus:
      return readDash(pass, at);
    case signPlus:
      return noted(pass, phoneAt(text, at), at, 'phone', at + 1);
    case signDollar:
      return noted(pass, hashAt(text, at), at, 'hash', at + 1);
    case signBackslash:
      // An escaped line end in a repr is not the first letter of the next word.
      return at + ('nrt'.includes(text[at + 1] ?? '-') ? 2 : 1);
    case signSlash:
      return Math.max(at + 1, addSlashOption(text, at, to, pass.found));
    default:
      return text.charCodeAt(at + 1) < 84 ? noted(pass, hashAt(text, at), at, 'hash', at + 1) : at + 1;
  }
}

function noted(pass: ScanState, end: number, from: number, kind: string, otherwise: number): number {
  return end < 0 ? otherwise : Math.max(note(pass, from, end, kind), otherwise);
}

function readUrl(pass: ScanState, at: number): number {
  const { text, to, found } = pass;
  const count = found.length;
  pass.urlChars += 2_048;
  if (pass.urlChars > urlCharsMax + 16 * to) throw new RangeError('urls');
  const next = Math.max(at + 3, Math.min(to, urlAt(text, at, to, found)));
  return found.length > count ? Math.max(next, (found[count] as Match).from) : next;
}

function wordEnd({ text, to }: ScanState, from: number): number {
  let end = from + 1;
  while (end < to && isWordSign(text.charCodeAt(end))) end += 1;
  return end;
}

function readForeign(pass: ScanState, from: number): number {
  const end = wordEnd(pass, from);
  return pass.reading === 'text'
    ? Math.max(
        end,
        addCodeSaid(pass, from, end),
        addForeignProse(pass.text, from, end, pass.to, pass.judge, pass.found),
      )
    : end;
}

/** From this length on a run of letters and digits may be a token whose vendor we do not know. */
const madeCharsMin = 16;

function readWord(pass: ScanState, from: number): number {
  const { text, to } = pass;
  const end = wordEnd(pass, from);
  const length = end - from;
  const after = text.charCodeAt(end);
  const first = text.charCodeAt(from);
  if (length === 2 && after === 59 && text.startsWith('&gt;', from - 1))
    return Math.max(end, addEscapedTag(text, from - 1, to, pass.judge, pass.found));
  if (first === 101 && text.startsWith('eyJ', from)) {
    const jwtEnd = jwtAt(text, from);
    if (jwtEnd >= 0) return noted(pass, jwtEnd, from, 'jwt', end);
  }
  if (length >= 12 || after === 45 || after === 46) {
    const vendorEnd = vendorAt(text, from);
    if (vendorEnd >= 0) return noted(pass, vendorEnd, from, 'token', end);
    if (length >= madeCharsMin) {
      const madeFrom = madeTokenFrom(text, from, end, pass.start);
      if (madeFrom >= 0) return note(pass, madeFrom, end, 'token');
    }
  }
  if (length === 40 && from > 0 && text.charCodeAt(from - 1) === 42)
    return noted(pass, hashAt(text, from), from, 'hash', end);
  if (length >= 4 && isDigit(text.charCodeAt(from + 2)) && isDigit(text.charCodeAt(from + 3))) {
    const ibanEnd = ibanAt(text, from);
    if (ibanEnd >= 0) return noted(pass, ibanEnd, from, 'iban', end);
  }
  if (after === 45 && first === 80 && text.startsWith('PuTTY-', from))
    return noted(pass, pemAt(text, from), from, 'pem', end);
  if (after === 36 || after === 45 || (after === 58 && first !== 104)) {
    const hashEnd = hashAt(text, from);
    if (hashEnd >= 0) return noted(pass, hashEnd, from, 'hash', end);
  }
  if (after === 44 || after === 59 || after === 9) {
    if (startsRow(text, from, pass.start)) addTable(pass, from);
    if (after === 9) return Math.max(end, addTabbed(pass, from, end));
  } else if (
    after === 32 &&
    ((length === 4 && text.startsWith('INTO', from)) ||
      (length === 3 && (first === 83 || first === 115) && /^set$/i.test(text.slice(from, end))))
  )
    addSql(pass, from);
  if (after === 40) return Math.max(end, readCall(pass, from, end));
  if (pass.reading === 'text' && (after === 32 || (after === 58 && length === 4)) && length >= 2)
    return Math.max(
      end,
      addProse(text, from, end, to, pass.judge, pass.found),
      endsLikeCode(text, end) ? addCodeSaid(pass, from, end) : -1,
    );
  return end;
}

/** The first word of a line or of a text in quotes. */
function startsRow(text: string, from: number, start: number): boolean {
  const before = from === start ? 10 : text.charCodeAt(from - 1);
  return (
    before === 10 ||
    before === 39 ||
    before === 34 ||
    (before === 110 && text.charCodeAt(from - 2) === 92) ||
    (before === 32 && from === start)
  );
}

/** By the last two letters of code, kod, otp, pin and their kin: most words are not looked at. */
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

function readNumber(pass: ScanState, from: number): number {
  const { text, to } = pass;
  if (text.charCodeAt(from) === 48 && text.charCodeAt(from + 1) === 48) {
    const phoneEnd = phoneAt(text, from);
    if (phoneEnd >= 0) return noted(pass, phoneEnd, from, 'phone', from + 1);
  }
  const { end, isCard } = cardAt(text, from);
  if (isCard) return noted(pass, end, from, 'card', end);
  const next = wordEnd(pass, from);
  const after = text.charCodeAt(next);
  // A port, not the minutes of a time.
  if (after === 58 && next - from >= 3 && text.charCodeAt(from - 1) === 58) {
    const recordEnd = addPgpass(pass, from);
    if (recordEnd >= 0) return recordEnd;
  }
  if (next - from === 40 && from > 0 && text.charCodeAt(from - 1) === 42)
    return noted(pass, hashAt(text, from), from, 'hash', next);
  if (after === 58 && next - from >= 6) {
    const botEnd = botTokenAt(text, from);
    if (botEnd >= 0) return noted(pass, botEnd, from, 'token', next);
  }
  if (next - from >= 4 && next - from <= 8 && after === 32) {
    const codeEnd = addCodeFirst(pass, from);
    if (codeEnd >= 0) return codeEnd;
  }
  if (next - from >= madeCharsMin) {
    const madeFrom = madeTokenFrom(text, from, next, pass.start);
    if (madeFrom >= 0) return note(pass, madeFrom, next, 'token');
  }
  return Math.max(next, Math.min(end, to));
}

function readEmail(pass: ScanState, from: number, isEncoded: boolean): number {
  const { text } = pass;
  if (isEncoded && !text.startsWith('40', from + 1)) {
    if (text.startsWith('2B', from + 1)) return noted(pass, phoneAt(text, from), from, 'phone', from + 1);
    return text.startsWith('3D', from + 1) ||
      text.startsWith('3A', from + 1) ||
      text.startsWith('3d', from + 1) ||
      text.startsWith('3a', from + 1)
      ? addEncodedEntry(pass, from)
      : from + 1;
  }
  const place = emailAt(text, from, pass.start);
  if (place === undefined) return Math.max(from + 1, addLogin(pass, from));
  return note(pass, place.from, place.to, place.kind);
}

function readDash(pass: ScanState, from: number): number {
  const { text, to, judge, found } = pass;
  if (text.startsWith('-----BEGIN', from) || text.startsWith('---- BEGIN', from)) {
    const end = pemAt(text, from);
    if (end >= 0) return noted(pass, end, from, 'pem', from + 10);
  }
  const before = from === 0 ? 32 : text.charCodeAt(from - 1);
  if (before !== 32 && before !== 39 && before !== 34 && before !== 10) return from + 1;
  const isDouble = text.charCodeAt(from + 1) === 45;
  const end = Math.max(addOption(text, from, to, judge, found), addShortOption(text, from, to, found));
  return Math.max(end, from + (isDouble ? 2 : 1));
}
