/**
 * Secrets that show by their own shape, wherever they stand. Each reader is asked about one place where its first sign
 * was seen, looks at a bounded stretch, and answers with the secret places there.
 */
import { isDigit, isSpace, isWordSign } from './reading.ts';
import { looksMade } from './worth.ts';

export interface Found {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
}

const vendor = new RegExp(
  [
    'gh[pousr]_[A-Za-z0-9]{8,255}',
    'github_pat_\\w{8,255}',
    'gl(?:pat|ptt|dt|rt|cbt|ft|agent|soat|sa|imt|oas)[-_][\\w.-]{8,255}',
    'xox[a-z](?:\\.xox[bp])?-[\\w-]{6,255}',
    'xapp-[\\w-]{8,255}',
    'sk[-_](?:live|test|proj|ant|or|svcacct|admin)?[-_]?[\\w-]{12,255}',
    '[pr]k_(?:live|test)_\\w{8,255}',
    'whsec_[\\w+/=]{8,255}',
    '(?:AKIA|ASIA|AROA|ABIA|ACCA|AIDA)[A-Z0-9]{8,20}',
    'AIza[\\w-]{12,60}',
    'GOCSPX-[\\w-]{12,60}',
    'ya29\\.[\\w.-]{10,500}',
    'SG\\.[\\w-]{8,60}(?:\\.[\\w-]{0,80})?',
    'npm_[A-Za-z0-9]{12,60}',
    'pypi-[\\w-]{16,300}',
    'do[opr]_v1_[a-f0-9]{12,80}',
    'hv[sbr]\\.[\\w-]{12,300}',
    'shp(?:at|ca|pa|ss|ua)_[a-fA-F0-9]{12,60}',
    'key-[a-f0-9]{20,60}',
    'EAA[A-Za-z0-9]{24,300}',
    'EAAA[\\w-]{24,300}',
    'lin_(?:api|oauth)_\\w{12,80}',
    'hf_[A-Za-z0-9]{16,60}',
    'sq0[a-z]{3}-[\\w-]{12,60}',
    '(?:AC|SK)[a-f0-9]{32}',
    'ATATT3[\\w=-]{16,300}',
    'ATCTT3[\\w=-]{16,300}',
    'gl(?:sa|c)_[\\w=]{16,200}',
    'dckr_[op]at_[\\w-]{12,60}',
    'PMAK-[\\w-]{16,90}',
    'x(?:keysib|smtpsib)-[\\w-]{16,120}',
    'nf[pcb]_\\w{16,60}',
    'figd_[\\w-]{16,60}',
    'ph[cx]_\\w{16,60}',
    'r8_\\w{16,60}',
    'gsk_\\w{16,80}',
    'xai-\\w{16,120}',
    'sbp_[a-f0-9]{16,60}',
    'sntry[su]_[\\w=+/-]{16,300}',
    'dapi[a-f0-9]{28,40}(?:-\\d)?',
    'tok_\\w{12,60}',
    'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{16,80}',
    'pat-(?:na|eu)\\d-[\\w-]{16,60}',
    'NRAK-[A-Z0-9]{16,40}',
    'NRII-[\\w-]{16,40}',
    'CFPAT-[\\w-]{16,60}',
    'rubygems_[a-f0-9]{16,60}',
    'rzp_(?:live|test)_\\w{10,40}',
    'ntn_\\w{16,60}',
    'AKCp[A-Za-z0-9]{16,80}',
    'LTAI[A-Za-z0-9]{12,30}',
    'AGE-SECRET-KEY-1[A-Z0-9]{20,80}',
    'FLWSECK[\\w-]{12,60}',
    'SCW[A-Z0-9]{16,30}',
    'tskey-[\\w-]{10,100}',
    'pscale_(?:pw|tkn|oauth)_[\\w.-]{12,80}',
    'EZ[AT]K\\w{20,80}',
    'fo1_[\\w-]{16,80}',
    'fm[12]_[\\w+/=-]{16,800}',
    'v1\\.0-[a-f0-9]{20,40}-[\\w-]{16,200}',
    'BBDC-[\\w+/@]{16,80}',
    'ATBB\\w{16,60}',
    'NGROK\\w{16,60}',
    'ops_eyJ\\w{16,2000}',
    'secret_[A-Za-z0-9]{24,60}',
    // A name, what it is for, and a random tail: how most other vendors write theirs.
    '[a-z]{2,12}[_-](?:live|test|prod|sandbox|secret|pat|token|key|api|sk|sec|priv)[_-](?=[\\w-]{0,80}\\d)[A-Za-z0-9]{16,200}',
  ].join('|'),
  'y',
);
const vendorFirst = new Set([...'gxsprwAyGSndhkElaqPfNCcLFTEtvBRobzimu0123456789']);

/** End of the vendor's token that starts at `at`, or -1. */
export function vendorAt(text: string, at: number): number {
  if (!vendorFirst.has(text[at] as string)) return -1;
  vendor.lastIndex = at;
  return vendor.test(text) ? vendor.lastIndex : -1;
}

const jwt = /eyJ[A-Za-z0-9_-]{4,8192}(?:(?:\.|%2E)[A-Za-z0-9_-]{0,8192}){0,4}={0,2}/y;
const telegram = /\d{6,12}:[A-Za-z0-9_-]{30,50}/y;

export function jwtAt(text: string, at: number): number {
  jwt.lastIndex = at;
  return jwt.test(text) ? jwt.lastIndex : -1;
}

export function botTokenAt(text: string, at: number): number {
  telegram.lastIndex = at;
  return telegram.test(text) ? telegram.lastIndex : -1;
}

const pemHead =
  /-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY(?: BLOCK)?|PGP MESSAGE|SECRET KEY)-{0,5}|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|PuTTY-User-Key-File-\d/y;
const pemBody = /(?:[A-Za-z0-9+/=_ \t\r\n:,.-]|\\[nrt]|\\(?=\\n)|&#10;|%0A|%2B|%2F|%3D){0,20000}/y;

/** A private key with all its lines; a cut one goes by its beginning alone. */
export function pemAt(text: string, at: number): number {
  pemHead.lastIndex = at;
  if (!pemHead.test(text)) return -1;
  const from = pemHead.lastIndex;
  const length = text.slice(from, from + 20_000).indexOf('-----END');
  if (length >= 0) {
    const end = from + length;
    const tail = /-----END [A-Z0-9 ]{0,60}-{0,5}/y;
    tail.lastIndex = end;
    return tail.test(text) ? tail.lastIndex : end + 8;
  }
  pemBody.lastIndex = from;
  pemBody.test(text);
  return Math.max(pemBody.lastIndex, from);
}

const cryptHash =
  /\$(?:2[abxy]?\$\d\d\$[./A-Za-z0-9]{8,60}|(?:argon2(?:id|i|d)|scrypt|y|gy|7|apr1|sha1|[1568]|P|S|H)\$[^\s'"<>,}]{8,300})/y;
const namedHash =
  /(?:pbkdf2(?:[_:-]\w{3,10}){0,2}|bcrypt(?:_sha256)?|scrypt|argon2(?:id)?|sha1|sha256|sha512|md5)[$:](?:\$?[\w./+=,-]{1,200}[$:]){1,6}[\w./+=,$-]{6,300}|\{S?(?:SHA|MD5|CRYPT)\d{0,3}\}[\w+/=$.]{12,200}|SCRAM-SHA-\d{1,3}\$[\w+/=:$]{12,300}/y;

export function hashAt(text: string, at: number): number {
  const regex = text.charCodeAt(at) === 36 ? cryptHash : namedHash;
  regex.lastIndex = at;
  return regex.test(text) ? regex.lastIndex : -1;
}

const tellingSegment =
  /^(?:webhooks?|webhookb2|incomingwebhook|reset|password-?reset|reset-?password|confirm(?:-email|ation)?|verify(?:-email)?|activate|activation|invite|invitation|magic(?:-?link)?|unsubscribe|one-?time|share|token|auth|login|set-?password|recover|capability)$/i;

/** Of the URL whose `://` is at `at`: the password, a token for a user name, secret path segments. */
export function urlAt(text: string, at: number, to: number, found: Found[]): number {
  const from = at + 3;
  let end = from;
  const limit = Math.min(to, from + 2_048);
  while (end < limit && !endsUrl(text.charCodeAt(end))) end += 1;
  // A comma before a space and a bracket around are punctuation.
  const url = text.slice(from, end);
  const firstSlash = url.search(/[/?#]/);
  const authority = firstSlash < 0 ? url : url.slice(0, firstSlash);
  const colon = authority.indexOf(':');
  let sign = authority.lastIndexOf('@');
  let host = 0;
  if (sign >= 0) {
    addUserInfo(authority, colon, sign, from, found);
    host = sign + 1;
  } else if (
    colon >= 0 &&
    !/^:(?:\d{1,5}|\d{0,5}\\?|\{?\$?\w*\}?|[\d,a-z.:-]*)$/i.test(authority.slice(colon).replace(/[.,;)\]]+$/, ''))
  ) {
    // No port: a password that holds a slash itself, or one that was cut before its host.
    sign = url.lastIndexOf('@');
    const isCut = end >= to || url.endsWith('...') || end - from >= 2_048;
    if (sign > colon) found.push({ from: from + colon + 1, to: from + sign, kind: 'password' });
    else if (isCut) found.push({ from: from + colon + 1, to: end, kind: 'password' });
    host = Math.max(sign + 1, 0);
  } else if (colon >= 0 && firstSlash > 0) {
    const later = url.lastIndexOf('@');
    if (later > firstSlash && /[^\d]/.test(authority.slice(colon + 1)))
      found.push({ from: from + colon + 1, to: from + later, kind: 'password' });
  } else if (colon >= 0 && url.endsWith('...') && /[A-Za-z]/.test(authority.slice(colon))) {
    found.push({ from: from + colon + 1, to: end, kind: 'password' });
  }
  addSegments(url, Math.max(firstSlash, host), from, found);
  return from + host;
}

function endsUrl(code: number): boolean {
  return isSpace(code) || code === 34 || code === 39 || code === 60 || code === 62 || code === 96 || code === 92;
}

function addUserInfo(authority: string, colon: number, sign: number, from: number, found: Found[]): void {
  if (colon >= 0 && colon < sign) {
    const password = authority.slice(colon + 1, sign);
    if (password !== '' && !/^(?:\*+|x{3,}|\[redacted.*\]|<\w+>|\{\w+\}|\$\{?\w+\}?)$/.test(password))
      found.push({ from: from + colon + 1, to: from + sign, kind: 'password' });
    // `token:x-oauth-basic@`: the name is the secret one.
    if (looksMade(authority.slice(0, colon)) && colon >= 20) found.push({ from, to: from + colon, kind: 'token' });
    return;
  }
  const name = authority.slice(0, sign);
  if (/^[\w%.~-]{16,}$/.test(name) && /\d/.test(name)) found.push({ from, to: from + sign, kind: 'token' });
}

function addSegments(url: string, start: number, from: number, found: Found[]): void {
  if (start <= 0 && url[0] !== '/') {
    if (!url.includes('/')) return;
  }
  const path = url.slice(0, 768);
  let at = path.indexOf('/', Math.max(0, start));
  if (at < 0) return;
  const isHook = /hooks?\.|webhook/i.test(path);
  let isTold = false;
  while (at >= 0 && at < path.length) {
    let next = at + 1;
    while (next < path.length && !'/?#&;'.includes(path[next] as string)) next += 1;
    const segment = path.slice(at + 1, next);
    const isMade = looksMade(segment) || (/^[A-Za-z0-9_-]{20,}$/.test(segment) && /\d/.test(segment));
    if (
      (isHook || isTold) &&
      (isMade || (isHook && /^[A-Z0-9]{9,}$/.test(segment)) || (isTold && /^[0-9a-f-]{32,}$/.test(segment)))
    )
      found.push({ from: from + at + 1, to: from + next, kind: 'token' });
    if (/^bot\d{6,}:/.test(segment)) found.push({ from: from + at + 4, to: from + next, kind: 'token' });
    isTold ||= tellingSegment.test(segment);
    at = path[next] === '/' ? next : -1;
  }
}

const emailTail = /(?:@|%40)(?:[\p{L}\d](?:[\p{L}\d-]{0,62})\.){1,6}[\p{L}]{2,24}(?![@\p{L}\d_-])/uy;

/** The address around the sign at `at`, or undefined: node names of workers, packages and git remotes look alike. */
export function emailAt(text: string, at: number, floor: number): Found | undefined {
  emailTail.lastIndex = at;
  if (!emailTail.test(text)) return undefined;
  const to = emailTail.lastIndex;
  let from = at;
  while (from > floor && at - from < 64 && isMailSign(text.charCodeAt(from - 1))) from -= 1;
  if (text.charCodeAt(from - 1) === 92 && 'nrt'.includes(text[from] as string)) from += 1;
  while (from < at && /[.%+-]/.test(text[from] as string)) from += 1;
  const before = text.charCodeAt(from - 1);
  if (
    from === at ||
    before === 64 ||
    (before === 47 &&
      text.charCodeAt(from - 2) !== 47 &&
      text[at + 1] !== undefined &&
      /\d/.test(text.slice(at + 1, at + 2)))
  )
    return undefined;
  const name = text.slice(from, at);
  const host = text.slice(at + (text.charCodeAt(at) === 37 ? 3 : 1), to);
  if (
    /\.(?:internal|local|svc|cluster|lan|localdomain|localhost|py|js|ts|png|jpg|intra|corp|home|arpa|compute)$/i.test(
      host,
    )
  )
    return undefined;
  if (/^(?:celery|git|hg|gen\d+|(?:celery|worker)[-_.]?\w*|w\d+|beat|flower)$/i.test(name)) return undefined;
  if (
    text.charCodeAt(to) === 58 &&
    /[\w~]/.test(text[to + 1] ?? '') &&
    /^(?:git|[a-z]+)$/.test(name) &&
    /^(?:git|hg|org-\d+)/.test(name)
  )
    return undefined;
  return { from, to, kind: 'email' };
}

function isMailSign(code: number): boolean {
  return isWordSign(code) || code === 46 || code === 37 || code === 43 || code === 45;
}

const cardSigns = /\d(?:[ -]?\d){11,22}/y;

/** A card number that starts at `at`; `end` of the digits either way, so that they are read once. */
export function cardAt(text: string, at: number): { readonly end: number; readonly isCard: boolean } {
  cardSigns.lastIndex = at;
  if (!cardSigns.test(text)) return { end: at, isCard: false };
  const end = cardSigns.lastIndex;
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(end);
  const isAlone =
    !(before === 46 || before === 45 || isWordSign(before)) &&
    !isWordSign(after) &&
    !((after === 46 || after === 45) && isDigit(text.charCodeAt(end + 1)));
  return { end, isCard: isAlone && isCard(text.slice(at, end)) };
}

/** Issuer ranges and the check digit of Luhn; the separators must be regular. */
export function isCard(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (digits.length < 13 || digits.length > 19) return false;
  if (
    digits.length !== text.length &&
    !/^(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}|\d{4}([ -])\d{4}\3\d{4}\3\d{4}\3\d{1,3})$/.test(
      text,
    )
  )
    return false;
  if (!/^(?:4|5[0-9]|2[2-7]|3[0-9]|6[0-9]|81|9792)/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    sum += index % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0 && !/^(\d)\1+$/.test(digits);
}

const ibanSigns = /[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/y;

export function ibanAt(text: string, at: number): number {
  ibanSigns.lastIndex = at;
  if (!ibanSigns.test(text)) return -1;
  // Groups of four may run into the next word: the longest prefix with a right check sum counts.
  let candidate = text.slice(at, ibanSigns.lastIndex);
  for (let tries = 0; tries < 4; tries += 1) {
    if (isIban(candidate)) return at + candidate.length;
    const space = candidate.lastIndexOf(' ');
    if (space < 0) return -1;
    candidate = candidate.slice(0, space);
  }
  return -1;
}

/** Mod 97 of the rearranged number is 1 (ISO 13616). */
export function isIban(text: string): boolean {
  const plain = text.replace(/[ -]/g, '');
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const sign of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const phoneSigns = /(?:\+|%2B|00)[1-9]\d{0,3}(?:(?:[ ./-]{0,2}|[ .-]?\(\d{1,5}\)[ .-]?)\d){6,13}(?![\d]|[:]\d)/y;

/** A number with its country's code: nine to fifteen digits behind `+`, or behind `00` when it is written in groups. */
export function phoneAt(text: string, at: number): number {
  const before = text.charCodeAt(at - 1);
  if (at > 0 && (isWordSign(before) || before === 43 || before === 46) && !(text.charCodeAt(at - 2) === 92)) return -1;
  phoneSigns.lastIndex = at;
  if (!phoneSigns.test(text)) return -1;
  const end = phoneSigns.lastIndex;
  if (isWordSign(text.charCodeAt(end))) return -1;
  const number = text.slice(at, end);
  if (number.startsWith('00') && !/[ ()-]/.test(number)) return -1;
  return end;
}
