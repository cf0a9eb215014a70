/**
 * Reads the text of `traceback.format_exception` back into exceptions: chains, groups, repeated frames, syntax errors.
 * A message can hold any line at all, so a line has a meaning only where the grammar allows it; whatever is left over
 * belongs to the message. Linear in the length of the text.
 */
import type { Redacted } from '../untrusted.ts';

/** One call on the stack, oldest first in `ParsedException.frames`. `Text` is the kind of text that was parsed. */
export interface Frame<Text extends string = Redacted> {
  readonly file: Text;
  /** undefined when the interpreter did not know it. */
  readonly line: number | undefined;
  readonly function: Text;
  /** First line of the statement, without indent; undefined where the worker had no source. */
  readonly source: Text | undefined;
  /** How many more times the same frame followed: `[Previous line repeated 3 more times]`. */
  readonly repeat?: number;
}

export interface ParsedException<Text extends string = Redacted> {
  /** As printed, `requests.exceptions.Timeout`; empty when the text ended before it. */
  readonly type: Text;
  /** Message and notes, which the text does not tell apart; may have many lines. */
  readonly value: Text;
  readonly frames: readonly Frame<Text>[];
  /** Raised `from` this one. */
  readonly cause?: ParsedException<Text>;
  /** Raised while this one was being handled. */
  readonly context?: ParsedException<Text>;
  /** Members of an exception group. */
  readonly exceptions?: readonly ParsedException<Text>[];
  /** Where a SyntaxError, or a parser that poses as one, points to. */
  readonly syntax?: { readonly file: Text; readonly line: number | undefined; readonly text: Text | undefined };
  /** Something is missing: the text was cut, or was longer than we read. */
  readonly isTruncated: boolean;
}

/** Thirty times the largest traceback seen in practice; the end of a longer one is read, for the end names the exception. */
const textCharsMax = 300_000;
/** Python's own recursion limit leaves three written frames and a count; more come only from mutual recursion. */
const framesMax = 400;
/** The outermost exceptions stay; retry loops of old libraries chain one exception per try. */
const chainMax = 32;
/** Longer ones are no names; every rule about classes reads them. */
const typeCharsMax = 500;
/** Python prints no group below the tenth level. */
const depthMax = 11;

const header = 'Traceback (most recent call last):';
const groupHeader = 'Exception Group Traceback (most recent call last):';
const links = new Map([
  ['The above exception was the direct cause of the following exception:', 'cause'],
  ['During handling of the above exception, another exception occurred:', 'context'],
] as const);
type Link = 'cause' | 'context';

/**
 * The outermost exception in `text` with all exceptions that led to it, or undefined when `text` is no traceback. Each text
 * in the result is cut from `text` and keeps its brand: a redacted traceback gives redacted parts.
 */
export function parseTraceback<Text extends string>(text: Text): ParsedException<Text> | undefined {
  return parsePlain(text) as ParsedException<Text> | undefined;
}

type PlainException = ParsedException<string>;

function parsePlain(text: string): PlainException | undefined {
  const isCut = text.length > textCharsMax;
  const lines = linesOf(isCut ? text.slice(-textCharsMax) : text);
  const reader: Reader = { lines, at: 0, isCut };
  // What stands before the first header is somebody's log prefix, unless the text starts with the exception itself.
  if (!startsException(reader, 0)) reader.at = findStart(lines);
  const exception = readChain(reader, 0);
  if (exception === undefined) return undefined;
  return isCut && !exception.isTruncated ? { ...exception, isTruncated: true } : exception;
}

interface Reader {
  readonly lines: readonly string[];
  at: number;
  readonly isCut: boolean;
}

/** A text with Windows line ends has them everywhere; a `\r` in a message of another one is the message's own. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  const isWindows = lines.some((line) => line.endsWith(`${header}\r`));
  return isWindows ? lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)) : lines;
}

function findStart(lines: readonly string[]): number {
  const start = lines.findIndex(
    (line) => line === header || line === `  + ${groupHeader}` || line.startsWith('  File "'),
  );
  // Only the end is left: the line that names the exception.
  const end = start < 0 ? lines.findIndex(namesException) : start;
  return end < 0 ? lines.length : end;
}

/** Whether a line is surely one: a dotted class, or one in capitals and small letters, as no other line starts. */
function namesException(line: string): boolean {
  const type = finalOf(line)?.type;
  return type !== undefined && (type.includes('.') || /^\p{Lu}.*\p{Ll}/u.test(type));
}

function startsException(reader: Reader, depth: number): boolean {
  const line = contentAt(reader, reader.at, depth);
  if (line === undefined) return false;
  if (line === header || line.startsWith('  File "')) return true;
  if (depth === 0 && (line === `  + ${groupHeader}` || line.startsWith('  | '))) return true;
  return finalOf(line) !== undefined;
}

/** Every exception at this depth up to the end of its region; the last one raised comes out, the others hang off it. */
function readChain(reader: Reader, depth: number): PlainException | undefined {
  const chain: { readonly exception: PlainException; readonly link: Link | undefined }[] = [];
  let link: Link | undefined;
  while (isInside(reader, depth)) {
    const exception = readOne(reader, depth);
    if (isEmpty(exception)) break;
    chain.push({ exception, link });
    link = readLink(reader, depth);
    if (link === undefined) break;
  }
  let outermost: PlainException | undefined;
  for (const { exception, link: how } of chain.slice(-chainMax)) {
    outermost = outermost === undefined || how === undefined ? exception : { ...exception, [how]: outermost };
  }
  // Something was announced and did not come: what is here was not the end.
  return outermost !== undefined && link !== undefined ? { ...outermost, isTruncated: true } : outermost;
}

function isEmpty({ type, frames, exceptions }: PlainException): boolean {
  return type === '' && frames.length === 0 && exceptions === undefined;
}

function readOne(reader: Reader, depth: number): PlainException {
  while (contentAt(reader, reader.at, depth) === '') reader.at += 1;
  if (depth === 0) {
    const line = reader.lines[reader.at];
    if (line === `  + ${groupHeader}`) {
      reader.at += 1;
      return readStack(reader, 1);
    }
    if (line?.startsWith('  | ')) return readStack(reader, 1);
  }
  const line = contentAt(reader, reader.at, depth);
  if (line === header || line === groupHeader) reader.at += 1;
  return readStack(reader, depth);
}

/** Frames, the final line, and the members if it is a group. */
function readStack(reader: Reader, depth: number): PlainException {
  const { frames, syntax, isTruncated } = readFrames(reader, depth);
  const final = readFinal(reader, depth);
  const members = readMembers(reader, depth);
  return {
    type: final?.type ?? '',
    value: final?.value ?? '',
    frames,
    ...(members.exceptions.length > 0 && { exceptions: members.exceptions }),
    ...(syntax !== undefined && { syntax }),
    isTruncated: isTruncated || final === undefined || members.isTruncated,
  };
}

type Stack = Pick<PlainException, 'frames' | 'isTruncated'> & {
  readonly syntax: PlainException['syntax'] | undefined;
};

function readFrames(reader: Reader, depth: number): Stack {
  const frames: Frame<string>[] = [];
  let syntax: PlainException['syntax'] | undefined;
  let isTruncated = false;
  for (; ; reader.at += 1) {
    const line = contentAt(reader, reader.at, depth);
    if (line === undefined || (line !== '' && !line.startsWith('  '))) break;
    if (line.startsWith('  File "')) {
      const place = placeOf(line);
      if (place === undefined) {
        isTruncated = true;
        continue;
      }
      const source = sourceAt(reader, depth);
      if (place.function === undefined) syntax = { file: place.file, line: place.line, text: source };
      // billiard's own mark for the frames it left out.
      else if (place.function === '[rest of traceback truncated]') isTruncated = true;
      else frames.push({ file: place.file, line: place.line, function: place.function, source });
    } else if (line.startsWith('  [Previous line repeated ')) {
      const last = frames.pop();
      if (last !== undefined) frames.push({ ...last, repeat: Number.parseInt(line.slice(25), 10) || 1 });
    }
  }
  if (frames.length <= framesMax) return { frames, syntax, isTruncated };
  const half = framesMax / 2;
  return { frames: [...frames.slice(0, half), ...frames.slice(-half)], syntax, isTruncated: true };
}

const placePattern = /", line (-?\d+|None|\?)(?:, in (.*))?$/;

interface Place {
  readonly file: string;
  readonly line: number | undefined;
  /** undefined in the place that a SyntaxError points to. */
  readonly function: string | undefined;
}

function placeOf(line: string): Place | undefined {
  const match = placePattern.exec(line);
  if (match === null) return undefined;
  const number = Number.parseInt(match[1] ?? '', 10);
  return {
    file: line.slice('  File "'.length, match.index),
    line: Number.isNaN(number) ? undefined : number,
    function: match[2],
  };
}

/** The source under a place; the lines of a longer statement and the carets below it are skipped by the caller. */
function sourceAt(reader: Reader, depth: number): string | undefined {
  const line = contentAt(reader, reader.at + 1, depth);
  return line?.startsWith('    ') ? line.trim() : undefined;
}

interface Final {
  readonly type: string;
  readonly value: string;
}

/** The line with type and message, and every line after it that nothing else claims. */
function readFinal(reader: Reader, depth: number): Final | undefined {
  const first = contentAt(reader, reader.at, depth);
  const final = first === undefined ? undefined : finalOf(first);
  if (final === undefined) return undefined;
  const message = [final.value];
  const isQuoted = final.value === '' && contentAt(reader, reader.at + 1, depth) === '"""';
  reader.at += 1;
  if (isQuoted) {
    // A traceback from another process, quoted whole: what looks like a chain inside is part of the message.
    const end = findQuoteEnd(reader, depth);
    while (reader.at < end) message.push(contentAt(reader, reader.at++, depth) ?? '');
  }
  for (; ; reader.at += 1) {
    const line = contentAt(reader, reader.at, depth);
    if (line === undefined || (line === '' && linkAt(reader, depth) !== undefined)) break;
    message.push(line);
  }
  const value = withoutLastLines(message);
  return { type: final.type, value: depth === 0 ? value : value.replace(innerMargin, '$1') };
}

/** Python draws the margin of a group after every kind of line end, also those that we do not split at. */
const innerMargin = /([\r\v\f\x85\u2028\u2029]) *\| /g;

/** Blank lines at the end are the printer's, or a message's own that nobody misses. */
function withoutLastLines(message: readonly string[]): string {
  const last = message.findLastIndex((line) => line !== '');
  return message.slice(0, last + 1).join('\n');
}

/** The quotes close on a line of their own, or after the last line; the source lines within may hold quotes as well. */
function findQuoteEnd(reader: Reader, depth: number): number {
  let end = reader.at;
  for (let at = reader.at + 1; ; at += 1) {
    const line = contentAt(reader, at, depth);
    if (line === undefined) return end;
    if (line === '"""') return at + 1;
    if (end === reader.at && line.endsWith('"""') && !line.startsWith('  ')) end = at + 1;
  }
}

// A dotted name, also of a local class (`make.<locals>.Oops`), alone or before a colon; a file that is no identifier may
// give a module its name (`migrations.0002_fill-in.Fault`). A message may hold other line ends than the one that ends it, a
// progress bar's `\r` for one, which a dot takes only with the flag `s`.
const finalPattern =
  /^((?:[\p{L}_][\p{L}\p{N}\p{M}_-]*\.(?:(?:[\p{L}\p{N}_][\p{L}\p{N}\p{M}_-]*|<[a-z]+>)\.)*)?[\p{L}_][\p{L}\p{N}\p{M}_]*)(?::(?: (.*))?)?$/su;

function finalOf(line: string): Final | undefined {
  const match = finalPattern.exec(line);
  const type = match?.[1] ?? '';
  return type === '' || type.length > typeCharsMax ? undefined : { type, value: match?.[2] ?? '' };
}

interface Members {
  readonly exceptions: readonly PlainException[];
  readonly isTruncated: boolean;
}

/**
 * The members of a group, each under a ruler. An inner group that comes last draws the closing ruler for all groups
 * around it, so a region also ends where a shallower one goes on.
 */
function readMembers(reader: Reader, depth: number): Members {
  const exceptions: PlainException[] = [];
  let isTruncated = false;
  if (depth === 0 || !reader.lines[reader.at]?.startsWith(`${margin(depth)}+-+---`)) return { exceptions, isTruncated };
  if (depth >= depthMax) {
    skipMembers(reader, depth);
    return { exceptions, isTruncated: true };
  }
  const ruler = `${margin(depth + 1)}+---`;
  let line: string | undefined = `${margin(depth)}  ${reader.lines[reader.at]?.slice(2 * depth + 2)}`;
  while (line?.startsWith(ruler)) {
    reader.at += 1;
    const title = line.slice(ruler.length).replaceAll('-', '').trim();
    if (title === '') break;
    const isElided = title === '...';
    const exception = isElided ? undefined : readChain(reader, depth + 1);
    if (exception !== undefined) exceptions.push(exception);
    else isTruncated = true;
    // Lines of this member that no rule claims: text that was cut or rewritten on its way.
    while (contentAt(reader, reader.at, depth + 1) !== undefined) reader.at += 1;
    line = reader.lines[reader.at];
  }
  return { exceptions, isTruncated };
}

/** Leaves out the members of a group at this depth. */
function skipMembers(reader: Reader, depth: number): void {
  const column = 2 * depth;
  for (; ; reader.at += 1) {
    const line = reader.lines[reader.at];
    if (line === undefined || line[column] === '|' || line.slice(0, column).trim() !== '') return;
  }
}

/** Steps over `blank, link, blank` when it stands here. */
function readLink(reader: Reader, depth: number): Link | undefined {
  const link = linkAt(reader, depth);
  if (link !== undefined) reader.at += 3;
  return link;
}

function linkAt(reader: Reader, depth: number): Link | undefined {
  const { at } = reader;
  if (contentAt(reader, at, depth) !== '') return undefined;
  const link = links.get((contentAt(reader, at + 1, depth) ?? '') as never);
  return link !== undefined && contentAt(reader, at + 2, depth) === '' && canFollow(reader, depth) ? link : undefined;
}

/** Whether an exception, or the end of a text that was cut, comes after the link: a message may quote a link too. */
function canFollow(reader: Reader, depth: number): boolean {
  const line = contentAt(reader, reader.at + 3, depth);
  if (line === undefined || header.startsWith(line)) return true;
  if (depth === 0 ? line.startsWith('  + ') || line.startsWith('  | ') : line === groupHeader) return true;
  return namesException(line);
}

function isInside(reader: Reader, depth: number): boolean {
  return contentAt(reader, reader.at, depth) !== undefined;
}

/** The line without the margin of its group, or undefined where the region of this depth ends. */
function contentAt(reader: Reader, at: number, depth: number): string | undefined {
  const line = reader.lines[at];
  if (line === undefined || depth === 0) return line;
  const column = 2 * depth;
  if (line[column] !== '|' || line.length < column + 1 || line.slice(0, column).trim() !== '') return undefined;
  return line.slice(column + 2);
}

function margin(depth: number): string {
  return ' '.repeat(2 * depth);
}
