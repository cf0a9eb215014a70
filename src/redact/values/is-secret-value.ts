/** Decides by the meaning of the key whether its value is secret. */
import type { KeyMeaning } from '../names/key-meaning.ts';

/** Words and marks in the place of a value: `None`, `required`, `***`, `${PASSWORD}`. */
const placeholder =
  /^(?:none|null|nil|true|false|undefined|nan|yes|no|on|off|required|optional|missing|invalid|expired|empty|unset|not set|str|string|int|bool|dict|list|bytes|float|any|optional\[\w+\]|redacted|filtered|hidden|masked|n\/a|-|\.{3}|…|[*•]+|[x]{3,}|<[\w .:-]{0,40}(?: object at 0x[0-9a-f]+)?>|\{\w{0,40}\}|%\(?\w*\)?s|\$\{?\w+\}?|\[(?:redacted(?::\w+)?|filtered|hidden)\]|\[?redacted\]?)$/i;

/** Validators put messages under the names of fields: a value with two of these words is a sentence. */
const sentenceWords =
  /\b(?:is|was|are|must|should|cannot|can't|could|may|not|this|that|the|field|required|invalid|valid|characters|contain|contains|least|most|short|long|blank|match|matches|expired|missing|expected|unknown|failed|please|has|have|been|too|given|provided|entered|ensure|at)\b/gi;

/** True if a value under a sensitive key looks like a secret rather than a placeholder, a sentence or a plain number. */
export function isSecretValue(value: string, meaning: KeyMeaning): boolean {
  const { kind, isWeak, isPlural, isUrlParameter } = meaning;
  const plain = value.trim();
  if (plain === '' || (plain.length < 64 && placeholder.test(plain))) return false;
  switch (kind) {
    case 'ip':
      return isAddress(plain, isWeak);
    case 'email':
      // An address inside a sentence is found by its shape.
      return (plain.includes('@') || plain.includes('%40')) && !/\s/.test(plain);
    case 'phone':
      return digitsIn(plain) >= 5 && !/^\d{4}-\d\d-\d\d[T ]/.test(plain);
    case 'id':
      return digitsIn(plain) >= 3 && !/^\d{4}$| at /.test(plain);
    case 'card':
      return digitsIn(plain) >= 12 || /^[A-Z]{5}\d{4}[A-Z]$/.test(plain);
    case 'iban':
      return digitsIn(plain) >= 6;
    case 'code':
      if (isWeak) return isHighlyMixed(plain);
      if (/^(?=.*\d)[A-Za-z0-9]{4,8}(?:-[A-Za-z0-9]{4,8})+$/.test(plain)) return true;
      return digitsIn(plain) >= 2
        ? plain.length <= 64 && !/^\d{1,2}$/.test(plain)
        : /^[A-Z-]{4,12}$/.test(plain) || looksGenerated(plain) || /^[\w.~-]{16,}$/.test(plain);
    case 'password':
      // `PWD=/home/ann` is the directory of a shell.
      return isWeak ? isHighlyMixed(plain) : !isSentence(plain) && !/^\/[a-z][\w.-]*(?:\/[\w.-]+)+\/?$/.test(plain);
    default:
      if (/^-?[\d._]+$/.test(plain) && (isPlural === true || plain.length < 6 || /[._]/.test(plain))) return false;
      if (isWeak)
        return kind === 'cookie' || isUrlParameter === true
          ? looksGenerated(plain) || /^[0-9a-f-]{16,}$/i.test(plain)
          : isHighlyMixed(plain);
      return !isSentence(plain);
  }
}

/** True for text with at least two common words of messages. */
export function isSentence(value: string): boolean {
  if (value.length < 8 || !value.includes(' ')) return false;
  const found = value.slice(0, 400).match(sentenceWords);
  return found !== null && new Set(found.map((word) => word.toLowerCase())).size >= 2;
}

/** Number of digits in the first 256 characters. */
export function digitsIn(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length && index < 256; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57) count += 1;
  }
  return count;
}

/** Under a bare name (`ip`) private addresses stay. */
function isAddress(value: string, isBareName: boolean): boolean {
  const hasShape =
    /\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}:[0-9a-f]{0,4}:[0-9a-f:.]*|\d{1,3}(?:\.\d{1,3}){1,2}(?:\.{1,3}|$)/i.test(
      value,
    );
  return (
    hasShape &&
    !(
      isBareName &&
      /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|fe80|fd|::1$|0\.0\.0\.0)/i.test(value)
    )
  );
}

/** Required under a weak name: small letters, capitals and digits, and none of the forms of ids and digests. */
function isHighlyMixed(value: string): boolean {
  return (
    looksGenerated(value) &&
    /[a-z]/.test(value) &&
    /[A-Z]/.test(value) &&
    /\d/.test(value) &&
    !/@|^W\/|^(?:sha\d{1,3}|md5|crc32c?|blake\w*)[:-]|^[a-z]{2,5}_|^[\dA-Fa-f:-]+$/.test(value)
  );
}

/** True for a value that a machine generated: letters and digits alternate inside one run, unlike in words with a number. */
export function looksGenerated(value: string): boolean {
  if (value.length < 10 || value.length > 8192 || value.includes('://')) return false;
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$|^[0-9a-f]{32,128}$|\d{4}-\d\d-\d\dT/i.test(value)) return false;
  let changes = 0;
  let last = 0;
  let run = 0;
  let longest = 0;
  for (let index = 0; index < value.length && index < 512; index += 1) {
    const code = value.charCodeAt(index);
    const now = code >= 97 && code <= 122 ? 1 : code >= 65 && code <= 90 ? 2 : code >= 48 && code <= 57 ? 3 : 0;
    if (now === 0) {
      run = 0;
      if (code === 32) return false;
    } else {
      run += 1;
      if (run > longest) longest = run;
      // A capital letter that starts a word is spelling, not chance.
      if (last !== 0 && now !== last && !(last === 2 && now === 1)) changes += 1;
    }
    last = now;
  }
  return longest >= 8 && changes >= 3;
}

/** Cookies with preferences, not identities. */
const preferenceCookies =
  /^(?:theme|lang(?:uage)?|locale|i18n|path|domain|expires|max-age|samesite|priority|tz|timezone|currency|country|region|consent|cookie_?consent|cookieconsent_status|gdpr|darkmode|dark_mode|color_scheme|layout|view|sort|page|per_page|seen_banner|ab_test|variant|django_language|utm_\w+|ref|referrer|version)$/i;

/** True for a preference, or a short word under a name that announces no secret: `pref=wide`, `lang=de-CH`. */
export function isPlainCookie(name: string, value: string, meaning: KeyMeaning | undefined): boolean {
  if (looksGenerated(value)) return false;
  return (
    preferenceCookies.test(name) ||
    (meaning === undefined && /^(?:[a-z]{1,12}(?:-[A-Z]{2})?|\d{1,3}|true|false)$/i.test(value))
  );
}
