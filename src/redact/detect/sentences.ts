/** Sentences that say a secret: `wrong password 'x'`, `your code is 493201`, `Bearer x`, `token x expired`. */

import type { Judge, KeyMeaning } from '../names/key-names.ts';
import { isFact } from '../names/languages.ts';
import { foldedWord, harmlessTails, passwordWords } from '../names/vocabulary.ts';
import type { Match } from '../text/match.ts';
import { digitsIn, isWorth, looksMade } from '../values/is-secret-value.ts';
import { addCommand, commandWords } from './command-line.ts';

const nouns =
  /^(?:pass(?:word|phrase|code|wd|wort)?|pwd|token|secret|code|otp|pin|key|apikey|api_key|cookie|bearer|basic|jwt|credentials?|auth_token|access_token|secret_key|client_secret|by|session|sid|contraseña|kennwort|mot|hasło|пароль|account|card|ssn|passport|digest|apitoken|authtoken|mfa|totp|cvv|cvc|iban|signature|hmac|username|dsn)$/i;
/** Before `user:password`, in a sentence about logging in. */
const logins = new Set(['with', 'as', 'using', 'credentials', 'for']);

function isNoun(word: string): boolean {
  if (nouns.test(word)) return true;
  return (
    word.length > 3 && (passwordWords.has(word) || (/[^\x00-\x7f]/.test(word) && passwordWords.has(foldedWord(word))))
  );
}

/** Nouns of two words and more, by the first: `mot de passe`, `kata sandi`. */
const longNouns: ReadonlyMap<string, RegExp> = new Map([
  ['mot', /mot de passe\b/iy],
  ['mots', /mots de passe\b/iy],
  ['kata', /kata (?:sandi|laluan)\b/iy],
  ['palavra', /palavra[ -]passe\b/iy],
  ['parola', /parola d['’]ordine\b/iy],
  ['jeton', /jeton d['’]acc[eè]s/iy],
]);

/** From the word at `from` up to `end`, which a space follows. Answers the end of the secret, or -1. */
export function addProse(text: string, from: number, end: number, to: number, judge: Judge, found: Match[]): number {
  if (end - from > 18) return -1;
  const said = text.slice(from, end);
  if (commandWords.has(said)) {
    const commandEnd = addCommand(text, from, said, to, judge, found);
    if (commandEnd >= 0) return commandEnd;
  }
  const word = said.toLowerCase();
  if (logins.has(word)) return addLoginSaid(text, from, end, to, found);
  const long = longNouns.get(word);
  if (long !== undefined) {
    long.lastIndex = from;
    if (long.test(text)) return addQuotedOrMade(text, long.lastIndex, to, { kind: 'password', isWeak: false }, found);
  }
  if (!isNoun(word)) return -1;
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
    /^(?:unexpected|expected|expecting|got|found|near|after|before|at|invalid_token|unknown|syntax|reserved|lexical|illegal|json|error|status|exit|return|zip|postal|country|http|response|source|public|primary|foreign|duplicate|partition|routing|cache|missing|invalid_grant|no|every|next|bad_token)$/.test(
      before,
    ) &&
    word !== 'password' &&
    !(before === 'missing')
  )
    return -1;
  const verdict = verdictOf(word, before, judge);
  return verdict === undefined ? -1 : addQuotedOrMade(text, end, to, verdict, found);
}

/** A word of another script, or one that begins with a letter beyond ASCII: `пароль X`, `密码是X`, `パスワードは「X」`. */
export function addForeignProse(
  text: string,
  from: number,
  end: number,
  to: number,
  judge: Judge,
  found: Match[],
): number {
  const after = text.charCodeAt(end);
  if (end - from > 40 || end - from < 2) return -1;
  const word = text.slice(from, end);
  const joined = /^([^\u0021-\u007e]{2,20}?(?:是|为|為|は))([\u0021-\u007e]{4,64})$/u.exec(word);
  if (joined !== null && judge((joined[1] as string).slice(0, -1)) !== undefined) {
    found.push({ from: end - (joined[2] as string).length, to: Math.min(end, to), kind: 'password' });
    return end;
  }
  if (after !== 32 && after !== 34 && after !== 39) return -1;
  let verdict = judge(foldedWord(word.replace(/[はがを는은이]$/u, '')));
  if (verdict === undefined && after === 32) {
    // `كلمة المرور`: two words name it.
    const next = / ([\p{L}\p{M}]{2,20})/uy;
    next.lastIndex = end;
    const second = next.exec(text)?.[1];
    verdict = second === undefined ? undefined : judge(`${word} ${second}`);
    if (verdict !== undefined && !verdict.isWeak) return addQuotedOrMade(text, next.lastIndex, to, verdict, found);
  }
  if (verdict === undefined || verdict.isWeak) return -1;
  if (after !== 32) {
    const quoted = /(["'])(?![\s:=,)\]}])([^"'\n]{2,256})\1(?![\p{L}\d:]*\s?:)/duy;
    quoted.lastIndex = end;
    const place = quoted.exec(text)?.indices?.[2];
    if (place === undefined || !isWorth(text.slice(...place), verdict)) return -1;
    found.push({ from: place[0], to: Math.min(place[1], to), kind: verdict.kind });
    return place[1];
  }
  return addQuotedOrMade(text, end, to, verdict, found);
}

const loginSaid = /:?\s(?:user )?(["'`]?)[\w.@+-]{1,64}\1\s?[:/]\s?(["'`]?)([^\s"'`,;/]{3,128})\2/dy;

/** `login failed with ann:x`, `bad credentials: ann / x`. */
function addLoginSaid(text: string, from: number, end: number, to: number, found: Match[]): number {
  loginSaid.lastIndex = end;
  const match = loginSaid.exec(text);
  const place = match?.indices?.[3];
  if (match === null || place === undefined) return -1;
  const value = match[3] as string;
  if (/^\d+$|^\/|:$|\.(?:py|com|internal|local)\b/.test(value) || !/\d|[^\w.-]/.test(value)) return -1;
  if (!/log(?:in|ged|ging)|auth|sign(?:ed)?[ -]?in|credential|password/i.test(text.slice(Math.max(0, from - 64), end)))
    return -1;
  found.push({ from: place[0], to: Math.min(place[1], to), kind: 'password' });
  return place[1];
}

function verdictOf(word: string, before: string | undefined, judge: Judge): KeyMeaning | undefined {
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
        !/^(?:api|secret|access|private|signing|encryption|license|auth|account|shared|fernet|hmac|jwt|master|storage|ssh)$/.test(
          before,
        ),
    };
  if (word === 'account' || word === 'mot' || word === 'username') return undefined;
  if (word === 'signature' || word === 'hmac') return { kind: 'token', isWeak: false };
  if (word === 'session' || word === 'cookie') return { kind: 'cookie', isWeak: true };
  return judge(word);
}

const scheme =
  /[ :]\s{0,3}(?:\\?["'])?(?!token\b|auth|realm|error|scheme|credentials|tokens\b|is\b|not\b)([A-Za-z0-9._~+/=:%|-]{6,8192})/dy;

const digestResponse = /\bresponse=\\?["']?([0-9a-f]{16,128})/d;

function addScheme(text: string, end: number, to: number, word: string, found: Match[]): number {
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
function addPassArgument(text: string, end: number, to: number, found: Match[]): number {
  if (text.charCodeAt(end) !== 58) return -1;
  const value = /:([^\s"'\\,;]{3,256})/dy;
  value.lastIndex = end;
  const place = value.exec(text)?.indices?.[1];
  if (place === undefined) return -1;
  found.push({ from: place[0], to: Math.min(place[1], to), kind: 'password' });
  return place[1];
}

const secretSaid =
  /\s{1,3}(?:(?:is|was|of|as|to|are|used|value|set to|(?:was |has been )?(?:changed|updated|rotated|reset|set)? ?(?:from|to)|for [^\s]{1,64} (?:is|was)|with value|ist|lautet|war|est|était|es|fue|era|é|è|jest|je|är|er|=)\s?[:=]?\s?)?(?:(\\{0,3}["'`])([^"'`\n]{1,512}?)\1(?![\p{L}\d])|([^\s"'`,;()]{4,512}))/duy;

function addQuotedOrMade(text: string, end: number, to: number, verdict: KeyMeaning, found: Match[]): number {
  secretSaid.lastIndex = end;
  const match = secretSaid.exec(text);
  if (match === null) return addAfterWords(text, end, to, verdict, found);
  const quoted = match.indices?.[2];
  if (quoted !== undefined) {
    const value = match[2] as string;
    if (verdict.kind === 'token' && (value.length < 6 || /^[a-z_]+$/.test(value))) return -1;
    if (/^\s{0,2}[:=]/.test(text.slice(quoted[1] + 1, quoted[1] + 4)) || /^[a-z]+(?:_[a-z]+)+$/.test(value)) return -1;
    // The name a store keeps it under: `secret 'db/prod' not found`.
    if (verdict.kind === 'secret' && /^[a-z][\w.-]*(?:\/[\w.-]+)+$/.test(value)) return -1;
    if (!isWorth(value, verdict)) return -1;
    found.push({ from: quoted[0], to: Math.min(quoted[1], to), kind: verdict.kind });
    // `changed from 'x' to 'y'`.
    const second = /\\{0,3}["'`] (?:to|with|and|or|->|by|instead of) (\\{0,3}["'`])([^"'`\n]{2,256}?)\1/dy;
    second.lastIndex = quoted[1];
    const other = second.exec(text)?.indices?.[2];
    if (other === undefined || !isWorth(text.slice(...other), verdict)) return quoted[1];
    found.push({ from: other[0], to: Math.min(other[1], to), kind: verdict.kind });
    return other[1];
  }
  const bare = match.indices?.[3];
  if (bare === undefined) return -1;
  const value = (match[3] as string).replace(/[.:!?\]}>]+$/, '');
  if (/[=]|^[A-Za-z]+:/.test(value.slice(0, 24)) && !value.endsWith('=')) return -1;
  const isMade = verdict.kind === 'code' ? /^\d{4,8}$|^\d{3}-\d{3}$/.test(value) : isBareSecret(value, verdict);
  if (!isMade || !isWorth(value, verdict)) {
    const behind = addAfterWords(text, end, to, verdict, found);
    return behind >= 0 ? behind : addMadeBehind(text, bare[0], to, verdict, found);
  }
  found.push({ from: bare[0], to: Math.min(bare[0] + value.length, to), kind: verdict.kind });
  return bare[0] + value.length;
}

const afterWords =
  /((?:\s[\p{L}\p{M}'’]{1,18}){0,4})\s?(?::|\s(?:is|est|es|é|è|ist|lautet|to|jest|je|är|er|on|adalah))\s{1,3}\(?(["'`]?)([^\s"'`,;()]{4,128})/duy;
const wordsOfOthers =
  /^(?:for|user|users|failed|failure|error|authentication|auth|check|type|for|from|at|on|by|no|not|only|line|column|utilisateur|usuario|usuário|utente|gebruiker|benutzer|użytkownik|uživatel|användare|bruker|bruger|kullanıcı|пользователь|pengguna|felhasználó|host|server|db|database|service|para|pour|für|per|voor|dla)$/i;

/** `contraseña incorrecta: x`, `пароль пользователя ann: x`: some words, a colon, and what a person chose or a machine made. */
function addAfterWords(text: string, end: number, to: number, verdict: KeyMeaning, found: Match[]): number {
  if (verdict.isWeak) return -1;
  afterWords.lastIndex = end;
  const match = afterWords.exec(text);
  const place = match?.indices?.[3];
  if (match === null || place === undefined) return -1;
  const between = (match[1] as string).trim().split(/\s+/);
  const last = between.at(-1) ?? '';
  if (wordsOfOthers.test(last) || harmlessTails.has(foldedWord(last)) || isFact(foldedWord(last))) return -1;
  const value = (match[3] as string).replace(/[.:!?\]}>]+$/, '');
  if (!isBareSecret(value, verdict) || !isWorth(value, verdict)) return -1;
  found.push({ from: place[0], to: Math.min(place[0] + value.length, to), kind: verdict.kind });
  return place[0] + value.length;
}

const wordsBehind = /[^\n"'`]{0,100}?(["'`:]\s?["'`]?)([A-Za-z0-9+/_=.-]{16,256})(?=["'`\s]|$)/dy;

/** Later in the sentence, behind a colon or in quotes, a text that only chance makes: `key must be 32 bytes: Zm9v…`. */
function addMadeBehind(text: string, at: number, to: number, verdict: KeyMeaning, found: Match[]): number {
  if (verdict.isWeak || verdict.kind === 'code') return -1;
  wordsBehind.lastIndex = at;
  const match = wordsBehind.exec(text);
  const place = match?.indices?.[2];
  if (match === null || place === undefined) return -1;
  const value = match[2] as string;
  if (!looksMade(value) && !/^[A-Za-z0-9+/_-]{14,}={1,2}$/.test(value)) return -1;
  found.push({ from: place[0], to: Math.min(place[1], to), kind: verdict.kind });
  return place[1];
}

function isBareSecret(value: string, verdict: KeyMeaning): boolean {
  if (/^[0-9a-f]{32,128}$/.test(value)) return verdict.kind !== 'key' && !verdict.isWeak;
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
