/** Is this the name of something secret? Judged by the words of the name, in the spellings and languages people use. */
import { isFact, notionOf, notionWithin, pairedNotionOf } from './languages.ts';
import * as vocabulary from './vocabulary.ts';

export type KeyKind =
  | 'password'
  | 'token'
  | 'key'
  | 'secret'
  | 'cookie'
  | 'code'
  | 'card'
  | 'iban'
  | 'id'
  | 'phone'
  | 'email'
  | 'ip';

export interface KeyMeaning {
  readonly kind: KeyKind;
  /** The name alone proves little (`key`, `auth`, `session`): the value has to look like a secret too. */
  readonly isWeak: boolean;
  /** A parameter of a URL: what is made there is more often a key than an id. */
  readonly isOfUrl?: true;
  /** `secrets`, `passwords`: what they hold has names of its own. */
  readonly isPlural?: true;
}

export type Judge = (key: string) => KeyMeaning | undefined;

export interface KeyVocabulary {
  /** Names to add and names to leave alone, compared by their words. */
  readonly sensitiveKeys: readonly string[];
  readonly safeKeys: readonly string[];
}

/** Keys are few and come again; a stream of invented ones must not grow the memory. */
const judgedMax = 20_000;
/** Longer names are data. Longer than any header or setting seen. */
export const keyCharsMax = 96;
/** More words are a sentence. */
const wordsMax = 7;

export function createKeyJudge(options: KeyVocabulary): Judge {
  const safe = new Set(options.safeKeys.map(folded));
  const added = new Set(options.sensitiveKeys.map(folded));
  const judged = new Map<string, KeyMeaning | undefined>();
  return (key) => {
    if (key.length > keyCharsMax && !(key.includes('\\u') && key.length < keyCharsMax * 4)) return undefined;
    const known = judged.get(key);
    if (known !== undefined || judged.has(key)) return known;
    const name = folded(key);
    const verdict = safe.has(name)
      ? undefined
      : added.has(name)
        ? sure('secret')
        : withNumber(verdictOf(wordsOf(key)), key);
    if (judged.size >= judgedMax) judged.clear();
    judged.set(key, verdict);
    return verdict;
  };
}

/** `secrets`, `API_KEYS`: a container that names each of its own. */
function withNumber(verdict: KeyMeaning | undefined, key: string): KeyMeaning | undefined {
  return verdict !== undefined && /(?:secret|password|token|key)s$/i.test(key)
    ? { ...verdict, isPlural: true }
    : verdict;
}

function folded(key: string): string {
  return wordsOf(key).join('');
}

/** `dbPassword`, `DB-PASSWORD`, `db.password2`, `db%5Bpassword%5D` → db, password. */
export function wordsOf(key: string): string[] {
  return vocabulary
    .foldedWord(
      plainKey(key)
        .normalize('NFC')
        // `token_v2`, `tokenv2`: which one, not what.
        .replace(/(?<=\p{L}{3})_?v\d{1,3}$/iu, '')
        .replace(/(\p{sc=Latin})(?=\p{L})(?!\p{sc=Latin})|(?<!\p{sc=Latin})(?<=\p{L})(?=\p{sc=Latin})/gu, '$1 ')
        .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
        .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2'),
    )
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
}

/** Latin letters by their look-alikes in other alphabets: `pаsswоrd` with a Cyrillic а and о. */
const lookAlikes: Readonly<Record<string, string>> = Object.fromEntries(
  [...'аaеeоoрpсcуyхxіiѕsјjһhԁdԛqԝwкkαaοoρpνvιi'.matchAll(/(.)(.)/gsu)].map(([, foreign, latin]) => [foreign, latin]),
);

/** Without what hides a letter: escapes of JSON and of URLs, signs without width, letters of other alphabets. */
function plainKey(key: string): string {
  let plain = key;
  if (plain.includes('\\u'))
    plain = plain.replace(/\\{1,4}u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (plain.includes('%')) plain = decoded(plain);
  plain = plain.replaceAll('\ufffd', '').normalize('NFKC');
  if (!/[а-яα-ω]/i.test(plain) || !/[a-z]/i.test(plain)) return plain;
  return plain.replace(/\p{L}+/gu, (word) => {
    const latin = word.replace(/\P{sc=Latin}/gu, (letter) => lookAlikes[letter.toLowerCase()] ?? letter);
    return /^\p{sc=Latin}+$/u.test(latin) ? latin : word;
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const sure = (kind: KeyKind): KeyMeaning => ({ kind, isWeak: false });
const weak = (kind: KeyKind): KeyMeaning => ({ kind, isWeak: true });

const weakNames = new Map<string, KeyMeaning>([
  ['key', weak('key')],
  ['auth', weak('token')],
  ['authentication', weak('token')],
  ['session', weak('cookie')],
  ['sessions', weak('cookie')],
  ['nonce', weak('token')],
  ['ticket', weak('token')],
  ['hash', weak('secret')],
  ['otc', sure('code')],
  ['code', weak('code')],
  ['seed', weak('secret')],
  ['salt', weak('secret')],
  ['pepper', weak('secret')],
  ['firma', weak('token')],
  ['ficha', weak('token')],
  ['unterschrift', weak('token')],
  ['signature', weak('token')],
  ['zugang', weak('secret')],
  ['oauth', weak('token')],
  ['sas', weak('token')],
  ['login', weak('token')],
  ['basicauth', weak('token')],
  ['userpass', weak('token')],
  ['saml', weak('token')],
  ['webhook', weak('token')],
  ['رمز', weak('token')],
  ['sk', weak('key')],
]);
for (const word of vocabulary.keyWords) weakNames.set(word, weak('key'));
weakNames.delete('keys');

function verdictOf(all: readonly string[]): KeyMeaning | undefined {
  if (all.length === 0 || all.length > wordsMax) return undefined;
  const joined = all.join('');
  // Where a shell was before.
  if (joined === 'oldpwd') return undefined;
  if (isIpName(all)) return { kind: 'ip', isWeak: /^ips?$|^ipadd?r(?:ess)?$/.test(joined) };
  const named = weakNames.get(joined);
  if (named !== undefined) return named;
  const last = all.at(-1) as string;
  const whole = exactKindOf(joined) ?? (isTold(last) ? undefined : notionWithin(joined));
  if (whole !== undefined && all.length <= 4) return sure(whole);
  const before = all.at(-2);
  if (before !== undefined && (last === 'code' || last === 'codes' || last === 'codigo' || last === 'kod')) {
    return vocabulary.codeQualifiers.has(before) ? sure('code') : undefined;
  }
  if (before !== undefined && isTold(last)) {
    if (last === 'id' && vocabulary.idIsSecretAfter.has(before)) return sure('cookie');
    if (last === 'hash' || last === 'digest') return kindAmong(all.slice(0, -1));
    return undefined;
  }
  if (
    before !== undefined &&
    (last === 'number' || last === 'no' || last === 'num' || last === 'nummer' || last === 'numero')
  ) {
    return numberKind(all.slice(0, -1));
  }
  // "max tokens", "has password": the whole is a fact; but a token for a reset of a password is a token.
  if (
    before !== undefined &&
    vocabulary.harmlessHeads.has(all[0] as string) &&
    !/^(?:reset|change|changed|forgot|last|next|order|object|input|old|expired|invalid|wrong|bad)$/.test(
      all[0] as string,
    )
  ) {
    return undefined;
  }
  if (/loggedin|aspxauth|wordpresssec/.test(joined)) return weak('cookie');
  const verdict = kindAmong(all);
  if (verdict !== undefined)
    return verdict.kind === 'secret' && pairedNotionOf(all) === 'code' ? sure('code') : verdict;
  if (all.includes('answer') && all.some((word) => /^(?:security|secret|challenge|recovery)$/.test(word)))
    return sure('secret');
  const paired = pairedNotionOf(all);
  return paired === undefined ? undefined : sure(paired);
}

const endOnly: ReadonlySet<KeyKind> = new Set(['phone', 'email', 'id', 'card', 'code', 'cookie']);
/** Words that start a name as often as they end one: `pass_rate`, `session_count`, `secret_santa`. Only at the end they name the thing. */
const endOnlyWords: ReadonlySet<string> = new Set([
  'pass',
  'pw',
  'seed',
  'salt',
  'pepper',
  'sandi',
  'parole',
  'sig',
  'sas',
  'saml',
  'oauth',
  'firma',
  'zugang',
  'signature',
  'dsn',
]);

function kindAmong(all: readonly string[]): KeyMeaning | undefined {
  const end = all.length - 1;
  for (let index = end; index >= 0; index -= 1) {
    const word = all[index] as string;
    const before = all[index - 1];
    const kind = (before === undefined ? undefined : kindOfWord(before + word)) ?? kindOfWord(word);
    if (kind !== undefined) {
      const isAtEnd = index === end || isNeutralTail(all.slice(index + 1));
      if (!isAtEnd && (endOnly.has(kind) || endOnlyWords.has(word))) continue;
      if (!isAtEnd && all.slice(index + 1).some((tail) => isTold(tail))) continue;
      if (
        (word === 'pin' || word === 'card' || word === 'pass') &&
        before !== undefined &&
        !(word === 'pin' && before === 'sim') &&
        /^(?:map|bowling|rolling|boarding|season|day|bus|gift|business|score|report|sim|sd|graphics|video|wild|post|first|second|low|high|band|all|test|dry|single|multi|one|render|last|current|gpio|io|output|input|hall|ski)$/.test(
          before,
        )
      )
        continue;
      return sure(kind);
    }
    if (before !== undefined && vocabulary.keyWords.has(word) && vocabulary.keyQualifiers.has(before)) {
      const isAtEnd = index === end || isNeutralTail(all.slice(index + 1));
      if (isAtEnd) return sure('key');
    }
    if (word === 'seed' && index === end && before !== undefined)
      return /^(?:wallet|totp|otp|hotp|recovery|hd|mfa|secret|master|bip|ledger|crypto)$/.test(before)
        ? sure('secret')
        : weak('secret');
    if (word === 'session' && index === end && before !== undefined) return weak('cookie');
    if ((word === 'auth' || word === 'sk') && index === end && before !== undefined) return weak('token');
    if (word === 'private' && index === end && /^(?:rsa|ec|dsa|ed|ssh|tls|ssl|pem|key)$/.test(before ?? ''))
      return sure('key');
  }
  return undefined;
}

/** `password_old`, `token_value`, `api_key_prod`: the last words tell which one, not what. */
function isNeutralTail(tail: readonly string[]): boolean {
  return tail.every((word) =>
    /^(?:value|raw|plain|plaintext|text|old|new|current|previous|prev|confirm|confirmation|repeat|again|prod|production|staging|dev|test|live|sandbox|primary|secondary|main|default|b|base|enc|encrypted|encoded|decoded|hash|hashed|digest|string|str|data|material|pem|hex|header|x|y|backup|override|sha|md|bcrypt|v|a|c)$/.test(
      word,
    ),
  );
}

function numberKind(rest: readonly string[]): KeyMeaning | undefined {
  const joined = rest.join('');
  if (/(?:card|karte|tarjeta|carte|kaart|creditcard|kort)$|^cc$|^pan$/.test(joined)) return sure('card');
  const kind = kindOfWord(joined) ?? kindOfWord(rest.at(-1) as string) ?? kindOfWord(`${joined}number`);
  return kind === undefined || kind === 'token' || kind === 'secret' ? undefined : sure(kind);
}

/** What is said about a secret and does not tell it. */
function isTold(word: string): boolean {
  return vocabulary.harmlessTails.has(word) || isFact(word);
}

function kindOfWord(word: string): KeyKind | undefined {
  return exactKindOf(word) ?? notionOf(word);
}

function exactKindOf(word: string): KeyKind | undefined {
  if (vocabulary.passwordWords.has(word)) return 'password';
  if (vocabulary.secretWords.has(word)) return 'secret';
  if (vocabulary.tokenWords.has(word)) return 'token';
  if (vocabulary.cookieWords.has(word)) return 'cookie';
  if (vocabulary.codeWords.has(word)) return 'code';
  if (vocabulary.cardWords.has(word)) return 'card';
  if (word === 'iban' || word === 'ibans' || word === 'accountiban') return 'iban';
  if (vocabulary.idWords.has(word)) return 'id';
  if (vocabulary.phoneWords.has(word)) return 'phone';
  if (vocabulary.emailWords.has(word)) return 'email';
  return undefined;
}

function isIpName(all: readonly string[]): boolean {
  const joined = all.join('');
  if (
    /^(?:http)?(?:x?forwardedfor|xrealip|xclientip|remoteaddr|remoteaddress|clientaddr|clientaddress|peeraddr|peeraddress|peername|cfconnectingip|trueclientip|fastlyclientip|sourceip|srcip)$/.test(
      joined,
    )
  )
    return true;
  const last = all.at(-1);
  const isAddress =
    last === 'ip' ||
    last === 'ips' ||
    /ip(?:v)?add?r(?:ess)?(?:es)?$/.test(joined) ||
    /^(?:remote|client|user|visitor|customer)ip$/.test(last ?? '');
  if (!isAddress) return false;
  return (
    /^(?:ips?|ipadd?r(?:ess)?)$|client|remote|user|visitor|customer|caller|login|signup|signin|peer|guest|origin|browser|last|device|request|sender|source|src|attacker|from|buyer|registration|kunde|cliente|subscriber|member|player|actor/.test(
      joined,
    ) && !/server|pod|node|host|cluster|gateway|internal|broker|bind|listen/.test(joined)
  );
}
