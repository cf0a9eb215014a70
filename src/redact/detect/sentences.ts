/** Sentences with a secret: `wrong password 'x'`, `your code is 493201`, `Bearer x`, `token x expired`. */

import type { KeyMeaning } from '../names/key-meaning.ts';
import { foldedWord } from '../names/spelling.ts';
import { digitsIn, looksGenerated } from '../values/is-secret-value.ts';
import type { TextScan } from '../values/text-scan.ts';
import { commandWords, hideCommandSecret } from './commands.ts';

const nouns =
  /^(?:pass(?:word|phrase|code|wd|wort)?|pwd|token|secret|code|otp|pin|key|apikey|api_key|cookie|bearer|basic|jwt|credentials?|auth_token|access_token|secret_key|client_secret|by|session|sid|contraseña|kennwort|mot|hasło|пароль|account|card|ssn|passport|digest|apitoken|authtoken|mfa|totp|cvv|cvc|iban|signature|hmac|username|dsn)$/i;
/** Words before `user:password` in a sentence about logging in. */
const loginWords = new Set(['with', 'as', 'using', 'credentials', 'for']);

/** Nouns of several words, by the first: `mot de passe`, `kata sandi`. */
const longNouns: ReadonlyMap<string, RegExp> = new Map([
  ['mot', /mot de passe\b/iy],
  ['mots', /mots de passe\b/iy],
  ['kata', /kata (?:sandi|laluan)\b/iy],
  ['palavra', /palavra[ -]passe\b/iy],
  ['parola', /parola d['’]ordine\b/iy],
  ['jeton', /jeton d['’]acc[eè]s/iy],
]);

const password: KeyMeaning = { kind: 'password', isWeak: false };

/** Words before a noun that make it part of a syntax error, a status or a database key: `unexpected token`, `zip code`. */
const plainQualifier =
  /^(?:unexpected|expected|expecting|got|found|near|after|before|at|invalid_token|unknown|syntax|reserved|lexical|illegal|json|error|status|exit|return|zip|postal|country|http|response|source|public|primary|foreign|duplicate|partition|routing|cache|invalid_grant|no|every|next|bad_token)$/;

/** Hides the secret after the word from `from` to `end`, which a space or a colon follows. Returns its end, or -1. */
export function hideSecretInSentence(scan: TextScan, from: number, end: number): number {
  if (end - from > 18) return -1;
  const { text } = scan;
  const written = text.slice(from, end);
  if (commandWords.has(written)) {
    const commandEnd = hideCommandSecret(scan, from, written);
    if (commandEnd >= 0) return commandEnd;
  }
  const word = written.toLowerCase();
  if (loginWords.has(word)) return hideLoginInSentence(scan, from, end);
  const long = longNouns.get(word);
  if (long !== undefined) {
    long.lastIndex = from;
    if (long.test(text)) return hideStatedSecret(scan, long.lastIndex, password);
  }
  if (!nouns.test(word) && !(word.length > 3 && scan.names.isPasswordWord(word))) return -1;
  if (word === 'bearer' || word === 'basic') return hideCredentials(scan, end, word);
  if (word === 'digest') return hideDigestResponse(scan, end);
  if (word === 'pass') return hidePassArgument(scan, end);
  if (text[end] !== ' ') return -1;
  if (word === 'by') {
    const isIdentified = /identified $/i.test(text.slice(Math.max(0, from - 11), from));
    return isIdentified ? hideStatedSecret(scan, end, password) : -1;
  }
  const before = /([\p{L}-]{1,24})[ -]$/u.exec(text.slice(Math.max(0, from - 26), from))?.[1]?.toLowerCase();
  if (before !== undefined && plainQualifier.test(before) && word !== 'password') return -1;
  const meaning = meaningOfNoun(scan, word, before);
  return meaning === undefined ? -1 : hideStatedSecret(scan, end, meaning);
}

/** The same for words of other scripts: `пароль X`, `密码是X`, `パスワードは「X」`. */
export function hideSecretInForeignSentence(scan: TextScan, from: number, end: number): number {
  if (end - from > 40 || end - from < 2) return -1;
  const { text } = scan;
  const word = text.slice(from, end);
  const joined = /^([^\u0021-\u007e]{2,20}?(?:是|为|為|は))([\u0021-\u007e]{4,64})$/u.exec(word);
  if (joined !== null && scan.meaningOf((joined[1] as string).slice(0, -1)) !== undefined)
    return scan.hide(end - (joined[2] as string).length, end, 'password');
  const after = text[end] ?? '';
  if (after !== ' ' && after !== '"' && after !== "'") return -1;
  const own = scan.meaningOf(foldedWord(word.replace(/[はがを는은이]$/u, '')));
  if (own === undefined && after === ' ') return hideAfterTwoWords(scan, end, word);
  if (own === undefined || own.isWeak) return -1;
  return after === ' ' ? hideStatedSecret(scan, end, own) : hideQuotedSecret(scan, end, own);
}

/** Two words that name a secret together: `كلمة المرور`. */
function hideAfterTwoWords(scan: TextScan, end: number, word: string): number {
  const next = / ([\p{L}\p{M}]{2,20})/uy;
  next.lastIndex = end;
  const second = next.exec(scan.text)?.[1];
  const meaning = second === undefined ? undefined : scan.meaningOf(`${word} ${second}`);
  return meaning === undefined || meaning.isWeak ? -1 : hideStatedSecret(scan, next.lastIndex, meaning);
}

function hideQuotedSecret(scan: TextScan, end: number, meaning: KeyMeaning): number {
  const quoted = /(["'])(?![\s:=,)\]}])([^"'\n]{2,256})\1(?![\p{L}\d:]*\s?:)/duy;
  quoted.lastIndex = end;
  const place = quoted.exec(scan.text)?.indices?.[2];
  return place === undefined ? -1 : scan.hideIfSecret(place[0], place[1], meaning);
}

const statedLogin = /:?\s(?:user )?(["'`]?)[\w.@+-]{1,64}\1\s?[:/]\s?(["'`]?)([^\s"'`,;/]{3,128})\2/dy;

/** `login failed with ann:x`, `bad credentials: ann / x`. */
function hideLoginInSentence(scan: TextScan, from: number, end: number): number {
  const { text } = scan;
  statedLogin.lastIndex = end;
  const match = statedLogin.exec(text);
  const place = match?.indices?.[3];
  if (match === null || place === undefined) return -1;
  const value = match[3] as string;
  if (/^\d+$|^\/|:$|\.(?:py|com|internal|local)\b/.test(value) || !/\d|[^\w.-]/.test(value)) return -1;
  const isAboutLogin = /log(?:in|ged|ging)|auth|sign(?:ed)?[ -]?in|credential|password/i;
  return isAboutLogin.test(text.slice(Math.max(0, from - 64), end)) ? scan.hide(place[0], place[1], 'password') : -1;
}

const codeQualifier =
  /^(?:verification|security|login|access|confirmation|your|sms|authentication|auth|mfa|2fa|otp|one-time|time|pin|pass|backup|recovery|einmal|the)$/;
const keyQualifier =
  /^(?:api|secret|access|private|signing|encryption|license|auth|account|shared|fernet|hmac|jwt|master|storage|ssh)$/;

/** Meaning of a noun in a sentence, given the word before it. */
function meaningOfNoun(scan: TextScan, word: string, before = ''): KeyMeaning | undefined {
  switch (word) {
    case 'code':
      return codeQualifier.test(before) ? { kind: 'code', isWeak: false } : undefined;
    case 'key':
      return { kind: 'key', isWeak: !keyQualifier.test(before) };
    case 'account':
    case 'mot':
    case 'username':
      return undefined;
    case 'signature':
    case 'hmac':
      return { kind: 'token', isWeak: false };
    case 'session':
    case 'cookie':
      return { kind: 'cookie', isWeak: true };
    default:
      return scan.meaningOf(word);
  }
}

const credentials =
  /[ :]\s{0,3}(?:\\?["'])?(?!token\b|auth|realm|error|scheme|credentials|tokens\b|is\b|not\b)([A-Za-z0-9._~+/=:%|-]{6,8192})/dy;

const digestResponse = /\bresponse=\\?["']?([0-9a-f]{16,128})/d;

/** The response of an HTTP digest. The rest of the header is read like any other text. */
function hideDigestResponse(scan: TextScan, end: number): number {
  const response = digestResponse.exec(scan.text.slice(end, Math.min(scan.to, end + 600)))?.indices?.[1];
  if (response !== undefined) scan.hide(end + response[0], end + response[1], 'token');
  return -1;
}

/** `Bearer x` and `Basic x`. */
function hideCredentials(scan: TextScan, end: number, word: 'bearer' | 'basic'): number {
  credentials.lastIndex = end;
  const place = credentials.exec(scan.text)?.indices?.[1];
  if (place === undefined) return -1;
  const value = scan.text.slice(place[0], Math.min(place[1], scan.to)).replace(/[.:,]+$/, '');
  const isSecret = word === 'bearer' ? value.length >= 16 || !/^[a-z]+$/i.test(value) : isBasicCredentials(value);
  return isSecret ? scan.hide(place[0], place[0] + value.length, word === 'basic' ? 'password' : 'token') : -1;
}

/** True for Base64 of a possible length that is no word. */
function isBasicCredentials(value: string): boolean {
  return (
    /^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(value) &&
    /[A-Z\d=]/.test(value.slice(1)) &&
    value.length % 4 !== 1 &&
    !/^[A-Z]?[a-z-]+$/.test(value)
  );
}

/** The argument of OpenSSL: `-passin pass:x`. */
function hidePassArgument(scan: TextScan, end: number): number {
  const value = /:([^\s"'\\,;]{3,256})/dy;
  value.lastIndex = end;
  const place = value.exec(scan.text)?.indices?.[1];
  return place === undefined ? -1 : scan.hide(place[0], place[1], 'password');
}

/** A verb or nothing, then a value in quotes or one word. */
const statedSecret =
  /\s{1,3}(?:(?:is|was|of|as|to|are|used|value|set to|(?:was |has been )?(?:changed|updated|rotated|reset|set)? ?(?:from|to)|for [^\s]{1,64} (?:is|was)|with value|ist|lautet|war|est|était|es|fue|era|é|è|jest|je|är|er|=)\s?[:=]?\s?)?(?:(\\{0,3}["'`])([^"'`\n]{1,512}?)\1(?![\p{L}\d])|([^\s"'`,;()]{4,512}))/duy;

/** Hides the secret that a sentence states after the noun that ends at `end`. Returns its end, or -1. */
function hideStatedSecret(scan: TextScan, end: number, meaning: KeyMeaning): number {
  statedSecret.lastIndex = end;
  const match = statedSecret.exec(scan.text);
  if (match === null) return hideAfterColon(scan, end, meaning);
  const quoted = match.indices?.[2];
  if (quoted !== undefined) return hideStatedQuote(scan, quoted, meaning);
  const bare = match.indices?.[3];
  if (bare === undefined) return -1;
  const value = withoutPunctuation(match[3] as string);
  if (/[=]|^[A-Za-z]+:/.test(value.slice(0, 24)) && !value.endsWith('=')) return -1;
  const hasShape = meaning.kind === 'code' ? /^\d{4,8}$|^\d{3}-\d{3}$/.test(value) : isBareSecret(value, meaning);
  if (hasShape && scan.isSecret(value, meaning)) return scan.hide(bare[0], bare[0] + value.length, meaning.kind);
  const later = hideAfterColon(scan, end, meaning);
  return later >= 0 ? later : hideGeneratedLater(scan, bare[0], meaning);
}

function withoutPunctuation(value: string): string {
  return value.replace(/[.:!?\]}>]+$/, '');
}

/** A second value in quotes: `changed from 'x' to 'y'`. */
const secondQuote = /\\{0,3}["'`] (?:to|with|and|or|->|by|instead of) (\\{0,3}["'`])([^"'`\n]{2,256}?)\1/dy;

function hideStatedQuote(scan: TextScan, [from, to]: readonly [number, number], meaning: KeyMeaning): number {
  const { text } = scan;
  const value = text.slice(from, to);
  if (meaning.kind === 'token' && (value.length < 6 || /^[a-z_]+$/.test(value))) return -1;
  if (/^\s{0,2}[:=]/.test(text.slice(to + 1, to + 4)) || /^[a-z]+(?:_[a-z]+)+$/.test(value)) return -1;
  // The path of a secret in a store, as in `secret 'db/prod' not found`.
  if (meaning.kind === 'secret' && /^[a-z][\w.-]*(?:\/[\w.-]+)+$/.test(value)) return -1;
  const end = scan.hideIfSecret(from, to, meaning);
  if (end < 0) return -1;
  secondQuote.lastIndex = to;
  const second = secondQuote.exec(text)?.indices?.[2];
  return second === undefined ? end : Math.max(end, scan.hideIfSecret(second[0], second[1], meaning));
}

const afterWords =
  /((?:\s[\p{L}\p{M}'’]{1,18}){0,4})\s?(?::|\s(?:is|est|es|é|è|ist|lautet|to|jest|je|är|er|on|adalah))\s{1,3}\(?(["'`]?)([^\s"'`,;()]{4,128})/duy;
/** Words before the colon that announce a user, a host or a reason instead of the secret. */
const otherSubjects =
  /^(?:for|user|users|failed|failure|error|authentication|auth|check|type|for|from|at|on|by|no|not|only|line|column|utilisateur|usuario|usuário|utente|gebruiker|benutzer|użytkownik|uživatel|användare|bruker|bruger|kullanıcı|пользователь|pengguna|felhasználó|host|server|db|database|service|para|pour|für|per|voor|dla)$/i;

/** Some words, a colon and a secret: `contraseña incorrecta: x`, `пароль пользователя ann: x`. */
function hideAfterColon(scan: TextScan, end: number, meaning: KeyMeaning): number {
  if (meaning.isWeak) return -1;
  afterWords.lastIndex = end;
  const match = afterWords.exec(scan.text);
  const place = match?.indices?.[3];
  if (match === null || place === undefined) return -1;
  const last = (match[1] as string).trim().split(/\s+/).at(-1) ?? '';
  if (otherSubjects.test(last) || scan.names.isFactAbout(last)) return -1;
  const value = withoutPunctuation(match[3] as string);
  return isBareSecret(value, meaning) ? scan.hideIfSecret(place[0], place[0] + value.length, meaning) : -1;
}

const laterValue = /[^\n"'`]{0,100}?(["'`:]\s?["'`]?)([A-Za-z0-9+/_=.-]{16,256})(?=["'`\s]|$)/dy;

/** A generated value later in the sentence, in quotes or after a colon: `key must be 32 bytes: Zm9v…`. */
function hideGeneratedLater(scan: TextScan, at: number, meaning: KeyMeaning): number {
  if (meaning.isWeak || meaning.kind === 'code') return -1;
  laterValue.lastIndex = at;
  const match = laterValue.exec(scan.text);
  const place = match?.indices?.[2];
  if (match === null || place === undefined) return -1;
  const value = match[2] as string;
  const isGenerated = looksGenerated(value) || /^[A-Za-z0-9+/_-]{14,}={1,2}$/.test(value);
  return isGenerated ? scan.hide(place[0], place[1], meaning.kind) : -1;
}

/** True if a word without quotes looks like a secret of that meaning and not like a word of the sentence. */
function isBareSecret(value: string, meaning: KeyMeaning): boolean {
  if (/^[0-9a-f]{32,128}$/.test(value)) return meaning.kind !== 'key' && !meaning.isWeak;
  if (looksGenerated(value) || (meaning.kind === 'password' && /^\d{4,8}$/.test(value))) return true;
  if (meaning.kind !== 'password')
    return (
      /^[A-Za-z0-9_-]{16,}$/.test(value) && digitsIn(value) >= 3 && !meaning.isWeak && !/^[0-9a-f]{8}-/.test(value)
    );
  // A password that a person chose: letters with a digit or a symbol, but no path, version or call.
  return (
    value.length >= 6 &&
    /[A-Za-z]/.test(value) &&
    /[\d!@#$%^&*?~+]/.test(value) &&
    !/^\/|^[\w.-]+\.\w{2,4}$|^v?\d[\d.]*$|^[\w.]+\(|^\d+-\w+$|%[sdr]|^\{|^[a-z]+-\d+$/.test(value)
  );
}
