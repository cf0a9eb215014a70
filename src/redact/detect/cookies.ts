/** `a=1; b=2`, as the header says it: each value goes but those of the few names that everybody may know. */
import type { Judge } from '../names/key-names.ts';
import { note, type ScanState } from '../text/scan-state.ts';
import { looksMade } from '../values/is-secret-value.ts';

/** What everybody may know of a visitor. */
export const plainCookieNames =
  /^(?:theme|lang(?:uage)?|locale|i18n|path|domain|expires|max-age|samesite|priority|tz|timezone|currency|country|region|consent|cookie_?consent|cookieconsent_status|gdpr|darkmode|dark_mode|color_scheme|layout|view|sort|page|per_page|seen_banner|ab_test|variant|django_language|utm_\w+|ref|referrer|version)$/i;

/** A short word under a name that is no secret's: `pref=wide`, `lang=de-CH`. */
export function isPlainCookie(name: string, value: string, judge: Judge): boolean {
  if (looksMade(value)) return false;
  return (
    plainCookieNames.test(name) ||
    (judge(name) === undefined && /^(?:[a-z]{1,12}(?:-[A-Z]{2})?|\d{1,3}|true|false)$/i.test(value))
  );
}

const piece = /\s{0,3}([^\s=;,'"]{1,128})(?:=("?)([^;"']{0,4096})\2)?(?:;|$|(?=["',]))/dy;

/** The cookies between `from` and `end`; answers `end`. */
export function addCookies(pass: ScanState, from: number, end: number): number {
  const text = pass.text.slice(from, end);
  piece.lastIndex = 0;
  let read = 0;
  for (let match = piece.exec(text); match !== null && match[0] !== ''; match = piece.exec(text)) {
    read = piece.lastIndex;
    const value = match.indices?.[3];
    if (value === undefined || value[1] === value[0]) continue;
    const isPlain = isPlainCookie(match[1] as string, match[3] as string, pass.judge);
    if (!isPlain) note(pass, from + value[0], from + value[1], 'cookie');
    if (read >= text.length) break;
  }
  // What is not spelled like cookies goes whole.
  if (read < text.length) note(pass, from + read, end, 'cookie');
  return end;
}
