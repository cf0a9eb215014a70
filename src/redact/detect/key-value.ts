/** A name, a separator and a value: `'k': v`, `k=v`, `k: v`, `Name(…)`. Judged by the name, or by what stands beside it. */
import type { KeyMeaning } from '../names/key-names.ts';
import { isQualifier } from '../names/languages.ts';
import type { ScanState } from '../text/scan-state.ts';
import { isSpace, type KeyPlace, keyBefore } from '../text/text-cursor.ts';
import { addValue } from '../values/value.ts';
import { addFormPart, namedBeside, validatedField } from './key-value-pairs.ts';

/** The entry whose separator is at `sign`; answers where to read on. */
export function addEntry(pass: ScanState, sign: number, separator: ':' | '='): number {
  const { text, to, judge, found } = pass;
  const place = keyBefore(text, sign);
  if (place === undefined) return sign + 1;
  if (place.key === 'name' && separator === '=') return Math.max(sign + 1, addFormPart(text, sign, to, judge, found));
  const verdict = verdictOn(pass, place, sign, separator);
  if (verdict === undefined) return sign + 1;
  if (separator === ':' && place.quote === 0 && (isResourceName(pass, place) || isException(pass, place, sign)))
    return sign + 1;
  const from = skipSeparator(pass, sign);
  // `sig == signal.SIGTERM` compares; only a literal tells something.
  if (text.charCodeAt(sign + 1) === 61 && /^[A-Za-z_]/.test(text.slice(from, from + 1))) return sign + 2;
  return Math.max(sign + 1, addValue(pass, from, verdict, place, separator));
}

function verdictOn(pass: ScanState, place: KeyPlace, sign: number, separator: string): KeyMeaning | undefined {
  const own = pass.judge(place.key);
  if (own !== undefined && !own.isWeak) return own;
  // `bad api key: x`: a weak name may have a word before it, or a link around it, that makes it strong.
  const beside = verdictBeside(pass, place, sign, separator);
  return beside !== undefined && (own === undefined || !beside.isWeak || beside.isOfUrl === true) ? beside : own;
}

/** `arn:aws:secretsmanager:eu-1:77:secret:name`: names of things in parts. */
function isResourceName({ text, start }: ScanState, { from }: KeyPlace): boolean {
  return (
    text.charCodeAt(from - 1) === 58 &&
    /\b(?:arn|urn|crn):[\w:./-]{0,120}$/.test(text.slice(Math.max(start, from - 128), from))
  );
}

/** `jwt.exceptions.InvalidToken: …`: the name of a class in front of a sentence is no name of a value. */
function isException({ text }: ScanState, { key }: KeyPlace, sign: number): boolean {
  return isSpace(text.charCodeAt(sign + 1)) && isExceptionName(key);
}

/** `InvalidToken`, `jwt.ExpiredSignatureError`: what is wrong, and no value. */
export function isExceptionName(key: string): boolean {
  return (
    /^(?:[a-z_]\w*\.)*(?:[A-Z][a-z0-9]+){2,}$/.test(key) &&
    /(?:Error|Exception|Warning|Expired|Invalid|Missing|Failed|Failure|Required|Denied|Mismatch|Interrupt|Exit)$|(?:^|\.)(?:Invalid|Expired|Missing|Bad|Wrong|Unknown|No|Empty|Duplicate|Unexpected|Malformed|Revoked|Unauthorized|Weak)[A-Z]/.test(
      key,
    )
  );
}

const queryVerdict: KeyMeaning = { kind: 'token', isWeak: true, isOfUrl: true };
const weakParameters =
  /^(?:key|code|sig|signature|auth|ticket|state|hash|st|sid|k|t|s|h|c|hmac|token|otp|pwd|pw|nonce|access|secret|invite|confirm|verify|magic|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|googleaccessid|se|id_token_hint|jwt|assertion|samlresponse|samlrequest|ct|u|r|ref|data|payload|p|e|appid|app_id|session|sess|login|link|email_token|id|uid|cid|v|i|x|q)$/i;
/** Parameters that hold ids as often as anything else: only what is surely no id is hidden. */
const veryWeakParameters = /^(?:id|uid|cid|v|i|x|q|ref|data|payload|state|s|h|c|u|r|e|p|hash|appid|app_id)$/i;

const linkVerdict: KeyMeaning = { kind: 'code', isWeak: false };

/** `/reset?code=481516`, `/join?key=k7-x`: a short code lets in whoever follows the link. */
function isTellingLink({ text, start }: ScanState, { key, from }: KeyPlace): boolean {
  return (
    /^(?:key|code|k|t|c|hash|h|id|link|ticket|invite|confirm|verify|magic|sig|s)$/i.test(key) &&
    /(?:reset|confirm|verif|activat|invit|join|magic|oauth|callback|\/cb|auth|login|sign-?in|signup|recover|accept|unsubscribe|share|redeem|claim|unlock|sso|token|password|webhook|hook|secret)[\w-]*\/?[?&#](?:[\w.-]{1,40}=[^&\s'"]{0,120}&){0,4}$/i.test(
      text.slice(Math.max(start, from - 300), from),
    )
  );
}

function verdictBeside(pass: ScanState, place: KeyPlace, sign: number, separator: string): KeyMeaning | undefined {
  const { text, to, start, judge } = pass;
  const { key } = place;
  const beside = namedBeside(text, place, sign, to, judge);
  if (beside !== undefined) return beside;
  if (key === 'input_value') return validatedField(text, place.from, judge);
  const before = text.charCodeAt(place.from - 1);
  if (
    separator === '=' &&
    (before === 63 || before === 38 || before === 35) &&
    (weakParameters.test(key) || /^[a-z]{1,8}key$/i.test(key))
  )
    return isTellingLink(pass, place) ? linkVerdict : veryWeakParameters.test(key) ? undefined : queryVerdict;
  if (place.quote !== 0 || before !== 32) return undefined;
  if (/^(?:provided|given|supplied|received|used|was|is|sent|entered)$/i.test(key)) {
    const noun = /(?:([\p{L}_-]{2,24}) )?([\p{L}_-]{3,24}) $/u.exec(
      text.slice(Math.max(start, place.from - 52), place.from),
    );
    if (noun === null) return undefined;
    const both = `${noun[1] ?? ''} ${noun[2]}`.replace(/^(?:invalid|incorrect|wrong|bad|the|expired) /i, '');
    return judge(both) ?? judge(noun[2] as string);
  }
  const phrase = phraseVerdict(pass, place);
  if (phrase !== undefined) return phrase;
  // "API Key: …", "Card number = …": the name of two words that nobody quoted.
  if (/^(?:key|code|number|phrase|id|pin|word|no)$/i.test(key)) {
    const earlier = keyBefore(text, place.from - 1);
    if (earlier !== undefined && earlier.quote === 0) return judge(`${earlier.key} ${key}`);
  }
  return undefined;
}

/** `mot de passe : x`, `كلمة المرور: x`: words that name a secret together and not without the last. */
function phraseVerdict({ text, start, judge }: ScanState, { key, from }: KeyPlace): KeyMeaning | undefined {
  const before = /(?:([\p{L}\p{M}'’]{1,20}) )?(?:([\p{L}\p{M}'’]{1,20}) )?([\p{L}\p{M}'’]{1,20}) $/u.exec(
    text.slice(Math.max(start, from - 64), from),
  );
  // A name that says something alone is no tail of another: `DEBUG oauth: …`.
  if (before === null || judge(key) !== undefined || !/^[\p{L}\p{M}]+$/u.test(key)) return undefined;
  const words = before.slice(1).filter((word) => word !== undefined);
  for (let count = 1; count <= words.length; count += 1) {
    const first = words.slice(-count).join(' ');
    const verdict = judge(`${first} ${key}`);
    if (verdict !== undefined && !verdict.isWeak && (judge(first) === undefined || isQualifier(key))) return verdict;
  }
  return undefined;
}

function skipSeparator({ text, to }: ScanState, sign: number): number {
  let next = sign + 1;
  while (next < to && next - sign < 3 && '=>~'.includes(text[next] as string)) next += 1;
  while (
    next < to &&
    next - sign < 12 &&
    (text.charCodeAt(next) === 32 || text.charCodeAt(next) === 9 || text.charCodeAt(next) === 0xfffd)
  )
    next += 1;
  // `password: str = 'x'`: the annotation is no value; nor is the type of a YAML tag or of a dump, `string(5) "x"`.
  const annotation =
    /(?:(?:str|bytes|int|SecretStr|Optional\[str\]|str \| None|string) ?= ?|!!?\w{0,12} |string\(\d{1,5}\) )/y;
  annotation.lastIndex = next;
  return annotation.test(text) ? annotation.lastIndex : next;
}
