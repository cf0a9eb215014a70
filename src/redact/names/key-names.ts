/** Decides what kind of secret a name announces, by the words of the name in any spelling and many languages. */
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { keyCharsMax } from '../text/text-cursor.ts';
import { isBareIpName, isIpName } from './ip-names.ts';
import type { KeyMeaning, KeyVocabulary, SecretKeyKind } from './key-meaning.ts';
import { isFactWord, isQualifierWord, notionOf, notionWithin, pairedNotionOf } from './languages.ts';
import { foldedWord, joinedWords, wordsOf } from './spelling.ts';
import * as vocabulary from './vocabulary.ts';

/** Distinct keys of a large application; most keys repeat, so their meaning is looked up once. */
const meaningsMax = 20_000;
/** A name of more words is a sentence. */
const wordsMax = 7;

/** The names that one configuration treats as secret, with a cache of their meanings. */
export class KeyNames {
  readonly #safe: ReadonlySet<string>;
  readonly #sensitive: ReadonlySet<string>;
  /** Meanings by key; null for a key that announces no secret, so that one look-up is enough. */
  readonly #meanings = new BoundedMap<string, KeyMeaning | null>({ itemsMax: meaningsMax });

  constructor({ safeKeys, sensitiveKeys }: KeyVocabulary) {
    this.#safe = new Set(safeKeys.map(joinedWords));
    this.#sensitive = new Set(sensitiveKeys.map(joinedWords));
  }

  /** The meaning of a key, or undefined if it announces no secret. */
  meaningOf(key: string): KeyMeaning | undefined {
    if (key.length > keyCharsMax && !(key.includes('\\u') && key.length < keyCharsMax * 4)) return undefined;
    const cached = this.#meanings.get(key);
    if (cached !== undefined) return cached ?? undefined;
    const meaning = this.#decide(key);
    this.#meanings.set(key, meaning ?? null);
    return meaning;
  }

  /**
   * The meaning of an entry inside a container whose own name announces a secret: that of its own name, or that of the
   * container unless its name is known to be harmless there (`credentials.username`).
   */
  inheritedMeaning(key: string, container: KeyMeaning | undefined): KeyMeaning | undefined {
    const own = this.meaningOf(key);
    // The entry `mail` of `secrets` names a mail server's password, not an address.
    const isPersonal = own?.kind === 'email' || own?.kind === 'phone' || own?.kind === 'ip';
    const isCookieJar = container?.kind === 'cookie' && !container.isWeak && own?.isWeak === true;
    if (own !== undefined && !isCookieJar && !(isPersonal && container?.isPlural === true)) return own;
    return container === undefined || isHarmlessEntry(wordsOf(key), container) ? undefined : container;
  }

  /** True if the word makes another one secret: `private`, `api`, `verification`. */
  isQualifier(word: string): boolean {
    return isQualifierWord(foldedWord(word));
  }

  /** True if the word, after a secret's name, makes the value a fact about the secret: `length`, `expiry`, `Anzahl`. */
  isFactAbout(word: string): boolean {
    return isFactAbout(foldedWord(word));
  }

  isPasswordWord(word: string): boolean {
    return (
      vocabulary.passwordWords.has(word) ||
      (/[^\x00-\x7f]/.test(word) && vocabulary.passwordWords.has(foldedWord(word)))
    );
  }

  #decide(key: string): KeyMeaning | undefined {
    const name = joinedWords(key);
    if (this.#safe.has(name)) return undefined;
    if (this.#sensitive.has(name)) return strong('secret');
    const meaning = meaningOfWords(wordsOf(key));
    return meaning !== undefined && /(?:secret|password|token|key)s$/i.test(key)
      ? { ...meaning, isPlural: true }
      : meaning;
  }
}

/** Entries of a plural container that name the owner or the address of the secret. */
const ownerOrAddress: ReadonlySet<string> = new Set(
  'user username login name host hostname port id type region url uri'.split(' '),
);

function isHarmlessEntry(words: readonly string[], { isPlural }: KeyMeaning): boolean {
  const last = words.at(-1);
  const harmless = isPlural === true ? ownerOrAddress : vocabulary.plainNeighbours;
  if (harmless.has(words.join(''))) return true;
  if (last === undefined) return false;
  return (isPlural !== true && harmless.has(last)) || vocabulary.harmlessTails.has(last);
}

const strong = (kind: SecretKeyKind): KeyMeaning => ({ kind, isWeak: false });
const weak = (kind: SecretKeyKind): KeyMeaning => ({ kind, isWeak: true });

/** Names whose meaning is fixed when they stand alone. */
const wholeNames = new Map<string, KeyMeaning>([
  ['otc', strong('code')],
  ['code', weak('code')],
  ['key', weak('key')],
  ['sk', weak('key')],
  ['session', weak('cookie')],
  ['sessions', weak('cookie')],
]);
for (const word of 'hash seed salt pepper zugang'.split(' ')) wholeNames.set(word, weak('secret'));
const weakTokens =
  'auth authentication nonce ticket firma ficha unterschrift signature oauth sas login basicauth userpass saml webhook رمز';
for (const word of weakTokens.split(' ')) wholeNames.set(word, weak('token'));
for (const word of vocabulary.keyWords) wholeNames.set(word, weak('key'));
wholeNames.delete('keys');

/** First words that make a fact of most names (`reset`) but not of a secret that serves them: `reset_password_token`. */
const ambiguousHeads = /^(?:reset|change|changed|forgot|last|next|order|object|input|old|expired|invalid|wrong|bad)$/;

function meaningOfWords(words: readonly string[]): KeyMeaning | undefined {
  if (words.length === 0 || words.length > wordsMax) return undefined;
  const joined = words.join('');
  // The shell variable OLDPWD holds a directory.
  if (joined === 'oldpwd') return undefined;
  if (isIpName(words)) return { kind: 'ip', isWeak: isBareIpName(words) };
  const fixed = wholeNames.get(joined);
  if (fixed !== undefined) return fixed;
  const last = words.at(-1) as string;
  const whole = exactKindOf(joined) ?? (isFactAbout(last) ? undefined : notionWithin(joined));
  if (whole !== undefined && words.length <= 4) return strong(whole);
  if (words.length > 1) {
    const before = words.slice(0, -1);
    if (/^(?:codes?|codigo|kod)$/.test(last))
      return vocabulary.codeQualifiers.has(before.at(-1) as string) ? strong('code') : undefined;
    if (isFactAbout(last)) return meaningOfFact(last, before);
    if (/^(?:number|no|num|nummer|numero)$/.test(last)) return numberMeaning(before);
    const first = words[0] as string;
    // `max_tokens` and `has_password` are facts.
    if (vocabulary.harmlessHeads.has(first) && !ambiguousHeads.test(first)) return undefined;
  }
  if (/loggedin|aspxauth|wordpresssec/.test(joined)) return weak('cookie');
  return meaningAmong(words) ?? meaningOfPair(words);
}

/** Names that end in a fact about a secret: `session_id` and `password_hash` are secret, `token_type` is not. */
function meaningOfFact(last: string, before: readonly string[]): KeyMeaning | undefined {
  if (last === 'id' && vocabulary.idIsSecretAfter.has(before.at(-1) as string)) return strong('cookie');
  return last === 'hash' || last === 'digest' ? wordMeaning(before) : undefined;
}

function meaningAmong(words: readonly string[]): KeyMeaning | undefined {
  const meaning = wordMeaning(words);
  return meaning?.kind === 'secret' && pairedNotionOf(words) === 'code' ? strong('code') : meaning;
}

function meaningOfPair(words: readonly string[]): KeyMeaning | undefined {
  if (words.includes('answer') && words.some((word) => /^(?:security|secret|challenge|recovery)$/.test(word)))
    return strong('secret');
  const paired = pairedNotionOf(words);
  return paired === undefined ? undefined : strong(paired);
}

const endOnlyKinds: ReadonlySet<SecretKeyKind> = new Set(['phone', 'email', 'id', 'card', 'code', 'cookie']);
/** Words that start a name as often as they end one (`pass_rate`, `secret_santa`): only the end names the thing. */
const endOnlyWords: ReadonlySet<string> = new Set(
  'pass pw seed salt pepper sandi parole sig sas saml oauth firma zugang signature dsn'.split(' '),
);

/** The meaning of the last word, alone or with the word before it, that announces a secret. */
function wordMeaning(words: readonly string[]): KeyMeaning | undefined {
  const end = words.length - 1;
  for (let index = end; index >= 0; index -= 1) {
    const word = words[index] as string;
    const before = words[index - 1];
    const tail = words.slice(index + 1);
    const isAtEnd = index === end || isNeutralTail(tail);
    const kind = (before === undefined ? undefined : kindOfWord(before + word)) ?? kindOfWord(word);
    if (kind !== undefined) {
      const isElsewhere = !isAtEnd && (endOnlyKinds.has(kind) || endOnlyWords.has(word) || tail.some(isFactAbout));
      if (isElsewhere || isOrdinaryCompound(before, word)) continue;
      return strong(kind);
    }
    if (before === undefined) continue;
    if (isAtEnd && vocabulary.keyWords.has(word) && vocabulary.keyQualifiers.has(before)) return strong('key');
    const compound = index === end ? compoundMeaning(before, word) : undefined;
    if (compound !== undefined) return compound;
  }
  return undefined;
}

/** Words that weakly announce a secret at the end of a longer name: `wallet_seed`, `admin_session`, `rsa_private`. */
function compoundMeaning(before: string, word: string): KeyMeaning | undefined {
  if (word === 'seed')
    return /^(?:wallet|totp|otp|hotp|recovery|hd|mfa|secret|master|bip|ledger|crypto)$/.test(before)
      ? strong('secret')
      : weak('secret');
  if (word === 'session') return weak('cookie');
  if (word === 'auth' || word === 'sk') return weak('token');
  if (word === 'private' && /^(?:rsa|ec|dsa|ed|ssh|tls|ssl|pem|key)$/.test(before)) return strong('key');
  return undefined;
}

const ordinaryQualifiers =
  /^(?:map|bowling|rolling|boarding|season|day|bus|gift|business|score|report|sim|sd|graphics|video|wild|post|first|second|low|high|band|all|test|dry|single|multi|one|render|last|current|gpio|io|output|input|hall|ski)$/;

/** `boarding_pass`, `map_pin`, `gift_card`: things of everyday life. A `sim_pin` is a code. */
function isOrdinaryCompound(before: string | undefined, word: string): boolean {
  if (word !== 'pin' && word !== 'card' && word !== 'pass') return false;
  return before !== undefined && ordinaryQualifiers.test(before) && !(word === 'pin' && before === 'sim');
}

const neutralWords =
  /^(?:value|raw|plain|plaintext|text|old|new|current|previous|prev|confirm|confirmation|repeat|again|prod|production|staging|dev|test|live|sandbox|primary|secondary|main|default|b|base|enc|encrypted|encoded|decoded|hash|hashed|digest|string|str|data|material|pem|hex|header|x|y|backup|override|sha|md|bcrypt|v|a|c)$/;

/** True if the last words distinguish one secret from another: `password_old`, `token_value`, `api_key_prod`. */
function isNeutralTail(tail: readonly string[]): boolean {
  return tail.every((word) => neutralWords.test(word));
}

function numberMeaning(before: readonly string[]): KeyMeaning | undefined {
  const joined = before.join('');
  if (/(?:card|karte|tarjeta|carte|kaart|creditcard|kort)$|^cc$|^pan$/.test(joined)) return strong('card');
  const kind = kindOfWord(joined) ?? kindOfWord(before.at(-1) as string) ?? kindOfWord(`${joined}number`);
  return kind === undefined || kind === 'token' || kind === 'secret' ? undefined : strong(kind);
}

function isFactAbout(word: string): boolean {
  return vocabulary.harmlessTails.has(word) || isFactWord(word);
}

function kindOfWord(word: string): SecretKeyKind | undefined {
  return exactKindOf(word) ?? notionOf(word);
}

const wordKinds: readonly (readonly [ReadonlySet<string>, SecretKeyKind])[] = [
  [vocabulary.passwordWords, 'password'],
  [vocabulary.secretWords, 'secret'],
  [vocabulary.tokenWords, 'token'],
  [vocabulary.cookieWords, 'cookie'],
  [vocabulary.codeWords, 'code'],
  [vocabulary.cardWords, 'card'],
  [new Set(['iban', 'ibans', 'accountiban']), 'iban'],
  [vocabulary.idWords, 'id'],
  [vocabulary.phoneWords, 'phone'],
  [vocabulary.emailWords, 'email'],
];

function exactKindOf(word: string): SecretKeyKind | undefined {
  return wordKinds.find(([words]) => words.has(word))?.[1];
}
