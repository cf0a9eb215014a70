/** Secrets in columns: rows of CSV, cells after a tab, lines of `.pgpass`. */
import type { KeyMeaning } from '../names/key-meaning.ts';
import { keyCharsMax } from '../text/text-cursor.ts';
import type { TextScan } from '../values/text-scan.ts';

const pgpassHost = /(?:^|[\s'"])(?:[\w.-]{1,128}|\*):$/;
const pgpassTail = /(?:\d{2,5}):[\w*.-]{1,64}:[\w*.@-]{1,64}:([^\s'":\\]{2,256})/dy;

/** `host:5432:database:user:password`; `from` is the port. Returns the end of the password, or -1. */
export function hidePgpass(scan: TextScan, from: number): number {
  const { text, start } = scan;
  if (text[from - 1] !== ':' || !pgpassHost.test(text.slice(Math.max(start, from - 130), from))) return -1;
  pgpassTail.lastIndex = from;
  const place = pgpassTail.exec(text)?.indices?.[1];
  return place === undefined ? -1 : scan.hide(place[0], place[1], 'password');
}

/** A name, a tab and its value, as in a cookie file or a table of settings. Returns the end of the value, or -1. */
export function hideTabbedValue(scan: TextScan, from: number, end: number): number {
  const { text } = scan;
  if (end - from > keyCharsMax) return -1;
  const meaning = scan.meaningOf(text.slice(from, end));
  if (meaning === undefined || meaning.isWeak) return -1;
  const cell = /\t([^\s'"]{2,4096})/dy;
  cell.lastIndex = end;
  const place = cell.exec(text)?.indices?.[1];
  return place === undefined ? -1 : scan.hideIfSecret(place[0], place[1], meaning);
}

const columnsMax = 64;
const rowsMax = 256;
const rowCharsMax = 8_192;
const headLine =
  /[\p{L}\w "'.-]{1,64}(?:([,;\t|])[\p{L}\w "'.-]{1,64})(?:\1[\p{L}\w "'.-]{0,64}){0,62}(\\r\\n|\\n|\r?\n)/uy;

/** Hides the secret cells below a header line such as `user,password`; `from` is the first word of a line. */
export function hideTableCells(scan: TextScan, from: number): void {
  const { text, to } = scan;
  if (from < scan.recordEnd) return;
  headLine.lastIndex = from;
  const match = headLine.exec(text);
  if (match === null || headLine.lastIndex > to) return;
  const [line, separator = '', newline = ''] = match;
  const columns = line.slice(0, -newline.length).split(separator).slice(0, columnsMax);
  const meanings = columns.map((column) => scan.meaningOf(column.replace(/["']/g, '').trim()));
  if (!meanings.some((meaning) => meaning !== undefined && !meaning.isWeak)) return;
  let at = headLine.lastIndex;
  for (let row = 0; row < rowsMax && at < to; row += 1) {
    const next = text.indexOf(newline, at);
    const stop = Math.min(next < 0 ? to : next, at + rowCharsMax, to);
    const isRow = hideRowCells(scan, { from: at, to: stop, separator, meanings });
    if (!isRow) return;
    scan.recordEnd = stop;
    if (next < 0) return;
    at = next + newline.length;
  }
}

interface Row {
  readonly from: number;
  readonly to: number;
  readonly separator: string;
  /** Meanings of the columns. */
  readonly meanings: readonly (KeyMeaning | undefined)[];
}

/** Returns false if the line has too few or too many cells for a row of the table. */
function hideRowCells(scan: TextScan, { from, to, separator, meanings }: Row): boolean {
  const line = scan.text.slice(from, to).replace(/(?<!\\)["'][)\]}]*$/, '');
  const cells = line.split(separator);
  if (cells.length < 2 || cells.length > meanings.length + 1) return false;
  let cellFrom = from;
  for (const [index, cell] of cells.entries()) {
    const meaning = meanings[index];
    const value = cell.trim().replace(/^["']|["']$/g, '');
    if (meaning !== undefined && value !== '') {
      const valueFrom = cellFrom + cell.indexOf(value);
      scan.hideIfSecret(valueFrom, valueFrom + value.length, meaning);
    }
    cellFrom += cell.length + separator.length;
  }
  return true;
}
