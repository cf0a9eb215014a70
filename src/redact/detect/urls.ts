/** Secrets in URLs (passwords, tokens, path segments that grant access), in URL-encoded text and in logins without a scheme. */
import { looksGenerated } from '../values/is-secret-value.ts';
import type { TextScan } from '../values/text-scan.ts';

const urlCharsMax = 2_048;
const pathCharsMax = 768;

/** A URL with its parts as places in it; `from` is the place of the URL in the text. */
interface Url {
  readonly url: string;
  readonly from: number;
  /** Up to the first slash, question mark or hash. */
  readonly authority: string;
  /** Place of the first slash, question mark or hash, or -1. */
  readonly pathAt: number;
  /** Place of the first colon in the authority, or -1. */
  readonly colonAt: number;
  /** The URL was cut, by its producer or by our limit, or reaches the end of the scan. */
  readonly isCut: boolean;
}

/** Hides the secrets of the URL whose `://` is at `at`. Returns the place of its host. */
export function hideUrlSecrets(scan: TextScan, at: number): number {
  const url = readUrl(scan, at + 3);
  const hostAt = hideCredentials(scan, url);
  hideSegments(scan, url, Math.max(url.pathAt, hostAt));
  return url.from + hostAt;
}

function readUrl(scan: TextScan, from: number): Url {
  const { text, to } = scan;
  const limit = Math.min(to, from + urlCharsMax);
  let end = from;
  while (end < limit && !scan.isSpaceAt(end) && !'"\'<>`\\'.includes(text[end] as string)) end += 1;
  const url = text.slice(from, end);
  const pathAt = url.search(/[/?#]/);
  const authority = pathAt < 0 ? url : url.slice(0, pathAt);
  const isCut = end >= to || url.endsWith('...') || end - from >= urlCharsMax;
  return { url, from, authority, pathAt, colonAt: authority.indexOf(':'), isCut };
}

/** A port, a placeholder or an address after a colon, not a password. */
const portOrPlaceholder = /^:(?:\d{1,5}|\d{0,5}\\?|\{?\$?\w*\}?|[\d,a-z.:-]*)$/i;

/** Hides the user information before the host. Returns the place of the host in the URL. */
function hideCredentials(scan: TextScan, parts: Url): number {
  const { url, from, authority, pathAt, colonAt, isCut } = parts;
  const atSign = authority.lastIndexOf('@');
  if (atSign >= 0) {
    hideUserInfo(scan, parts, atSign);
    return atSign + 1;
  }
  if (colonAt < 0) return 0;
  const passwordFrom = from + colonAt + 1;
  const afterColon = authority.slice(colonAt).replace(/[.,;)\]]+$/, '');
  const lastAtSign = url.lastIndexOf('@');
  if (!portOrPlaceholder.test(afterColon)) {
    // The password itself contains a slash, or it was cut before the host.
    if (lastAtSign > colonAt) scan.hide(passwordFrom, from + lastAtSign, 'password');
    else if (isCut) scan.hide(passwordFrom, from + url.length, 'password');
    return Math.max(lastAtSign + 1, 0);
  }
  if (pathAt > 0) {
    if (lastAtSign > pathAt && /[^\d]/.test(authority.slice(colonAt + 1)))
      scan.hide(passwordFrom, from + lastAtSign, 'password');
  } else if (url.endsWith('...') && /[A-Za-z]/.test(authority.slice(colonAt))) {
    scan.hide(passwordFrom, from + url.length, 'password');
  }
  return 0;
}

const passwordPlaceholder = /^(?:\*+|x{3,}|\[redacted.*\]|<\w+>|\{\w+\}|\$\{?\w+\}?)$/;

function hideUserInfo(scan: TextScan, { authority, colonAt, from }: Url, atSign: number): void {
  if (colonAt >= 0 && colonAt < atSign) {
    const password = authority.slice(colonAt + 1, atSign);
    if (password !== '' && !passwordPlaceholder.test(password))
      scan.hide(from + colonAt + 1, from + atSign, 'password');
    // GitHub takes the token as the user: `token:x-oauth-basic@`.
    if (colonAt >= 20 && looksGenerated(authority.slice(0, colonAt))) scan.hide(from, from + colonAt, 'token');
    return;
  }
  const name = authority.slice(0, atSign);
  if (/^[\w%.~-]{16,}$/.test(name) && /\d/.test(name)) scan.hide(from, from + atSign, 'token');
}

/** A path segment after which a secret one follows. */
const announcingSegment =
  /^(?:webhooks?|webhookb2|incomingwebhook|reset|password-?reset|reset-?password|confirm(?:-email|ation)?|verify(?:-email)?|activate|activation|key|join|accept|invite|invitation|magic(?:-?link)?|unsubscribe|one-?time|share|token|auth|login|set-?password|recover|capability)$/i;
const hookHost =
  /^[^/]{0,64}(?:hooks?\.|webhook|discord|zapier|ifttt|telegram|pipedream|integromat|hook\.|n8n|mattermost|rocket\.chat)/i;
const shortHookSegment = /^(?=.*\d)(?=.*[A-Za-z])(?!v\d+$)[\w@-]{5,}$/;

function hideSegments(scan: TextScan, { url, from }: Url, start: number): void {
  const path = url.slice(0, pathCharsMax);
  const isHook = /hooks?\.|webhook/i.test(path);
  const isHookHost = hookHost.test(path);
  let isAnnounced = false;
  let at = path.indexOf('/', Math.max(0, start));
  while (at >= 0 && at < path.length) {
    let next = at + 1;
    while (next < path.length && !'/?#&;'.includes(path[next] as string)) next += 1;
    const segment = path.slice(at + 1, next);
    const isGenerated = looksGenerated(segment) || (/^[A-Za-z0-9_-]{20,}$/.test(segment) && /\d/.test(segment));
    const isSecret =
      ((isHook || isAnnounced) && (isGenerated || (isHookHost && shortHookSegment.test(segment)))) ||
      (isAnnounced && /^[0-9a-f-]{32,}$/.test(segment));
    if (isSecret) scan.hide(from + at + 1, from + next, 'token');
    // A Telegram bot: `/bot123456:AA…/sendMessage`.
    if (/^bot\d{6,}:/.test(segment)) scan.hide(from + at + 4, from + next, 'token');
    isAnnounced ||= announcingSegment.test(segment);
    at = path[next] === '/' ? next : -1;
  }
}

const userAndPassword = /(?:^|[\s'"(=,/:])([\w.%+-]{1,64})([:/])([^\s'"@:/,;()<>]{3,128})$/;
const host = /@\/?\/?(?:[A-Za-z][\w-]*(?:\.[\w-]+)*|\d{1,3}(?:\.\d{1,3}){3})(?::\d{2,5})?(?=[/\s'",;)\\]|$)/y;
const oracleTools = /\b(?:sqlplus|sqlldr|expdp|impdp|rman|sqlcl|imp|exp)[\s"',]/;
const oracleHost = /^@\/?\/?[\w.-]+:\d{2,5}\/|^@[A-Z][A-Z0-9_]*\b/;

/** Hides the password before the `@` at `at`. Returns its end, or -1. */
export function hideLogin(scan: TextScan, at: number): number {
  const { text, start } = scan;
  host.lastIndex = at;
  if (!host.test(text)) return -1;
  const match = userAndPassword.exec(text.slice(Math.max(start, at - 200), at));
  if (match === null) return -1;
  const [, user = '', sign, password = ''] = match;
  // With a slash it may be a path. Only Oracle writes logins that way, and names its port or its service.
  const isOracle =
    oracleTools.test(text.slice(Math.max(start, at - 120), at)) || oracleHost.test(text.slice(at, at + 128));
  if (sign === '/' && !isOracle) return -1;
  // Tags and digests of images, and times: `app:sha256@host`, `10:30@office`.
  if (/^(?:sha\d+|tag|version)$/.test(user) || /^\d+(?:\.\d+)*$/.test(password)) return -1;
  return scan.hide(at - password.length, at, 'password');
}

const encodedName = /(?:%3F|%26|%23|%22|%27|%7B|%2C|^|[^\w%.-])([\w.-]{1,64}(?:%5B[\w.-]{1,64}%5D)?)(?:%22|%27)?$/i;
/** `postgres%3A%2F%2Fme%3Ax%40host`. */
const encodedLogin =
  /%3A%2F%2F(?:[\w.~+-]|%(?!3A|40|2F)[0-9A-F]{2}){0,64}%3A((?:[\w.~!*+-]|%(?!40|2F)[0-9A-F]{2}){1,256})%40/diy;
const encodedValue = /%3[AaDd](?:%20|\+)?(?:%22|%27)?((?:%(?!2[26]|27|7D|2C)[0-9A-Fa-f]{2}|[\w.~*!()+/@:-]){1,4096})/dy;

/** `%3Ftoken%3Dx%26…`, `%22password%22%3A%22x%22`; `at` is the separator. Returns where the scan goes on. */
export function hideEncodedEntry(scan: TextScan, at: number): number {
  const { text, start } = scan;
  encodedLogin.lastIndex = at;
  const password = encodedLogin.exec(text)?.indices?.[1];
  if (password !== undefined) return scan.hide(password[0], password[1], 'password');
  const name = encodedName.exec(text.slice(Math.max(start, at - 140), at))?.[1];
  const meaning = name === undefined ? undefined : scan.meaningOf(name);
  if (meaning === undefined) return at + 1;
  encodedValue.lastIndex = at;
  const place = encodedValue.exec(text)?.indices?.[1];
  return place === undefined ? at + 1 : Math.max(at + 1, scan.hideIfSecret(place[0], place[1], meaning));
}
