/** Calls that are told a secret: constructors named for one, logins, signatures. */

import { note, type ScanState } from '../text/scan-state.ts';
import { closingOf, openingAt } from '../text/text-cursor.ts';
import { addLeaves } from '../values/container-values.ts';
import { isSentence, isWorth } from '../values/is-secret-value.ts';
import { isExceptionName } from './key-value.ts';

/** Names of calls that take a password or a key as an argument without a name. */
const passwordCalls =
  /(?:^|\.)(?:login|log_in|sign_?in|authenticate|auth|set_password|check_password|verify_password|make_password|change_password|reset_password|HTTPBasicAuth|HTTPDigestAuth|HTTPProxyAuth|BasicAuth|DigestAuth|UserPassCredentials|PlainCredentials|UsernamePasswordCredentials|PlainAuthProvider|AUTH|set_token|set_api_key|set_secret|hashpw|Fernet|derive_key)$/;
const firstArgumentCalls = /^(?:crypt|hashpw|PASSWORD|OLD_PASSWORD|pgp_sym_decrypt)$/;
const signingCalls =
  /(?:^|\.)(?:jwt|jws|hmac|JWT|signing|serializer)\.(?:encode|decode|new|sign|verify|digest|dumps|loads)$/;

/** `SecretStr('x')`, `Token(value='x')`, `client.login('ann', 'x')`: the name of a call that is told a secret. */
export function readCall(pass: ScanState, from: number, end: number): number {
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

function addFirstLiteral(pass: ScanState, open: number): number {
  const literal = openingAt(pass.text, open);
  if (literal === undefined) return -1;
  const close = closingOf(pass.text, literal, pass.to, false);
  return isWorth(pass.text.slice(literal.from, close), { kind: 'password', isWeak: false })
    ? note(pass, literal.from, close, 'password')
    : -1;
}

/** The last of the first three arguments that is a text without a name, when it is not the only one or the call takes one. */
function addLastLiteral(pass: ScanState, open: number, kind: string): number {
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
