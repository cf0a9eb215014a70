/** What is hidden of a value whose name is a secret's. */
import { addCookies } from '../detect/cookies.ts';
import type { KeyMeaning } from '../names/key-names.ts';
import { note, type ScanState } from '../text/scan-state.ts';
import { isWorth } from './is-secret-value.ts';

/** `Authorization: Bearer x` keeps its scheme, and so a reader knows what was there. */
const scheme =
  /^(?:Bearer|Basic|Token|Digest|ApiKey|Api-Key|Key|Negotiate|JWT|GenieKey|Splunk|Bot|MAC|NTLM|Hawk) (?=\S)/i;

/** Hides the text from `from` to `end` when there is something to hide in it. */
export function addWorthy(pass: ScanState, from: number, end: number, verdict: KeyMeaning): number {
  if (end <= from) return from;
  const value = pass.text.slice(from, end);
  if (verdict.kind === 'cookie' && value.includes('=')) return addCookies(pass, from, end);
  if (!isWorth(value, verdict)) {
    // `basic_auth='robot:x'`: a user and a password under a name that alone says little.
    const login = verdict.isWeak && verdict.kind === 'token' ? /^[\w.@+-]{1,64}:([^\s/:]{3,128})$/.exec(value) : null;
    return login === null ? from : note(pass, end - (login[1] as string).length, end, 'password');
  }
  const behind = scheme.exec(value)?.[0].length ?? 0;
  if (behind > 0 && !isWorth(value.slice(behind), { kind: 'token', isWeak: false })) return from;
  return note(pass, from + behind, end, verdict.kind);
}
