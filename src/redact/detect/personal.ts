/** E-mail addresses, cards, IBANs and telephone numbers anywhere in a text, by their shape and their check digits. */
import type { Match } from '../text/match.ts';
import { isDigit, isWordCharacter } from '../text/text-cursor.ts';

const emailTail = /(?:@|%40)(?:[\p{L}\d](?:[\p{L}\d-]{0,62})\.){1,6}[\p{L}]{2,24}(?![@\p{L}\d_-])/uy;

/**
 * The address around the `@` or `%40` at `at`, at least from `floor` on. Undefined for look-alikes: node names of workers,
 * packages, git remotes.
 */
export function emailAt(text: string, at: number, floor: number): Match | undefined {
  emailTail.lastIndex = at;
  if (!emailTail.test(text)) return undefined;
  const to = emailTail.lastIndex;
  let from = at;
  if (text.charCodeAt(at - 1) === 34) {
    // A quoted name: "john doe"@example.com.
    const quoted = /"[^"\n@]{1,62}"$/.exec(text.slice(Math.max(floor, at - 64), at));
    return quoted === null ? undefined : { from: at - quoted[0].length, to, kind: 'email' };
  }
  while (from > floor && at - from < 64 && isEmailCharacter(text.charCodeAt(from - 1))) from -= 1;
  if (text.charCodeAt(from - 1) === 92 && 'nrt'.includes(text[from] as string)) from += 1;
  while (from < at && /[.%+-]/.test(text[from] as string)) from += 1;
  const before = text.charCodeAt(from - 1);
  if (
    from === at ||
    before === 64 ||
    (before === 47 &&
      text.charCodeAt(from - 2) !== 47 &&
      text[at + 1] !== undefined &&
      /\d/.test(text[text.charCodeAt(at) === 37 ? at + 3 : at + 1] ?? ''))
  )
    return undefined;
  const name = text.slice(from, at);
  const host = text.slice(at + (text.charCodeAt(at) === 37 ? 3 : 1), to);
  if (
    /\.(?:internal|local|svc|cluster|lan|localdomain|localhost|py|js|ts|png|jpg|intra|corp|home|arpa|compute)$/i.test(
      host,
    )
  )
    return undefined;
  if (/^(?:celery|git|hg|gen\d+|(?:celery|worker)[-_.]?\w*|w\d+|beat|flower)$/i.test(name)) return undefined;
  if (
    text.charCodeAt(to) === 58 &&
    /[\w~]/.test(text[to + 1] ?? '') &&
    /^(?:git|[a-z]+)$/.test(name) &&
    /^(?:git|hg|org-\d+)/.test(name)
  )
    return undefined;
  return { from, to, kind: 'email' };
}

function isEmailCharacter(code: number): boolean {
  return isWordCharacter(code) || code === 46 || code === 37 || code === 43 || code === 45;
}

const cardNumber = /\d(?:(?:[ ._/-]|\\x[aA]0|\\u00[aA]0|\\u2009|%20)?\d){11,22}/y;

/** Space, full stop, underscore, slash, dash, and the first character of an escaped space. */
const cardSeparators: ReadonlySet<number> = new Set([32, 46, 95, 47, 45, 92, 37]);

/** The end of the digits at `at`, so that they are read once, and true for `isCard` if they are a card number. */
export function cardAt(text: string, at: number): { readonly end: number; readonly isCard: boolean } {
  let digits = at + 1;
  while (isDigit(text.charCodeAt(digits))) digits += 1;
  const sign = text.charCodeAt(digits);
  // Most numbers are short and alone.
  if (
    digits - at < 14 &&
    !(cardSeparators.has(sign) && (sign === 92 || sign === 37 || isDigit(text.charCodeAt(digits + 1))))
  )
    return { end: digits - at > 11 ? digits : at, isCard: false };
  const run = /\d{14,19}(?![\w-])(?![ .]\d)/y;
  run.lastIndex = at;
  if (run.test(text)) {
    const isWhole = !(
      text.charCodeAt(at - 1) === 46 ||
      text.charCodeAt(at - 1) === 45 ||
      isWordCharacter(text.charCodeAt(at - 1))
    );
    return { end: run.lastIndex, isCard: isWhole && isCard(text.slice(at, run.lastIndex)) };
  }
  cardNumber.lastIndex = at;
  if (!cardNumber.test(text)) return { end: at, isCard: false };
  const end = cardNumber.lastIndex;
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(end);
  const isAlone =
    !(before === 46 || before === 45 || isWordCharacter(before)) &&
    !isWordCharacter(after) &&
    !((after === 46 || after === 45) && isDigit(text.charCodeAt(end + 1)));
  return { end, isCard: isAlone && isCard(text.slice(at, end)) };
}

/** Checks the issuer range, the Luhn digit and that separators are regular. */
function isCard(shown: string): boolean {
  const text = shown.replace(/\\x[aA]0|\\u00[aA]0|\\u2009|%20/g, ' ');
  const digits = text.replace(/[ ._/-]/g, '');
  if (digits.length < 13 || digits.length > 19) return false;
  if (
    digits.length !== text.length &&
    !/^(?:\d{4}([ ._/-])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ ._/-])\d{6}\2\d{4,5}|\d{4}([ ._/-])\d{4}\3\d{4}\3\d{4}\3\d{1,3})$/.test(
      text,
    )
  )
    return false;
  // Thirteen digits are the number of an article (EAN-13); cards of that length are no longer issued.
  if (
    digits.length === 13 ||
    (digits.length === 14 && !/^3[0689]/.test(digits)) ||
    (digits.length === 15 && !/^(?:3[47]|1800|2131|5[068]|6)/.test(digits))
  )
    return false;
  if (!/^(?:4|5[0-9]|2[2-7]|3[0-9]|6[0-9]|81|9792)/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    sum += index % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0 && !/^(\d)\1+$/.test(digits);
}

/** Length of an IBAN by country (ISO 13616). */
const ibanLengths = new Map<string, number>();
for (const entry of `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22
  GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18
  NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20`.split(
  /\s+/,
)) {
  ibanLengths.set(entry.slice(0, 2), Number(entry.slice(2)));
}

/** End of the IBAN at `at`, or -1. */
export function ibanAt(text: string, at: number): number {
  const most = ibanLengths.get(text.slice(at, at + 2).toUpperCase());
  if (most === undefined) return -1;
  let end = at;
  let count = 0;
  while (count < most && end - at < 64) {
    const code = text.charCodeAt(end);
    if (isWordCharacter(code) && code < 128 && code !== 95) count += 1;
    else if (!(code === 32 || code === 45 || code === 46)) return -1;
    end += 1;
  }
  return count === most && !isWordCharacter(text.charCodeAt(end)) && isIban(text.slice(at, end)) ? end : -1;
}

/** True if the rearranged number modulo 97 is 1 (ISO 13616). */
function isIban(text: string): boolean {
  const plain = text.replace(/[ .-]/g, '');
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const sign of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const phoneNumber = /(?:\+|%2B|00)[1-9]\d{0,3}(?:(?:[ ./-]{0,2}|[ .-]?\(\d{1,5}\)[ .-]?)\d){6,13}(?![\d]|[:]\d)/y;

/** End of the phone number at `at`, or -1: a country code and digits after `+`, or after `00` when written in groups. */
export function phoneAt(text: string, at: number): number {
  const before = text.charCodeAt(at - 1);
  if (at > 0 && (isWordCharacter(before) || before === 43 || before === 46) && !(text.charCodeAt(at - 2) === 92))
    return -1;
  phoneNumber.lastIndex = at;
  if (!phoneNumber.test(text)) return -1;
  const end = phoneNumber.lastIndex;
  if (isWordCharacter(text.charCodeAt(end))) return -1;
  const number = text.slice(at, end);
  if (number.startsWith('00') && !/[ ()-]/.test(number)) return -1;
  return end;
}
