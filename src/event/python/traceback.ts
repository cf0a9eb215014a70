/**
 * Parses the text of Python's `traceback.format_exception` into exceptions: chains, groups, repeated frames, syntax errors.
 * A message can contain any line, so a line has a meaning only where the grammar allows it; every other line belongs to the
 * message. Linear in the length of the text. Pure.
 */
import type { ParsedException } from './parsed-exception.ts';
import { readFrames } from './traceback-frames.ts';
import {
  contentAt,
  finalOf,
  groupHeader,
  header,
  linesOf,
  margin,
  namesException,
  type Reader,
} from './traceback-lines.ts';
import { type Link, readFinal, readLink } from './traceback-message.ts';

/** Thirty times the largest traceback found in practice. Of a longer one the end is read, because it names the exception. */
const textCharsMax = 300_000;
/** The outermost exceptions are kept. Retry loops of old libraries chain one exception per attempt. */
const chainMax = 32;
/** Python prints no group below the tenth level. */
const depthMax = 11;

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
  const reader: Reader = { lines, at: 0 };
  // Lines before the first header are a log prefix, unless the text starts with the exception itself.
  if (!startsException(reader, 0)) reader.at = findStart(lines);
  const exception = readChain(reader, 0);
  if (exception === undefined) return undefined;
  return isCut && !exception.isTruncated ? { ...exception, isTruncated: true } : exception;
}

function findStart(lines: readonly string[]): number {
  const start = lines.findIndex(
    (line) => line === header || line === `  + ${groupHeader}` || line.startsWith('  File "'),
  );
  // Without a header only the end of a traceback is left: the line that names the exception.
  const end = start < 0 ? lines.findIndex(namesException) : start;
  return end < 0 ? lines.length : end;
}

function startsException(reader: Reader, depth: number): boolean {
  const line = contentAt(reader, reader.at, depth);
  if (line === undefined) return false;
  if (line === header || line.startsWith('  File "')) return true;
  if (depth === 0 && (line === `  + ${groupHeader}` || line.startsWith('  | '))) return true;
  return finalOf(line) !== undefined;
}

/** Reads every exception of a region. Returns the last one raised, with the others as its causes and contexts. */
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
  // A link without an exception after it: the text was cut.
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

/** Reads the frames, the final line, and the members of a group. */
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

interface Members {
  readonly exceptions: readonly PlainException[];
  readonly isTruncated: boolean;
}

/**
 * Reads the members of a group, each below a ruler. A last inner group prints the closing ruler for all groups around it, so
 * a region also ends where the region of an outer group continues.
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
    // Skips lines of this member that match no rule, because the text was cut or changed on its way.
    while (contentAt(reader, reader.at, depth + 1) !== undefined) reader.at += 1;
    line = reader.lines[reader.at];
  }
  return { exceptions, isTruncated };
}

/** Skips the members of a group at this depth. */
function skipMembers(reader: Reader, depth: number): void {
  const column = 2 * depth;
  for (; ; reader.at += 1) {
    const line = reader.lines[reader.at];
    if (line === undefined || line[column] === '|' || line.slice(0, column).trim() !== '') return;
  }
}

function isInside(reader: Reader, depth: number): boolean {
  return contentAt(reader, reader.at, depth) !== undefined;
}
