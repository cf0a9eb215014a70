/** The value behind a secret's name: a string, a container, an object, a block of lines or bare words. */

import type { KeyMeaning } from '../names/key-names.ts';
import { note, type ScanState } from '../text/scan-state.ts';
import { closingOf, isDigit, type KeyPlace, openingAt } from '../text/text-cursor.ts';
import { addLeaves } from './container-values.ts';
import { addWorthy } from './hide-value.ts';
import { addBlock } from './indented-value.ts';
import { isWorth, looksMade } from './is-secret-value.ts';
import { addBare } from './unquoted-value.ts';

/** Answers the end of what was hidden, or `from`. */
export function addValue(
  pass: ScanState,
  from: number,
  verdict: KeyMeaning,
  place: KeyPlace,
  separator: ':' | '=',
): number {
  const { text, to, judge, found } = pass;
  if (from >= to) return from;
  const open = openingAt(text, from);
  if (open !== undefined) {
    const end = closingOf(text, open, to, separator === ':' && place.quote !== 0);
    // Bytes under `key=` are seldom the name of an entry.
    const isBytes = verdict.kind === 'key' && open.from - from === 2 && /\d/.test(text.slice(open.from, end));
    return addWorthy(pass, open.from, end, isBytes ? { ...verdict, isWeak: false } : verdict);
  }
  const first = text[from] as string;
  if (first === '[' || first === '{' || first === '(') {
    // `f"token={token}"`: the name of a variable in braces.
    if (pass.reading === 'source' && first === '{' && isInLiteral(pass, from)) return from;
    if (from < pass.containerEnd) return from;
    pass.containerEnd = addLeaves(text, from, to, verdict, judge, found);
    return from;
  }
  if (first === '<') return addObject(pass, from, verdict);
  if (first === '\n' || first === '|' || first === '>' || first === '\\') {
    const end = addBlock(pass, from, verdict, place, separator);
    if (end > from || first === '\n') return Math.max(end, from);
  }
  const call = /[A-Za-z_][\w.]{0,64}\(/y;
  call.lastIndex = from;
  if (call.test(text)) {
    if (pass.reading === 'source') return separator === '=' ? addLiterals(pass, from, verdict) : from;
    if (from < pass.containerEnd) return from;
    // `SecretValue('x')` says itself what it holds; `build(…)` is any function.
    const isObject = /^(?:[\w.]*\.)?[A-Z_]/.test(text.slice(from, call.lastIndex));
    const inside = isObject ? { ...verdict, isWeak: false } : verdict;
    pass.containerEnd = addLeaves(text, call.lastIndex - 1, to, inside, judge, found);
    return from;
  }
  if (pass.reading === 'source' && separator === '=' && isDigit(text.charCodeAt(from)))
    addLiterals(pass, from, verdict);
  if (pass.reading === 'source' && !isDigit(text.charCodeAt(from)) && !isInLiteral(pass, from))
    return separator === '=' ? addLiterals(pass, from, verdict) : from;
  return addBare(pass, from, verdict, place, separator);
}

/** `<SecretValue: x>`; an object that shows its address only has nothing to hide. */
function addObject(pass: ScanState, from: number, verdict: KeyMeaning): number {
  const object = /<(?:[\w.]{1,64}: )?([^<>\n]{1,512})>/dy;
  object.lastIndex = from;
  const inside = object.exec(pass.text)?.indices?.[1];
  return inside === undefined || / object at 0x| at 0x/.test(pass.text.slice(...inside))
    ? from
    : addWorthy(pass, inside[0], inside[1], verdict);
}

/** Literals later on the line of an assignment: `password = os.getenv("DB_PASSWORD", "x7-plum")`. Names stay. */
function addLiterals(pass: ScanState, from: number, verdict: KeyMeaning): number {
  const rest = pass.text.slice(from, Math.min(pass.to, from + 512));
  for (const match of rest.matchAll(/["']([^"'\n]{5,256})["']/g)) {
    const value = match[1] as string;
    const isName = /^[A-Z][A-Z0-9_]*$|^[a-z_]+\d?$|[{}%\s]/.test(value);
    if (!isName && (/\d|[^\w.:/-]/.test(value) || looksMade(value)) && isWorth(value, verdict)) {
      const start = from + match.index + 1;
      note(pass, start, start + value.length, verdict.kind);
    }
  }
  return from;
}

/** Within a line of code, a text in quotes: what it says is no name of a variable. */
function isInLiteral({ text, start }: ScanState, at: number): boolean {
  let quote = 0;
  for (let index = Math.max(start, at - 1_024); index < at; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 92) index += 1;
    else if (quote === 0 && (code === 39 || code === 34)) quote = code;
    else if (code === quote) quote = 0;
  }
  return quote !== 0;
}
