/** Calls with a secret among their arguments: constructors named for one, logins, signatures. */

import { isExceptionName } from '../names/exception-names.ts';
import type { KeyMeaning } from '../names/key-meaning.ts';
import { hideContainerValues } from '../values/container-values.ts';
import { isSentence } from '../values/is-secret-value.ts';
import type { TextScan } from '../values/text-scan.ts';

/** Calls that take a password or a key as a positional argument, the last of at most three. */
const passwordCalls =
  /(?:^|\.)(?:login|log_in|sign_?in|authenticate|auth|set_password|check_password|verify_password|make_password|change_password|reset_password|HTTPBasicAuth|HTTPDigestAuth|HTTPProxyAuth|BasicAuth|DigestAuth|UserPassCredentials|PlainCredentials|UsernamePasswordCredentials|PlainAuthProvider|AUTH|set_token|set_api_key|set_secret|hashpw|Fernet|derive_key)$/;
const firstArgumentCalls = /^(?:crypt|hashpw|PASSWORD|OLD_PASSWORD|pgp_sym_decrypt)$/;
const signingCalls =
  /(?:^|\.)(?:jwt|jws|hmac|JWT|signing|serializer)\.(?:encode|decode|new|sign|verify|digest|dumps|loads)$/;
/** Classes about a secret that do not hold it: `TokenResponse`, `PasswordField`. */
const schemaClass = /(?:Response|Request|Form|View|Serializer|Field|Model|Validator)$/;

const nameCharsMax = 48;
const password: KeyMeaning = { kind: 'password', isWeak: false };

/**
 * `SecretStr('x')`, `Token(value='x')`, `client.login('ann', 'x')`: the call whose name is from `from` up to the bracket at
 * `bracket`. Returns the end of the hidden argument, or -1.
 */
export function hideCallArgument(scan: TextScan, from: number, bracket: number): number {
  const { text, start } = scan;
  if (bracket - from > nameCharsMax) return -1;
  const name = text.slice(from, bracket);
  const meaning = /^[A-Z]/.test(name) && !isExceptionName(name) ? scan.meaningOf(name) : undefined;
  if (meaning !== undefined && !meaning.isWeak && !schemaClass.test(name))
    return hideConstructorArguments(scan, bracket, meaning);
  if (firstArgumentCalls.test(name)) return hideFirstLiteral(scan, bracket + 1);
  let first = from;
  while (first > start && from - first < nameCharsMax && /[\w.]/.test(text[first - 1] as string)) first -= 1;
  const dottedName = text.slice(first, bracket);
  if (passwordCalls.test(dottedName)) return hideLastLiteral(scan, bracket + 1, 'password');
  return signingCalls.test(dottedName) ? hideLastLiteral(scan, bracket + 1, 'key') : -1;
}

function hideConstructorArguments(scan: TextScan, bracket: number, meaning: KeyMeaning): number {
  const { text } = scan;
  const from = bracket + 1;
  const literal = scan.openingAt(from);
  if (literal !== undefined) {
    const close = scan.closingOf(literal);
    const value = text.slice(literal.from, close);
    const after = close + literal.mark.length;
    const isOnlyArgument = /^\s?,?\s?\)/.test(text.slice(after, after + 3));
    const isText = isSentence(value) || /^[a-z_]+$/.test(value);
    return isOnlyArgument && !isText ? scan.hideIfSecret(literal.from, close, meaning) : -1;
  }
  const hasNamedArgument = /^\w+=/.test(text.slice(from, from + 48));
  if (scan.context === 'text' && from > scan.containerEnd && hasNamedArgument)
    scan.containerEnd = hideContainerValues(scan, bracket, meaning);
  return -1;
}

function hideFirstLiteral(scan: TextScan, from: number): number {
  const literal = scan.openingAt(from);
  return literal === undefined ? -1 : scan.hideIfSecret(literal.from, scan.closingOf(literal), password);
}

/** Hides the last positional literal among the first three arguments, or the only one. */
function hideLastLiteral(scan: TextScan, from: number, kind: 'password' | 'key'): number {
  const { text } = scan;
  let at = from;
  let last: readonly [number, number] | undefined;
  for (let index = 0; index < 3; index += 1) {
    const literal = scan.openingAt(at);
    if (literal !== undefined) {
      const close = scan.closingOf(literal);
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
  const isSecret = scan.isSecret(value, password) && !/^[a-z_]{1,12}$/.test(value);
  return isSecret ? scan.hide(last[0], last[1], kind) : -1;
}
