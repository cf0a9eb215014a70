/** Sentences that say a secret: `wrong password 'x'`, `your code is 493201`, `Bearer x`, `token x expired`. */
import type { Judge, Verdict } from './keys.ts';
import type { Found } from './shapes.ts';
import { digitsIn, isWorth, looksMade } from './worth.ts';

/** First letters of the nouns below in either case: most words are not looked up. */
const firstLetters = new Set([...'pPtTsScCoObBkKmMaAjJdDhHiIuU']);
const nouns =
  /^(?:pass(?:word|phrase|code|wd|wort)?|pwd|token|secret|code|otp|pin|key|apikey|api_key|cookie|bearer|basic|jwt|credentials?|auth_token|access_token|secret_key|client_secret|by|session|sid|contraseña|kennwort|mot|hasło|пароль|account|card|ssn|passport|digest|apitoken|mfa|totp|cvv|cvc|iban)$/i;

/** From the word at `from` up to `end`, which a space follows. Answers the end of the secret, or -1. */
export function addProse(text: string, from: number, end: number, to: number, judge: Judge, found: Found[]): number {
  if (!firstLetters.has(text[from] as string) || end - from > 16) return -1;
  const word = text.slice(from, end).toLowerCase();
  // An escaped line end before the word: `\nBearer x`.
  if (!nouns.test(word)) return -1;
  if (word === 'bearer' || word === 'basic' || word === 'digest') return addScheme(text, end, to, word, found);
  if (word === 'pass') return addPassArgument(text, end, to, found);
  if (text.charCodeAt(end) !== 32) return -1;
  if (word === 'by')
    return /identified $/i.test(text.slice(Math.max(0, from - 11), from))
      ? addQuotedOrMade(text, end, to, { kind: 'password', isWeak: false }, found)
      : -1;
  const before = /([\p{L}-]{1,24})[ -]$/u.exec(text.slice(Math.max(0, from - 26), from))?.[1]?.toLowerCase();
  if (
    before !== undefined &&
    /^(?:unexpected|unknown|syntax|reserved|lexical|illegal|json|error|status|exit|return|zip|postal|country|http|response|source|public|primary|foreign|duplicate|partition|routing|cache|missing|invalid_grant|no|every|next|bad_token)$/.test(
      before,
    ) &&
    word !== 'password' &&
    !(before === 'missing')
  )
    return -1;
  const verdict = verdictOf(word, before, judge);
  return verdict === undefined ? -1 : addQuotedOrMade(text, end, to, verdict, found);
}

function verdictOf(word: string, before: string | undefined, judge: Judge): Verdict | undefined {
  if (word === 'code')
    return before !== undefined &&
      /^(?:verification|security|login|access|confirmation|your|sms|authentication|auth|mfa|2fa|otp|one-time|time|pin|pass|backup|recovery|einmal|the)$/.test(
        before,
      )
      ? { kind: 'code', isWeak: false }
      : undefined;
  if (word === 'key')
    return {
      kind: 'key',
      isWeak:
        before === undefined ||
        !/^(?:api|secret|access|private|signing|encryption|license|auth|account|shared)$/.test(before),
    };
  if (word === 'account' || word === 'mot') return undefined;
  if (word === 'session' || word === 'cookie') return { kind: 'cookie', isWeak: true };
  return judge(word);
}

const scheme =
  /[ :]\s{0,3}(?:\\?["'])?(?!token\b|auth|realm|error|scheme|credentials|tokens\b|is\b|not\b)([A-Za-z0-9._~+/=:%|-]{6,8192})/dy;

const digestResponse = /\bresponse=\\?["']?([0-9a-f]{16,128})/d;

function addScheme(text: string, end: number, to: number, word: string, found: Found[]): number {
  if (word === 'digest') {
    const response = digestResponse.exec(text.slice(end, Math.min(to, end + 600)))?.indices?.[1];
    if (response !== undefined) found.push({ from: end + response[0], to: end + response[1], kind: 'token' });
    return -1;
  }
  scheme.lastIndex = end;
  const place = scheme.exec(text)?.indices?.[1];
  if (place === undefined) return -1;
  const value = text.slice(place[0], Math.min(place[1], to)).replace(/[.:,]+$/, '');
  const isPlain = /^[a-z]+$/i.test(value) && (word !== 'bearer' || value.length < 16);
  const isSecret =
    word === 'bearer'
      ? !isPlain || value.length >= 16
      : word === 'basic'
        ? /^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(value) &&
          /[A-Z\d=]/.test(value.slice(1)) &&
          value.length % 4 !== 1 &&
          !/^[A-Z]?[a-z-]+$/.test(value)
        : false;
  if (!isSecret) return -1;
  found.push({ from: place[0], to: place[0] + value.length, kind: word === 'basic' ? 'password' : 'token' });
  return place[0] + value.length;
}

/** `-passin pass:x`. */
function addPassArgument(text: string, end: number, to: number, found: Found[]): number {
  if (text.charCodeAt(end) !== 58) return -1;
  const value = /:([^\s"'\\,;]{3,256})/dy;
  value.lastIndex = end;
  const place = value.exec(text)?.indices?.[1];
  if (place === undefined) return -1;
  found.push({ from: place[0], to: Math.min(place[1], to), kind: 'password' });
  return place[1];
}

const said =
  /\s{1,3}(?:(?:is|was|of|as|to|are|used|value|set to|for [^\s]{1,64} (?:is|was)|with value)\s?[:=]?\s?)?(?:(\\{0,3}["'`])([^"'`\n]{1,512}?)\1(?![\p{L}\d])|([^\s"'`,;()]{4,512}))/duy;

function addQuotedOrMade(text: string, end: number, to: number, verdict: Verdict, found: Found[]): number {
  said.lastIndex = end;
  const match = said.exec(text);
  if (match === null) return -1;
  const quoted = match.indices?.[2];
  if (quoted !== undefined) {
    const value = match[2] as string;
    if (verdict.kind === 'token' && (value.length < 6 || /^[a-z_]+$/.test(value))) return -1;
    if (/^\s{0,2}[:=]/.test(text.slice(quoted[1] + 1, quoted[1] + 4)) || /^[a-z]+(?:_[a-z]+)+$/.test(value)) return -1;
    if (!isWorth(value, verdict)) return -1;
    found.push({ from: quoted[0], to: Math.min(quoted[1], to), kind: verdict.kind });
    return quoted[1];
  }
  const bare = match.indices?.[3];
  if (bare === undefined) return -1;
  const value = (match[3] as string).replace(/[.:!?\]}>]+$/, '');
  if (/[=]|^[A-Za-z]+:/.test(value.slice(0, 24)) && !value.endsWith('=')) return -1;
  const isMade = verdict.kind === 'code' ? /^\d{4,8}$|^\d{3}-\d{3}$/.test(value) : isBareSecret(value, verdict);
  if (!isMade || !isWorth(value, verdict)) return -1;
  found.push({ from: bare[0], to: Math.min(bare[0] + value.length, to), kind: verdict.kind });
  return bare[0] + value.length;
}

function isBareSecret(value: string, verdict: Verdict): boolean {
  if (looksMade(value) || (verdict.kind === 'password' && /^\d{4,8}$/.test(value))) return true;
  if (verdict.kind !== 'password')
    return (
      /^[A-Za-z0-9_-]{16,}$/.test(value) && digitsIn(value) >= 3 && !verdict.isWeak && !/^[0-9a-f]{8}-/.test(value)
    );
  // A person's password: letters with a digit or a sign among them, not a word of the sentence and no path or version.
  return (
    value.length >= 6 &&
    /[A-Za-z]/.test(value) &&
    /[\d!@#$%^&*?~+]/.test(value) &&
    !/^\/|^[\w.-]+\.\w{2,4}$|^v?\d[\d.]*$|^[\w.]+\(|^\d+-\w+$|%[sdr]|^\{|^[a-z]+-\d+$/.test(value)
  );
}
