/**
 * Finds what is secret in a text of any shape: Python reprs as Celery writes them, JSON, forms, headers, command lines,
 * XML, log lines, whole or cut, and all of these inside each other. There is no grammar that could fail or lose step: one
 * pass looks for the signs at which a secret can begin (`:` `=` `,` `>` `@` `-` `+`, a word, a digit) and reads around
 * each of them. Linear: every look is bounded, and what was hidden is not read again.
 */
import { addOption, addShortOption } from './command-line.ts';
import type { Judge, Verdict } from './keys.ts';
import { addLeaves } from './leaves.ts';
import { addFormPart, addPair, addTagText, namedBeside, validatedField } from './named-beside.ts';
import { addProse } from './prose.ts';
import { closingOf, isDigit, isSpace, isWordSign, type KeyPlace, keyBefore, openingAt } from './reading.ts';
import {
  botTokenAt,
  cardAt,
  emailAt,
  type Found,
  hashAt,
  ibanAt,
  jwtAt,
  pemAt,
  phoneAt,
  urlAt,
  vendorAt,
} from './shapes.ts';
import { isWorth } from './worth.ts';

/** Source lines are code: a bare name behind `password=` is a variable there, and only literals are secret. */
export type Reading = 'text' | 'source';

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
] as const) {
  signs[sign.charCodeAt(0)] = act;
}
for (let code = 48; code < 58; code += 1) signs[code] = signDigit;
for (let code = 65; code < 91; code += 1) signs[code] = signLetter;
for (let code = 97; code < 123; code += 1) signs[code] = signLetter;

/** The secret places of `text` between `start` and `to`, possibly overlapping. Throws RangeError over a budget. */
export function scan(text: string, judge: Judge, reading: Reading, found: Found[], start = 0, to = text.length): void {
  let containerEnd = start;
  let urlChars = 0;
  let at = start;
  while (at < to) {
    const code = text.charCodeAt(at);
    const sign = code < 128 ? (signs[code] as number) : signOther;
    if (sign === signOther) {
      at += 1;
      // Letters beyond ASCII are words too: a digit or a letter behind one does not start a word.
      if (code >= 0xc0) while (at < to && isWordSign(text.charCodeAt(at))) at += 1;
      continue;
    }
    switch (sign) {
      case signLetter:
        at = readWord(at);
        break;
      case signDigit:
        at = readNumber(at);
        break;
      case signColon:
        if (text.startsWith('//', at + 1)) {
          const count = found.length;
          urlChars += 2_048;
          if (urlChars > urlCharsMax + 16 * to) throw new RangeError('urls');
          at = Math.max(at + 3, Math.min(to, urlAt(text, at, to, found)));
          if (found.length > count) at = Math.max(at, (found[count] as Found).from);
        } else at = readEntry(at, ':');
        break;
      case signEquals:
        at = readEntry(at, '=');
        break;
      case signComma:
        at = Math.max(at + 1, addPair(text, at, to, judge, found));
        break;
      case signGreater:
        at = Math.max(at + 1, addTagText(text, at, to, judge, found));
        break;
      case signAt:
      case signPercent:
        at = readEmail(at, code === 37);
        break;
      case signMinus:
        at = readDash(at);
        break;
      case signPlus:
        at = pushTo(phoneAt(text, at), at, 'phone', at + 1);
        break;
      case signDollar:
        at = pushTo(hashAt(text, at), at, 'hash', at + 1);
        break;
      case signBackslash:
        // An escaped line end in a repr is not the first letter of the next word.
        at += 'nrt'.includes(text[at + 1] ?? '-') ? 2 : 1;
        break;
      default:
        if (text.charCodeAt(at + 1) < 84) at = pushTo(hashAt(text, at), at, 'hash', at + 1);
        else at += 1;
    }
  }

  function pushTo(end: number, from: number, kind: string, otherwise: number): number {
    if (end < 0) return otherwise;
    found.push({ from, to: Math.min(end, to), kind });
    return Math.max(end, otherwise);
  }

  function readWord(from: number): number {
    let end = from + 1;
    while (end < to && isWordSign(text.charCodeAt(end))) end += 1;
    const length = end - from;
    const after = text.charCodeAt(end);
    const first = text.charCodeAt(from);
    if (first === 101 && text.startsWith('eyJ', from)) {
      const jwtEnd = jwtAt(text, from);
      if (jwtEnd >= 0) return pushTo(jwtEnd, from, 'jwt', end);
    }
    if (length >= 12 || after === 45 || after === 46) {
      const vendorEnd = vendorAt(text, from);
      if (vendorEnd >= 0) return pushTo(vendorEnd, from, 'token', end);
    }
    if (first < 91 && length >= 4 && isDigit(text.charCodeAt(from + 2)) && isDigit(text.charCodeAt(from + 3))) {
      const ibanEnd = ibanAt(text, from);
      if (ibanEnd >= 0) return pushTo(ibanEnd, from, 'iban', end);
    }
    if (
      after === 36 ||
      (after === 58 && /^(?:pbkdf2|scrypt|bcrypt|md5|sha)/.test(text.slice(from, from + 7))) ||
      after === 45
    ) {
      const hashEnd = hashAt(text, from);
      if (hashEnd >= 0) return pushTo(hashEnd, from, 'hash', end);
    }
    if (reading === 'text' && (after === 32 || (after === 58 && length === 4)) && length >= 2)
      return Math.max(end, addProse(text, from, end, to, judge, found));
    return end;
  }

  function readNumber(from: number): number {
    if (text.charCodeAt(from) === 48 && text.charCodeAt(from + 1) === 48) {
      const phoneEnd = phoneAt(text, from);
      if (phoneEnd >= 0) return pushTo(phoneEnd, from, 'phone', from + 1);
    }
    const { end, isCard } = cardAt(text, from);
    if (isCard) return pushTo(end, from, 'card', end);
    let next = from + 1;
    while (next < to && isWordSign(text.charCodeAt(next))) next += 1;
    if (text.charCodeAt(next) === 58 && next - from >= 6) {
      const botEnd = botTokenAt(text, from);
      if (botEnd >= 0) return pushTo(botEnd, from, 'token', next);
    }
    return Math.max(next, Math.min(end, to));
  }

  function readEmail(from: number, isEncoded: boolean): number {
    if (isEncoded && !text.startsWith('40', from + 1)) {
      if (text.startsWith('2B', from + 1)) return pushTo(phoneAt(text, from), from, 'phone', from + 1);
      return from + 1;
    }
    const place = emailAt(text, from, start);
    if (place === undefined) return from + 1;
    found.push(place);
    return place.to;
  }

  function readDash(from: number): number {
    if (text.startsWith('-----BEGIN', from) || text.startsWith('---- BEGIN', from)) {
      const end = pemAt(text, from);
      if (end >= 0) return pushTo(end, from, 'pem', from + 10);
    }
    const before = from === 0 ? 32 : text.charCodeAt(from - 1);
    if (before !== 32 && before !== 39 && before !== 34 && before !== 10) return from + 1;
    const double = text.charCodeAt(from + 1) === 45;
    const end = double
      ? addOption(text, from, to, judge, found)
      : Math.max(addOption(text, from, to, judge, found), addShortOption(text, from, to, found));
    return Math.max(end, from + (double ? 2 : 1));
  }

  function readEntry(sign: number, separator: ':' | '='): number {
    const place = keyBefore(text, sign);
    if (place === undefined) return sign + 1;
    if (place.key === 'name' && separator === '=') return Math.max(sign + 1, addFormPart(text, sign, to, judge, found));
    const verdict = judge(place.key) ?? verdictBeside(place, sign, separator);
    if (verdict === undefined) return sign + 1;
    if (separator === ':' && place.quote === 0 && isExceptionName(place.key) && isSpace(text.charCodeAt(sign + 1)))
      return sign + 1;
    return Math.max(sign + 1, addValue(skipSeparator(sign), verdict, place, separator));
  }

  function verdictBeside(place: KeyPlace, sign: number, separator: string): Verdict | undefined {
    const { key } = place;
    const beside = namedBeside(text, place, sign, to, judge);
    if (beside !== undefined) return beside;
    if (key === 'input_value') return validatedField(text, place.from, judge);
    const before = text.charCodeAt(place.from - 1);
    if (separator === '=' && (before === 63 || before === 38) && weakParameters.test(key)) return queryVerdict;
    if (
      place.quote === 0 &&
      before === 32 &&
      /^(?:provided|given|supplied|received|used|was|is|sent|entered)$/i.test(key)
    ) {
      const noun = /(?:([\p{L}_-]{2,24}) )?([\p{L}_-]{3,24}) $/u.exec(
        text.slice(Math.max(start, place.from - 52), place.from),
      );
      return noun === null
        ? undefined
        : (judge(`${noun[1] ?? ''} ${noun[2]}`.replace(/^(?:invalid|incorrect|wrong|bad|the|expired) /i, '')) ??
            judge(noun[2] as string));
    }
    // "API Key: …", "Card number = …": the name of two words that nobody quoted.
    if (place.quote === 0 && before === 32 && /^(?:key|code|number|phrase|id|pin|word|no)$/i.test(key)) {
      const earlier = keyBefore(text, place.from - 1);
      if (earlier !== undefined && earlier.quote === 0) return judge(`${earlier.key} ${key}`);
    }
    return undefined;
  }

  function skipSeparator(sign: number): number {
    let next = sign + 1;
    while (next < to && next - sign < 3 && '=>~'.includes(text[next] as string)) next += 1;
    while (next < to && next - sign < 12 && (text.charCodeAt(next) === 32 || text.charCodeAt(next) === 9)) next += 1;
    // `password: str = 'x'`: the annotation is no value.
    const annotation = /(?:str|bytes|int|SecretStr|Optional\[str\]|str \| None|string) ?= ?/y;
    annotation.lastIndex = next;
    return annotation.test(text) ? annotation.lastIndex : next;
  }

  function addValue(from: number, verdict: Verdict, place: KeyPlace, separator: ':' | '='): number {
    if (from >= to) return from;
    const open = openingAt(text, from);
    if (open !== undefined) {
      const end = closingOf(text, open, to, separator === ':' && place.quote !== 0);
      return addIfWorth(open.from, end, verdict);
    }
    const first = text[from] as string;
    if (first === '[' || first === '{' || first === '(') {
      if (from < containerEnd) return from;
      containerEnd = addLeaves(text, from, to, verdict, judge, found);
      return from;
    }
    if (first === '<') {
      const object = /<(?:[\w.]{1,64}: )?([^<>\n]{1,512})>/dy;
      object.lastIndex = from;
      const inside = object.exec(text)?.indices?.[1];
      return inside === undefined || / object at 0x| at 0x/.test(text.slice(...inside))
        ? from
        : addIfWorth(inside[0], inside[1], verdict);
    }
    const call = /[A-Za-z_][\w.]{0,64}\(/y;
    call.lastIndex = from;
    if (call.test(text)) {
      if (reading === 'source' || from < containerEnd) return from;
      containerEnd = addLeaves(text, call.lastIndex - 1, to, { ...verdict, isWeak: false }, judge, found);
      return from;
    }
    if (reading === 'source' && !isDigit(text.charCodeAt(from))) return from;
    return addBare(from, verdict, place, separator);
  }

  function addIfWorth(from: number, end: number, verdict: Verdict): number {
    if (end <= from) return from;
    const value = text.slice(from, end);
    if (!isWorth(value, verdict)) return from;
    // `Authorization: Bearer x` keeps its scheme, and so a reader knows what was there.
    const scheme = /^(?:Bearer|Basic|Token|Digest|ApiKey|Negotiate|JWT) (?=\S)/i.exec(value)?.[0].length ?? 0;
    found.push({ from: from + scheme, to: end, kind: verdict.kind });
    return end;
  }

  /** A value without quotes: a word, or the rest of the line where the form says so. */
  function addBare(from: number, verdict: Verdict, place: KeyPlace, separator: ':' | '='): number {
    const isHeader =
      separator === ':' &&
      isSpace(text.charCodeAt(from - 1)) &&
      (verdict.kind === 'cookie' || /auth|cookie|secret|token/i.test(place.key));
    // `NAME=value command` sets a variable for a command; with spaces around the sign it is a line of settings.
    const isSetting =
      startsLine(place.from) && reading === 'text' && (separator === ':' || isSpace(text.charCodeAt(from - 1)));
    const isLine = isSetting || isHeader || (verdict.kind === 'cookie' && /cookie/i.test(place.key));
    let end = wordEnd(from, separator);
    const scheme = /(?:Bearer|Basic|Token|ApiKey|JWT)\s+\S/iy;
    scheme.lastIndex = from;
    const hasScheme = /auth/i.test(place.key) && scheme.test(text);
    if (!hasScheme && separator === ':' && isSpace(text.charCodeAt(from - 1)) && isTalk(text.slice(from, end)))
      return from;
    if (isLine) {
      if (hasScheme) end = wordEnd(scheme.lastIndex - 1, separator);
      else if (!isSentenceAt(end)) end = lineEnd(from);
    }
    if (
      (verdict.kind === 'phone' || verdict.kind === 'card' || verdict.kind === 'id' || verdict.kind === 'iban') &&
      !isLine
    ) {
      const groups = /[+(]?[\d(][\d ()./-]*\d/y;
      groups.lastIndex = from;
      if (groups.test(text)) end = Math.max(end, Math.min(groups.lastIndex, to));
    }
    return addIfWorth(from, end, verdict);
  }

  /** Behind the first word more words follow that make a sentence: `token: abc123 was not accepted`. */
  function isSentenceAt(end: number): boolean {
    return (
      text.charCodeAt(end) === 32 &&
      /^ (?:for|is|was|has|not|from|in|on|at|to|failed|expired|rejected|by|while|when|user|and|with|but|after|before|retrying|host)\b/.test(
        text.slice(end, end + 12),
      )
    );
  }

  function startsLine(from: number): boolean {
    let index = from - 1;
    while (
      index >= start &&
      from - index < 48 &&
      (text.charCodeAt(index) === 32 || text.charCodeAt(index) === 9 || text.charCodeAt(index) === 45)
    )
      index -= 1;
    if (index < start || text.charCodeAt(index) === 10) return true;
    if (text.startsWith('export', index - 5)) return startsLine(index - 5);
    return index > 0 && text.charCodeAt(index - 1) === 92 && 'nr'.includes(text[index] as string);
  }

  function lineEnd(from: number): number {
    const rest = /[^\n\r]{1,8192}?(?=[\n\r]|\\[nr]|\\{0,3}["'](?:[,)\]}\s]|$)|$)/y;
    rest.lastIndex = from;
    // A line longer than any header is hidden as far as it is looked at; its rest is read like any other text.
    return Math.min(to, rest.test(text) ? rest.lastIndex : from + 8_192);
  }

  function wordEnd(from: number, separator: ':' | '='): number {
    let end = from;
    const limit = Math.min(to, from + 8_192);
    for (; end < limit; end += 1) {
      const code = text.charCodeAt(end);
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
      if ((code === 44 || code === 59) && endsItem(end + 1)) break;
      if (
        (code === 41 || code === 93 || code === 125 || code === 62) &&
        (end + 1 >= to || !isWordSign(next) || text.charCodeAt(end + 1) === 93)
      )
        break;
      if (code === 124 && next === 32) break;
    }
    return end;
  }

  function endsItem(next: number): boolean {
    if (next >= to) return true;
    const item = /[\s"'({[}\])]|[\w .%-]{1,64}[=:]|$/y;
    item.lastIndex = next;
    return item.test(text);
  }

  function isTalk(word: string): boolean {
    return /^(?:must|is|was|are|were|not|has|have|the|a|an|this|that|these|field|value|expired|invalid|missing|required|should|cannot|can|can't|could|may|might|too|does|do|no|none|failed|failure|wrong|unable|unknown|empty|at|for|from|in|to|of|on|with|incorrect|unauthorized|denied|rejected|mismatch|bad|error|expected|already|only|please|your|you|be|malformed|revoked|signature|token|password|authentication|login|access|connection|both|either|it|its|and|or)[.,:;]?$/i.test(
      word,
    );
  }
}

const weakParameters =
  /^(?:key|code|sig|signature|auth|ticket|state|hash|st|sid|k|t|s|h|c|hmac|token|otp|pwd|pw|nonce|access|secret|invite|confirm|verify|magic|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|googleaccessid|se|id_token_hint|jwt|assertion|samlresponse|samlrequest|ct|u|r|ref|data|payload|p|e)$/i;
const queryVerdict: Verdict = { kind: 'token', isWeak: true };

/** `jwt.exceptions.InvalidToken: …`: the name of a class in front of a sentence is no name of a value. */
function isExceptionName(key: string): boolean {
  return (
    /^(?:[a-z_]\w*\.)*(?:[A-Z][a-z0-9]+){2,}$/.test(key) &&
    /(?:Error|Exception|Warning|Expired|Invalid|Missing|Failed|Failure|Required|Denied|Mismatch|Interrupt|Exit)$|(?:^|\.)(?:Invalid|Expired|Missing|Bad|Wrong|Unknown|No|Empty|Duplicate|Unexpected|Malformed|Revoked|Unauthorized|Weak)[A-Z]/.test(
      key,
    )
  );
}
