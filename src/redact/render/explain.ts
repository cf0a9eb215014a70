/** Explains why a place was hidden: by a name, by a shape, as an echo. Reveals nothing of the value. */

import type { KeyNames } from '../names/key-names.ts';
import type { Match } from '../text/match.ts';
import { keyBefore } from '../text/text-cursor.ts';

const shapes: ReadonlySet<string> = new Set(['jwt', 'pem', 'hash', 'email', 'card', 'iban', 'phone']);
const separator = /[:=](?:[=>~]{0,2}[ \t]{0,8}[bruBRU]{0,2}\\{0,7}["']?(?:Bearer |Basic |Token |ApiKey |Digest )?)$/i;

/** `by its name "password"`, `by its shape`. */
export function reasonOf(text: string, { from, to, kind }: Match, names: KeyNames): string {
  const before = text.slice(Math.max(0, from - 40), from);
  const match = separator.exec(before);
  const place = match === null ? undefined : keyBefore(text, from - before.length + match.index);
  if (place !== undefined && names.meaningOf(place.key) !== undefined) return `by its name "${place.key}"`;
  if (/:\/\/[^\s/]*$/.test(text.slice(Math.max(0, from - 200), from)) && kind === 'password')
    return 'in the login of a URL';
  if (shapes.has(kind)) return 'by its shape';
  const value = text.slice(from, to);
  const first = text.indexOf(value);
  if (kind === 'secret' && first >= 0 && first < from) return 'as an echo';
  return kind === 'token' ? 'by its shape or its place' : 'by what stands around it';
}

/** Line and column, both from 1: `3:14`. */
export function placeOf(text: string, at: number): string {
  const before = text.slice(0, at);
  const lines = before.split('\n');
  return `${lines.length}:${(lines.at(-1) as string).length + 1}`;
}
