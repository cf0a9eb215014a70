/** Secrets in SQL statements, by the names of the columns: values in place, or SQLAlchemy's `[parameters: (…)]`. */
import type { KeyMeaning } from '../names/key-meaning.ts';
import type { TextScan } from '../values/text-scan.ts';

const columnsMax = 64;
const rowsMax = 32;
const parametersCharsMax = 8_192;

const insertColumns = /INTO\s+[^\s(]{1,128}\s?\(([^()]{1,4096})\)\s*(?:OUTPUT [^()]{1,200} )?(?:VALUES|values)\s*\(/y;
const updateColumns =
  /(?:SET|set)\s+((?:[\w."`[\]]{1,64}\s?=\s?(?:\?|%s|:\w+|\$\d{1,3}|%\(\w+\)s|@\w+|'[^']{0,256}'|[\w.]{1,64}),?\s{0,4}){1,64})/y;
const parameters = /\[parameters:\s?\(/g;

type Meanings = readonly (KeyMeaning | undefined)[];

/** `INSERT INTO t (a, password) VALUES (…, …)` and `UPDATE t SET password = ?`; `from` is `INTO` or `SET`. */
export function hideSqlValues(scan: TextScan, from: number): void {
  if (from < scan.recordEnd) return;
  insertColumns.lastIndex = from;
  const insert = insertColumns.exec(scan.text);
  if (insert !== null) {
    hideInsertedRows(scan, insertColumns.lastIndex, insert[1] as string);
    return;
  }
  updateColumns.lastIndex = from;
  const update = updateColumns.exec(scan.text);
  if (update === null) return;
  // Literals in place, `password = 'x'`, are read like any other entry.
  const meanings = (update[1] as string)
    .split(',')
    .filter((part) => /=\s?(?:\?|%s)/.test(part))
    .map((part) => meaningOfColumn(scan, part.split('=')[0] as string));
  if (meanings.some((meaning) => meaning !== undefined)) hideParameters(scan, updateColumns.lastIndex, meanings);
}

function hideInsertedRows(scan: TextScan, from: number, columns: string): void {
  const meanings = columns.split(',').map((column) => meaningOfColumn(scan, column));
  if (!meanings.some((meaning) => meaning !== undefined)) return;
  let at = from;
  for (let row = 0; row < rowsMax; row += 1) {
    at = hideTuple(scan, at, meanings);
    const more = /\s{0,4},\s{0,4}\(/y;
    more.lastIndex = at;
    if (!more.test(scan.text)) break;
    at = more.lastIndex;
  }
  scan.recordEnd = at;
  hideParameters(scan, at, meanings);
}

function meaningOfColumn(scan: TextScan, column: string): KeyMeaning | undefined {
  const meaning = scan.meaningOf(column.replace(/["'`[\]\s]/g, '').replace(/^.*\./, ''));
  return meaning?.isWeak === true ? undefined : meaning;
}

function hideParameters(scan: TextScan, from: number, meanings: Meanings): void {
  const window = scan.text.slice(from, Math.min(scan.to, from + parametersCharsMax));
  parameters.lastIndex = 0;
  if (parameters.test(window)) hideTuple(scan, from + parameters.lastIndex, meanings);
}

/** Hides the secret literals of a tuple by their columns. Returns the place after its bracket. */
function hideTuple(scan: TextScan, from: number, meanings: Meanings): number {
  let at = from;
  for (let column = 0; column < columnsMax && at < scan.to; column += 1) {
    const value = valueAt(scan, at);
    const meaning = meanings[column];
    if (meaning !== undefined && value.to > value.from) scan.hideIfSecret(value.from, value.to, meaning);
    const next = /\s{0,4}([,)])/y;
    next.lastIndex = value.end;
    const sign = next.exec(scan.text)?.[1];
    if (sign === undefined) return value.end;
    at = next.lastIndex;
    if (sign === ')') return at;
  }
  return at;
}

/** The value at `at` without its quotes, and its end with them. */
function valueAt(scan: TextScan, at: number): { readonly from: number; readonly to: number; readonly end: number } {
  const space = /\s*/y;
  space.lastIndex = at;
  space.test(scan.text);
  const from = space.lastIndex;
  const opening = scan.openingAt(from);
  if (opening !== undefined) {
    const to = scan.closingOf(opening);
    return { from: opening.from, to, end: to + opening.mark.length };
  }
  const bare = /[^,()]{0,256}(?:\([^()]{0,256}\))?/y;
  bare.lastIndex = from;
  bare.test(scan.text);
  return { from, to: bare.lastIndex, end: bare.lastIndex };
}
