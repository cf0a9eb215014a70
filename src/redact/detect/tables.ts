/** Secrets that only their place in a record names: columns of CSV, parameters of SQL, lines of `.pgpass`. */
import { type Judge, keyCharsMax } from '../names/key-names.ts';
import { note, type ScanState } from '../text/scan-state.ts';
import { closingOf, openingAt } from '../text/text-cursor.ts';
import { isWorth } from '../values/is-secret-value.ts';

const pgpass = /(?:^|[\s'"])(?:[\w.-]{1,128}|\*):$/;
const pgpassTail = /(?:\d{2,5}):[\w*.-]{1,64}:[\w*.@-]{1,64}:([^\s'":\\]{2,256})/dy;

/** `host:5432:database:user:password`, asked about at the port. */
export function addPgpass(pass: ScanState, from: number): number {
  const { text, start } = pass;
  if (text.charCodeAt(from - 1) !== 58 || !pgpass.test(text.slice(Math.max(start, from - 130), from))) return -1;
  pgpassTail.lastIndex = from;
  const place = pgpassTail.exec(text)?.indices?.[1];
  return place === undefined ? -1 : note(pass, place[0], place[1], 'password');
}

/** A name, a tab and its value: a cookie file, a table of settings. */
export function addTabbed(pass: ScanState, from: number, end: number): number {
  const { text, judge } = pass;
  if (end - from > keyCharsMax) return -1;
  const verdict = judge(text.slice(from, end));
  if (verdict === undefined || verdict.isWeak) return -1;
  const cell = /\t([^\s'"]{2,4096})/dy;
  cell.lastIndex = end;
  const place = cell.exec(text)?.indices?.[1];
  return place === undefined || !isWorth(text.slice(...place), verdict)
    ? -1
    : note(pass, place[0], place[1], verdict.kind);
}

const columnsMax = 64;
const rowsMax = 256;
const headLine =
  /[\p{L}\w "'.-]{1,64}(?:([,;\t|])[\p{L}\w "'.-]{1,64})(?:\1[\p{L}\w "'.-]{0,64}){0,62}(\\r\\n|\\n|\r?\n)/uy;

/** `user,password` and the lines below it; asked about at the first word of a line. */
export function addTable(pass: ScanState, from: number): number {
  const { text, to, judge } = pass;
  if (from < pass.recordEnd) return -1;
  headLine.lastIndex = from;
  const match = headLine.exec(text);
  if (match === null || headLine.lastIndex > to) return -1;
  const sign = match[1] as string;
  const newline = match[2] as string;
  const columns = match[0].slice(0, -newline.length).split(sign).slice(0, columnsMax);
  const verdicts = columns.map((column) => judge(column.replace(/["']/g, '').trim()));
  if (!verdicts.some((verdict) => verdict !== undefined && !verdict.isWeak)) return -1;
  let at = headLine.lastIndex;
  for (let row = 0; row < rowsMax && at < to; row += 1) {
    const next = text.indexOf(newline, at);
    const stop = Math.min(next < 0 ? to : next, at + 8_192, to);
    const line = text.slice(at, stop).replace(/(?<!\\)["'][)\]}]*$/, '');
    const cells = line.split(sign);
    if (cells.length < 2 || cells.length > columns.length + 1) break;
    let cellFrom = at;
    for (const [index, cell] of cells.entries()) {
      const verdict = verdicts[index];
      const value = cell.trim().replace(/^["']|["']$/g, '');
      if (verdict !== undefined && value !== '' && isWorth(value, verdict)) {
        const valueFrom = cellFrom + cell.indexOf(value);
        note(pass, valueFrom, valueFrom + value.length, verdict.kind);
      }
      cellFrom += cell.length + sign.length;
    }
    pass.recordEnd = stop;
    if (next < 0) break;
    at = next + newline.length;
  }
  return -1;
}

const insertColumns = /INTO\s+[^\s(]{1,128}\s?\(([^()]{1,4096})\)\s*(?:OUTPUT [^()]{1,200} )?(?:VALUES|values)\s*\(/y;
const updateColumns =
  /(?:SET|set)\s+((?:[\w."`[\]]{1,64}\s?=\s?(?:\?|%s|:\w+|\$\d{1,3}|%\(\w+\)s|@\w+|'[^']{0,256}'|[\w.]{1,64}),?\s{0,4}){1,64})/y;
const parameters = /\[parameters:\s?\(/g;

/** `INSERT INTO t (a, password) VALUES (…, …)` with its values in place or as SQLAlchemy's `[parameters: (…)]`. */
export function addSql(pass: ScanState, from: number): number {
  const { text } = pass;
  if (from < pass.recordEnd) return -1;
  insertColumns.lastIndex = from;
  const insert = insertColumns.exec(text);
  if (insert !== null) {
    const verdicts = (insert[1] as string).split(',').map((column) => judgeColumn(column, pass.judge));
    if (!verdicts.some((verdict) => verdict !== undefined)) return -1;
    let at = insertColumns.lastIndex;
    // Several rows, `VALUES (…), (…)`.
    for (let row = 0; row < 32; row += 1) {
      at = addTuple(pass, at, verdicts);
      const more = /\s{0,4},\s{0,4}\(/y;
      more.lastIndex = at;
      if (!more.test(text)) break;
      at = more.lastIndex;
    }
    pass.recordEnd = at;
    addParameters(pass, at, verdicts);
    return -1;
  }
  updateColumns.lastIndex = from;
  const update = updateColumns.exec(text);
  if (update === null) return -1;
  const placed = (update[1] as string)
    .split(',')
    .filter((part) => /=\s?(?:\?|%s)/.test(part))
    .map((part) => judgeColumn(part.split('=')[0] as string, pass.judge));
  if (placed.some((verdict) => verdict !== undefined)) addParameters(pass, updateColumns.lastIndex, placed);
  return -1;
}

type Verdicts = readonly ReturnType<Judge>[];

function judgeColumn(column: string, judge: Judge): ReturnType<Judge> {
  const verdict = judge(column.replace(/["'`[\]\s]/g, '').replace(/^.*\./, ''));
  return verdict?.isWeak === true ? undefined : verdict;
}

function addParameters(pass: ScanState, from: number, verdicts: Verdicts): void {
  const window = pass.text.slice(from, Math.min(pass.to, from + 8_192));
  parameters.lastIndex = 0;
  const match = parameters.exec(window);
  if (match !== null) addTuple(pass, from + parameters.lastIndex, verdicts);
}

/** The literals of a tuple, each judged by its column; answers the place behind its bracket. */
function addTuple(pass: ScanState, from: number, verdicts: Verdicts): number {
  const { text, to } = pass;
  let at = from;
  for (let column = 0; column < columnsMax && at < to; column += 1) {
    const blank = /\s*/y;
    blank.lastIndex = at;
    blank.test(text);
    at = blank.lastIndex;
    const verdict = verdicts[column];
    const open = openingAt(text, at);
    let valueFrom = at;
    let valueTo: number;
    if (open !== undefined) {
      valueFrom = open.from;
      valueTo = closingOf(text, open, to, false);
      at = valueTo + open.mark.length;
    } else {
      const bare = /[^,()]{0,256}(?:\([^()]{0,256}\))?/y;
      bare.lastIndex = at;
      bare.test(text);
      valueTo = bare.lastIndex;
      at = valueTo;
    }
    if (verdict !== undefined && valueTo > valueFrom && isWorth(text.slice(valueFrom, valueTo), verdict))
      note(pass, valueFrom, valueTo, verdict.kind);
    const next = /\s{0,4}([,)])/y;
    next.lastIndex = at;
    const sign = next.exec(text)?.[1];
    if (sign === undefined) return at;
    at = next.lastIndex;
    if (sign === ')') return at;
  }
  return at;
}
