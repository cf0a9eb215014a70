import type { KeyMeaning } from '../names/key-meaning.ts';
import type { TextScan } from './text-scan.ts';

/** `Authorization: Bearer x` keeps its scheme, so that a reader sees the kind of credential. */
const scheme =
  /^(?:Bearer|Basic|Token|Digest|ApiKey|Api-Key|Key|Negotiate|JWT|GenieKey|Splunk|Bot|MAC|NTLM|Hawk) (?=\S)/i;

export interface ValuePlace {
  readonly from: number;
  readonly to: number;
  /** Meaning of the key before the value. */
  readonly meaning: KeyMeaning;
}

/** Hides the value if it is secret. Returns the end of the hidden text, or `from`. */
export function hideValue(scan: TextScan, { from, to, meaning }: ValuePlace): number {
  if (to <= from) return from;
  const value = scan.text.slice(from, to);
  if (meaning.kind === 'cookie' && value.includes('=')) return hideCookies(scan, from, to);
  if (!scan.isSecret(value, meaning)) {
    // A weak name may hold a user and a password: `basic_auth='robot:x'`.
    const isLogin = meaning.isWeak && meaning.kind === 'token';
    const password = isLogin ? /^[\w.@+-]{1,64}:([^\s/:]{3,128})$/.exec(value)?.[1] : undefined;
    return password === undefined ? from : scan.hide(to - password.length, to, 'password');
  }
  const schemeChars = scheme.exec(value)?.[0].length ?? 0;
  const isPlainAfterScheme =
    schemeChars > 0 && !scan.isSecret(value.slice(schemeChars), { kind: 'token', isWeak: false });
  return isPlainAfterScheme ? from : scan.hide(from + schemeChars, to, meaning.kind);
}

const cookie = /\s{0,3}([^\s=;,'"]{1,128})(?:=("?)([^;"']{0,4096})\2)?(?:;|$|(?=["',]))/dy;

/** Hides the values of a cookie header, `a=1; b=2`, but those that are safe to show. Returns `to`. */
function hideCookies(scan: TextScan, from: number, to: number): number {
  const text = scan.text.slice(from, to);
  cookie.lastIndex = 0;
  let readTo = 0;
  for (let match = cookie.exec(text); match !== null && match[0] !== ''; match = cookie.exec(text)) {
    readTo = cookie.lastIndex;
    const value = match.indices?.[3];
    if (value === undefined || value[1] === value[0]) continue;
    if (!scan.isPlainCookie(match[1] as string, match[3] as string))
      scan.hide(from + value[0], from + value[1], 'cookie');
    if (readTo >= text.length) break;
  }
  // The rest is not written like a cookie and is hidden as a whole.
  if (readTo < text.length) scan.hide(from + readTo, to, 'cookie');
  return to;
}
