/** The value after a sensitive key: a string, a container, an object, a block of lines or an unquoted word. */

import type { KeyMeaning } from '../names/key-meaning.ts';
import type { Opening } from '../text/text-cursor.ts';
import { hideContainerValues } from './container-values.ts';
import type { Entry } from './entry.ts';
import { hideValue } from './hide-value.ts';
import { hideIndentedValue } from './indented-value.ts';
import { isSecretValue, looksGenerated } from './is-secret-value.ts';
import type { TextScan } from './text-scan.ts';
import { unquotedValueEnd } from './unquoted-value.ts';

/** Hides the secrets in the value of an entry. Returns the end of the hidden text, or the start of the value. */
export function hideEntryValue(scan: TextScan, entry: Entry): number {
  const { text, to } = scan;
  const { valueFrom: from, meaning } = entry;
  if (from >= to) return from;
  const first = text[from] as string;
  const opening = scan.openingAt(from);
  if (opening !== undefined) return hideString(scan, entry, opening);
  if (first === '[' || first === '{' || first === '(') {
    // The name of a variable in braces: `f"token={token}"`.
    const isFormatField = scan.context === 'source' && first === '{' && isInLiteral(scan, from);
    if (!isFormatField) hideContainer(scan, from, meaning);
    return from;
  }
  if (first === '<') return hideObject(scan, from, meaning);
  if (first === '\n' || first === '|' || first === '>' || first === '\\') {
    const end = hideIndentedValue(scan, entry);
    if (end > from || first === '\n') return Math.max(end, from);
  }
  const call = /[A-Za-z_][\w.]{0,64}\(/y;
  call.lastIndex = from;
  if (scan.context === 'source') return hideSourceValue(scan, entry, call.test(text));
  if (call.test(text)) {
    // The name of a class describes its content, as in `SecretValue('x')`. A function, `build(…)`, may return anything.
    const isObject = /^(?:[\w.]*\.)?[A-Z_]/.test(text.slice(from, call.lastIndex));
    hideContainer(scan, call.lastIndex - 1, isObject ? { ...meaning, isWeak: false } : meaning, from);
    return from;
  }
  return hideUnquoted(scan, entry);
}

function hideString(scan: TextScan, { valueFrom, meaning, separator, place }: Entry, opening: Opening): number {
  const to = scan.closingOf(opening, separator === ':' && place.quote !== 0);
  // Bytes under a weak `key=` are a key more often than the name of an entry.
  const isBytes =
    meaning.kind === 'key' && opening.from - valueFrom === 2 && /\d/.test(scan.text.slice(opening.from, to));
  return hideValue(scan, { from: opening.from, to, meaning: isBytes ? { ...meaning, isWeak: false } : meaning });
}

/** `valueFrom` is the start of the value, which is before the bracket at `at` in a call. */
function hideContainer(scan: TextScan, at: number, meaning: KeyMeaning, valueFrom = at): void {
  if (valueFrom >= scan.containerEnd) scan.containerEnd = hideContainerValues(scan, at, meaning);
}

/** `<SecretValue: x>`. An object that shows only its address has nothing to hide. */
function hideObject(scan: TextScan, from: number, meaning: KeyMeaning): number {
  const object = /<(?:[\w.]{1,64}: )?([^<>\n]{1,512})>/dy;
  object.lastIndex = from;
  const place = object.exec(scan.text)?.indices?.[1];
  if (place === undefined || / at 0x/.test(scan.text.slice(...place))) return from;
  return hideValue(scan, { from: place[0], to: place[1], meaning });
}

/** In code an unquoted value is a variable or a call, and only the literals after it on the line are secret. */
function hideSourceValue(scan: TextScan, entry: Entry, isCall: boolean): number {
  const { valueFrom: from, separator } = entry;
  const isNumber = /\d/.test(scan.text[from] as string);
  const isVariable = !isNumber && !isInLiteral(scan, from);
  if (separator === '=' && (isCall || isNumber || isVariable)) hideLiterals(scan, entry);
  return isCall || isVariable ? from : hideUnquoted(scan, entry);
}

function hideUnquoted(scan: TextScan, entry: Entry): number {
  const { valueFrom: from, meaning } = entry;
  const to = unquotedValueEnd(scan, entry);
  return to === undefined ? from : hideValue(scan, { from, to, meaning });
}

/** Hides literals later on the line of an assignment, `os.getenv("DB_PASSWORD", "x7-plum")`, but not names. */
function hideLiterals(scan: TextScan, { valueFrom: from, meaning }: Entry): void {
  const rest = scan.text.slice(from, Math.min(scan.to, from + 512));
  for (const match of rest.matchAll(/["']([^"'\n]{5,256})["']/g)) {
    const value = match[1] as string;
    const isName = /^[A-Z][A-Z0-9_]*$|^[a-z_]+\d?$|[{}%\s]/.test(value);
    if (!isName && (/\d|[^\w.:/-]/.test(value) || looksGenerated(value)) && isSecretValue(value, meaning)) {
      const start = from + match.index + 1;
      scan.hide(start, start + value.length, meaning.kind);
    }
  }
}

/** True inside a quoted text of a line of code, where a word is no variable. */
function isInLiteral({ text, start }: TextScan, at: number): boolean {
  let quote = '';
  for (let index = Math.max(start, at - 1_024); index < at; index += 1) {
    const character = text[index] as string;
    if (character === '\\') index += 1;
    else if (quote === '' && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = '';
  }
  return quote !== '';
}
