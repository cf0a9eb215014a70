/** Entries: a name, a separator and a value, as in `'k': v`, `k=v` and `k: v`. Judged by the name or the text beside it. */
import { isExceptionName } from '../names/exception-names.ts';
import type { KeyMeaning } from '../names/key-meaning.ts';
import type { KeyPlace } from '../text/text-cursor.ts';
import type { Entry } from '../values/entry.ts';
import type { TextScan } from '../values/text-scan.ts';
import { hideFormPart, meaningOfNameBeside, meaningOfValidatedField } from './name-beside.ts';

/** The sensitive entry whose separator is at `sign`; for any other entry, the place where the scan goes on. */
export function readEntry(scan: TextScan, sign: number, separator: ':' | '='): Entry | number {
  const place = scan.keyBefore(sign);
  if (place === undefined) return sign + 1;
  if (place.key === 'name' && separator === '=') return Math.max(sign + 1, hideFormPart(scan, sign));
  const meaning = meaningOfEntry(scan, { place, sign, separator });
  if (meaning === undefined) return sign + 1;
  const isUnquotedKey = separator === ':' && place.quote === 0;
  if (isUnquotedKey && (isResourceName(scan, place) || isExceptionHeading(scan, place, sign))) return sign + 1;
  const valueFrom = skipSeparator(scan, sign);
  // A comparison such as `sig == signal.SIGTERM`; only a literal may be secret.
  if (scan.text[sign + 1] === '=' && /^[A-Za-z_]/.test(scan.text.slice(valueFrom, valueFrom + 1))) return sign + 2;
  return { place, meaning, separator, valueFrom };
}

/** A key and its separator, before the meaning is known. */
interface KeyAndSign {
  readonly place: KeyPlace;
  readonly sign: number;
  readonly separator: ':' | '=';
}

function meaningOfEntry(scan: TextScan, entry: KeyAndSign): KeyMeaning | undefined {
  const own = scan.meaningOf(entry.place.key);
  if (own !== undefined && !own.isWeak) return own;
  // A word before a weak name, or a link around it, may make it strong: `bad api key: x`.
  const beside = meaningBeside(scan, entry);
  return beside !== undefined && (own === undefined || !beside.isWeak || beside.isUrlParameter === true) ? beside : own;
}

/** Names of resources in parts: `arn:aws:secretsmanager:eu-1:77:secret:name`. */
function isResourceName({ text, start }: TextScan, { from }: KeyPlace): boolean {
  return (
    text[from - 1] === ':' && /\b(?:arn|urn|crn):[\w:./-]{0,120}$/.test(text.slice(Math.max(start, from - 128), from))
  );
}

/** The class of an exception before its message, `jwt.exceptions.InvalidToken: …`, is not the name of a value. */
function isExceptionHeading(scan: TextScan, { key }: KeyPlace, sign: number): boolean {
  return scan.isSpaceAt(sign + 1) && isExceptionName(key);
}

const queryMeaning: KeyMeaning = { kind: 'token', isWeak: true, isUrlParameter: true };
const linkMeaning: KeyMeaning = { kind: 'code', isWeak: false };

const weakParameters =
  /^(?:key|code|sig|signature|auth|ticket|state|hash|st|sid|k|t|s|h|c|hmac|token|otp|pwd|pw|nonce|access|secret|invite|confirm|verify|magic|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|googleaccessid|se|id_token_hint|jwt|assertion|samlresponse|samlrequest|ct|u|r|ref|data|payload|p|e|appid|app_id|session|sess|login|link|email_token|id|uid|cid|v|i|x|q)$/i;
/** Parameters that hold ids as often as anything else. They are secret only in a link that grants access. */
const idParameters = /^(?:id|uid|cid|v|i|x|q|ref|data|payload|state|s|h|c|u|r|e|p|hash|appid|app_id)$/i;

const linkParameters = /^(?:key|code|k|t|c|hash|h|id|link|ticket|invite|confirm|verify|magic|sig|s)$/i;
const accessPath =
  /(?:reset|confirm|verif|activat|invit|join|magic|oauth|callback|\/cb|auth|login|sign-?in|signup|recover|accept|unsubscribe|share|redeem|claim|unlock|sso|token|password|webhook|hook|secret)[\w-]*\/?[?&#](?:[\w.-]{1,40}=[^&\s'"]{0,120}&){0,4}$/i;

/** True in a link that grants access: `/reset?code=481516`, `/join?key=k7-x`. */
function isAccessLink({ text, start }: TextScan, { key, from }: KeyPlace): boolean {
  return linkParameters.test(key) && accessPath.test(text.slice(Math.max(start, from - 300), from));
}

/** The meaning that the text around a key gives to it. */
function meaningBeside(scan: TextScan, { place, sign, separator }: KeyAndSign): KeyMeaning | undefined {
  const { text } = scan;
  const { key, from } = place;
  const named = meaningOfNameBeside(scan, place, sign);
  if (named !== undefined) return named;
  if (key === 'input_value') return meaningOfValidatedField(scan, from);
  const before = text[from - 1] ?? '';
  const isParameter = separator === '=' && before !== '' && '?&#'.includes(before);
  if (isParameter && (weakParameters.test(key) || /^[a-z]{1,8}key$/i.test(key))) {
    if (isAccessLink(scan, place)) return linkMeaning;
    return idParameters.test(key) ? undefined : queryMeaning;
  }
  if (place.quote !== 0 || before !== ' ') return undefined;
  if (/^(?:provided|given|supplied|received|used|was|is|sent|entered)$/i.test(key)) return meaningOfNoun(scan, from);
  return meaningOfPhrase(scan, place) ?? meaningOfTwoWords(scan, place);
}

/** `wrong api key given: x`: the one or two words before a participle. */
function meaningOfNoun(scan: TextScan, from: number): KeyMeaning | undefined {
  const noun = /(?:([\p{L}_-]{2,24}) )?([\p{L}_-]{3,24}) $/u.exec(
    scan.text.slice(Math.max(scan.start, from - 52), from),
  );
  if (noun === null) return undefined;
  const both = `${noun[1] ?? ''} ${noun[2]}`.replace(/^(?:invalid|incorrect|wrong|bad|the|expired) /i, '');
  return scan.meaningOf(both) ?? scan.meaningOf(noun[2] as string);
}

/** Names of two words without quotes: `API Key: …`, `Card number = …`. */
function meaningOfTwoWords(scan: TextScan, { key, from }: KeyPlace): KeyMeaning | undefined {
  if (!/^(?:key|code|number|phrase|id|pin|word|no)$/i.test(key)) return undefined;
  const earlier = scan.keyBefore(from - 1);
  return earlier !== undefined && earlier.quote === 0 ? scan.meaningOf(`${earlier.key} ${key}`) : undefined;
}

/** Last code unit of such a word. */
const wordCharacter = /[\p{L}\p{M}'’\ud800-\udfff]/u;
const wordsBefore = /(?:([\p{L}\p{M}'’]{1,20}) )?(?:([\p{L}\p{M}'’]{1,20}) )?([\p{L}\p{M}'’]{1,20}) $/u;

/** Words that name a secret only together: `mot de passe : x`, `كلمة المرور: x`. */
function meaningOfPhrase(scan: TextScan, { key, from }: KeyPlace): KeyMeaning | undefined {
  // A cheap test first: most keys follow a comma or a bracket.
  if (!wordCharacter.test(scan.text[from - 2] ?? '') || !/^[\p{L}\p{M}]+$/u.test(key)) return undefined;
  // A name with a meaning of its own does not end a phrase: `DEBUG oauth: …`.
  if (scan.meaningOf(key) !== undefined) return undefined;
  const before = wordsBefore.exec(scan.text.slice(Math.max(scan.start, from - 64), from));
  if (before === null) return undefined;
  const words = before.slice(1).filter((word) => word !== undefined);
  for (let count = 1; count <= words.length; count += 1) {
    const first = words.slice(-count).join(' ');
    const meaning = scan.meaningOf(`${first} ${key}`);
    if (meaning === undefined || meaning.isWeak) continue;
    if (scan.meaningOf(first) === undefined || scan.names.isQualifier(key)) return meaning;
  }
  return undefined;
}

/** Type annotations (`password: str = 'x'`), YAML tags and the types of a PHP dump (`string(5) "x"`). */
const annotation =
  /(?:(?:str|bytes|int|SecretStr|Optional\[str\]|str \| None|string) ?= ?|!!?\w{0,12} |string\(\d{1,5}\) )/y;

/** Start of the value after the separator at `sign`. */
function skipSeparator({ text, to }: TextScan, sign: number): number {
  let next = sign + 1;
  while (next < to && next - sign < 3 && '=>~'.includes(text[next] as string)) next += 1;
  while (next < to && next - sign < 12 && ' \t\ufffd'.includes(text[next] as string)) next += 1;
  annotation.lastIndex = next;
  return annotation.test(text) ? annotation.lastIndex : next;
}
