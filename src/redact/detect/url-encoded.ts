/** Entries and logins inside a text that a URL has encoded. */
import { note, type ScanState } from '../text/scan-state.ts';
import { isWorth } from '../values/is-secret-value.ts';

const encodedName = /(?:%3F|%26|%23|%22|%27|%7B|%2C|^|[^\w%.-])([\w.-]{1,64}(?:%5B[\w.-]{1,64}%5D)?)(?:%22|%27)?$/i;
/** `postgres%3A%2F%2Fme%3Ax%40host`. */
const encodedLogin =
  /%3A%2F%2F(?:[\w.~+-]|%(?!3A|40|2F)[0-9A-F]{2}){0,64}%3A((?:[\w.~!*+-]|%(?!40|2F)[0-9A-F]{2}){1,256})%40/diy;
const encodedValue = /%3[AaDd](?:%20|\+)?(?:%22|%27)?((?:%(?!2[26]|27|7D|2C)[0-9A-Fa-f]{2}|[\w.~*!()+/@:-]){1,4096})/dy;

/** `%3Ftoken%3Dx%26…`, `%22password%22%3A%22x%22`: an entry inside an encoded text; `at` is its separator. */
export function addEncodedEntry(pass: ScanState, at: number): number {
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
