/** A name, a separator and a value: `'k': v`, `k=v`, `k: v`, `Name(…)`. Judged by the name, or by what stands beside it. */
import type { Found } from './found.ts';
import type { Verdict } from './keys.ts';
import { isQualifier } from './languages.ts';
import { addLeaves } from './leaves.ts';
import { addFormPart, namedBeside, validatedField } from './named-beside.ts';
import { note, type Pass } from './pass.ts';
import { closingOf, isSpace, type KeyPlace, keyBefore, openingAt } from './reading.ts';
import { addValue } from './value.ts';
import { isSentence, isWorth } from './worth.ts';

/** The entry whose separator is at `sign`; answers where to read on. */
export function addEntry(pass: Pass, sign: number, separator: ':' | '='): number {
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

function verdictOn(pass: Pass, place: KeyPlace, sign: number, separator: string): Verdict | undefined {
  const own = pass.judge(place.key);
  if (own !== undefined && !own.isWeak) return own;
  // `bad api key: x`: a weak name may have a word before it, or a link around it, that makes it strong.
  const beside = verdictBeside(pass, place, sign, separator);
  return beside !== undefined && (own === undefined || !beside.isWeak) ? beside : own;
}

/** `arn:aws:secretsmanager:eu-1:77:secret:name`: names of things in parts. */
function isResourceName({ text, start }: Pass, { from }: KeyPlace): boolean {
  return (
    text.charCodeAt(from - 1) === 58 &&
    /\b(?:arn|urn|crn):[\w:./-]{0,120}$/.test(text.slice(Math.max(start, from - 128), from))
  );
}

/** `jwt.exceptions.InvalidToken: …`: the name of a class in front of a sentence is no name of a value. */
function isException({ text }: Pass, { key }: KeyPlace, sign: number): boolean {
  return isSpace(text.charCodeAt(sign + 1)) && isExceptionName(key);
}

function isExceptionName(key: string): boolean {
  return (
    /^(?:[a-z_]\w*\.)*(?:[A-Z][a-z0-9]+){2,}$/.test(key) &&
    /(?:Error|Exception|Warning|Expired|Invalid|Missing|Failed|Failure|Required|Denied|Mismatch|Interrupt|Exit)$|(?:^|\.)(?:Invalid|Expired|Missing|Bad|Wrong|Unknown|No|Empty|Duplicate|Unexpected|Malformed|Revoked|Unauthorized|Weak)[A-Z]/.test(
      key,
    )
  );
}

const queryVerdict: Verdict = { kind: 'token', isWeak: true };
const weakParameters =
  /^(?:key|code|sig|signature|auth|ticket|state|hash|st|sid|k|t|s|h|c|hmac|token|otp|pwd|pw|nonce|access|secret|invite|confirm|verify|magic|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|googleaccessid|se|id_token_hint|jwt|assertion|samlresponse|samlrequest|ct|u|r|ref|data|payload|p|e|appid|app_id|session|sess|login|link|email_token|id|uid|cid|v|i|x|q)$/i;
/** Parameters that hold ids as often as anything else: only what is surely no id is hidden. */
const veryWeakParameters = /^(?:id|uid|cid|v|i|x|q|ref|data|payload|state|s|h|c|u|r|e|p|hash|appid|app_id)$/i;

const linkVerdict: Verdict = { kind: 'code', isWeak: false };

/** `/reset?code=481516`, `/join?key=k7-x`: a short code lets in whoever follows the link. */
function isTellingLink({ text, start }: Pass, { key, from }: KeyPlace): boolean {
  return (
    /^(?:key|code|k|t|c|hash|h|id|link|ticket|invite|confirm|verify|magic|sig|s)$/i.test(key) &&
    /(?:reset|confirm|verif|activat|invit|join|magic|oauth|callback|\/cb|auth|login|sign-?in|signup|recover|accept|unsubscribe|share|redeem|claim|unlock|sso|token|password|webhook|hook|secret)[\w-]*\/?[?&#](?:[\w.-]{1,40}=[^&\s'"]{0,120}&){0,4}$/i.test(
      text.slice(Math.max(start, from - 300), from),
    )
  );
}

function verdictBeside(pass: Pass, place: KeyPlace, sign: number, separator: string): Verdict | undefined {
  const { text, to, start, judge } = pass;
  const { key } = place;
  const beside = namedBeside(text, place, sign, to, judge);
  if (beside !== undefined) return beside;
  if (key === 'input_value') return validatedField(text, place.from, judge);
  const before = text.charCodeAt(place.from - 1);
  if (separator === '=' && (before === 63 || before === 38 || before === 35) && weakParameters.test(key))
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
function phraseVerdict({ text, start, judge }: Pass, { key, from }: KeyPlace): Verdict | undefined {
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

function skipSeparator({ text, to }: Pass, sign: number): number {
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

/** Names of calls that take a password or a key as an argument without a name. */
const passwordCalls =
  /(?:^|\.)(?:login|log_in|sign_?in|authenticate|auth|set_password|check_password|verify_password|make_password|change_password|reset_password|HTTPBasicAuth|HTTPDigestAuth|HTTPProxyAuth|BasicAuth|DigestAuth|UserPassCredentials|PlainCredentials|UsernamePasswordCredentials|PlainAuthProvider|AUTH|set_token|set_api_key|set_secret|hashpw|Fernet|derive_key)$/;
const firstArgumentCalls = /^(?:crypt|hashpw|PASSWORD|OLD_PASSWORD|pgp_sym_decrypt)$/;
const signingCalls =
  /(?:^|\.)(?:jwt|jws|hmac|JWT|signing|serializer)\.(?:encode|decode|new|sign|verify|digest|dumps|loads)$/;

const encodedName = /(?:%3F|%26|%23|%22|%27|%7B|%2C|^|[^\w%.-])([\w.-]{1,64}(?:%5B[\w.-]{1,64}%5D)?)(?:%22|%27)?$/i;
/** `postgres%3A%2F%2Fme%3Ax%40host`. */
const encodedLogin =
  /%3A%2F%2F(?:[\w.~+-]|%(?!3A|40|2F)[0-9A-F]{2}){0,64}%3A((?:[\w.~!*+-]|%(?!40|2F)[0-9A-F]{2}){1,256})%40/diy;
const encodedValue = /%3[AaDd](?:%20|\+)?(?:%22|%27)?((?:%(?!2[26]|27|7D|2C)[0-9A-Fa-f]{2}|[\w.~*!()+/@:-]){1,4096})/dy;

/** `%3Ftoken%3Dx%26…`, `%22password%22%3A%22x%22`: an entry inside an encoded text; `at` is its separator. */
export function addEncodedEntry(pass: Pass, at: number): number {
  const { text, start, judge } = pass;
  encodedLogin.lastIndex = at;
  const password = encodedLogin.exec(text)?.indices?.[1];
  if (password !== undefined) return note(pass, password[0], password[1], 'password');
  const name = encodedName.exec(text.slice(Math.max(start, at - 140), at))?.[1];
  const verdict = name === undefined ? undefined : judge(name);
  if (verdict === undefined) return at + 1;
  encodedValue.lastIndex = at;
  const place = encodedValue.exec(text)?.indices?.[1];
  if (place === undefined || !isWorth(text.slice(...place), verdict)) return at + 1;
  return note(pass, place[0], place[1], verdict.kind);
}

/** `SecretStr('x')`, `Token(value='x')`, `client.login('ann', 'x')`: the name of a call that is told a secret. */
export function readCall(pass: Pass, from: number, end: number): number {
  const { text, to, judge, found, start } = pass;
  const open = end + 1;
  if (end - from > 48) return -1;
  let first = from;
  while (first > start && from - first < 48 && /[\w.]/.test(text[first - 1] as string)) first -= 1;
  const name = text.slice(from, end);
  const called = text.slice(first, end);
  const isUpper = name.charCodeAt(0) < 91;
  const verdict = isUpper && !isExceptionName(name) ? judge(name) : undefined;
  if (
    verdict !== undefined &&
    !verdict.isWeak &&
    !/(?:Response|Request|Form|View|Serializer|Field|Model|Validator)$/.test(name)
  ) {
    const only = openingAt(text, open);
    if (only !== undefined) {
      const close = closingOf(text, only, to, false);
      const value = text.slice(only.from, close);
      if (
        /^\s?,?\s?\)/.test(text.slice(close + only.mark.length, close + only.mark.length + 3)) &&
        isWorth(value, verdict) &&
        !isSentence(value) &&
        !/^[a-z_]+$/.test(value)
      )
        return note(pass, only.from, close, verdict.kind);
      return -1;
    }
    if (pass.reading === 'source' || open <= pass.containerEnd || !/^\w+=/.test(text.slice(open, open + 48))) return -1;
    pass.containerEnd = addLeaves(text, end, to, verdict, judge, found);
    return -1;
  }
  if (firstArgumentCalls.test(name)) return addFirstLiteral(pass, open);
  if (passwordCalls.test(called)) return addLastLiteral(pass, open, 'password');
  return signingCalls.test(called) ? addLastLiteral(pass, open, 'key') : -1;
}

function addFirstLiteral(pass: Pass, open: number): number {
  const literal = openingAt(pass.text, open);
  if (literal === undefined) return -1;
  const close = closingOf(pass.text, literal, pass.to, false);
  return isWorth(pass.text.slice(literal.from, close), { kind: 'password', isWeak: false })
    ? note(pass, literal.from, close, 'password')
    : -1;
}

/** The last of the first three arguments that is a text without a name, when it is not the only one or the call takes one. */
function addLastLiteral(pass: Pass, open: number, kind: Found['kind']): number {
  const { text, to } = pass;
  let at = open;
  let last: readonly [number, number] | undefined;
  for (let index = 0; index < 3; index += 1) {
    const literal = openingAt(text, at);
    if (literal !== undefined) {
      const close = closingOf(text, literal, to, false);
      const isFirstOfMany = index === 0 && text[close + literal.mark.length] === ',';
      if (!isFirstOfMany && (kind === 'password' || last === undefined)) last = [literal.from, close];
      at = close + literal.mark.length;
    }
    const next = /[^,()'"\n]{0,200},\s{0,8}/y;
    next.lastIndex = at;
    if (!next.test(text)) break;
    at = next.lastIndex;
    if (/^\w+\s?=/.test(text.slice(at, at + 40))) break;
  }
  if (last === undefined) return -1;
  const value = text.slice(...last);
  return isWorth(value, { kind: 'password', isWeak: false }) && !/^[a-z_]{1,12}$/.test(value)
    ? note(pass, last[0], last[1], kind)
    : -1;
}
