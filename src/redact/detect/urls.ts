/** What is secret in a URL: the password, a token for a user name, segments of the path that let in whoever knows them. */
import type { Match } from '../text/match.ts';
import { isSpace } from '../text/text-cursor.ts';
import { looksMade } from '../values/is-secret-value.ts';

const tellingSegment =
  /^(?:webhooks?|webhookb2|incomingwebhook|reset|password-?reset|reset-?password|confirm(?:-email|ation)?|verify(?:-email)?|activate|activation|key|join|accept|invite|invitation|magic(?:-?link)?|unsubscribe|one-?time|share|token|auth|login|set-?password|recover|capability)$/i;

/** Of the URL whose `://` is at `at`: the password, a token for a user name, secret path segments. */
export function urlAt(text: string, at: number, to: number, found: Match[]): number {
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

function addUserInfo(authority: string, colon: number, sign: number, from: number, found: Match[]): void {
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

function addSegments(url: string, start: number, from: number, found: Match[]): void {
  if (start <= 0 && url[0] !== '/') {
    if (!url.includes('/')) return;
  }
  const path = url.slice(0, 768);
  let at = path.indexOf('/', Math.max(0, start));
  if (at < 0) return;
  const isHook = /hooks?\.|webhook/i.test(path);
  const isHookHost =
    /^[^/]{0,64}(?:hooks?\.|webhook|discord|zapier|ifttt|telegram|pipedream|integromat|hook\.|n8n|mattermost|rocket\.chat)/i.test(
      path,
    );
  let isTold = false;
  while (at >= 0 && at < path.length) {
    let next = at + 1;
    while (next < path.length && !'/?#&;'.includes(path[next] as string)) next += 1;
    const segment = path.slice(at + 1, next);
    const isMade = looksMade(segment) || (/^[A-Za-z0-9_-]{20,}$/.test(segment) && /\d/.test(segment));
    if (
      (isHook || isTold) &&
      (isMade ||
        (isHookHost && /^(?=.*\d)(?=.*[A-Za-z])(?!v\d+$)[\w@-]{5,}$/.test(segment)) ||
        (isTold && /^[0-9a-f-]{32,}$/.test(segment)))
    )
      found.push({ from: from + at + 1, to: from + next, kind: 'token' });
    if (/^bot\d{6,}:/.test(segment)) found.push({ from: from + at + 4, to: from + next, kind: 'token' });
    isTold ||= tellingSegment.test(segment);
    at = path[next] === '/' ? next : -1;
  }
}
