/** Reads the message of one exception in a traceback, and the link to the next exception of the chain. Pure. */
import {
  contentAt,
  type FinalLine,
  finalOf,
  groupHeader,
  header,
  namesException,
  type Reader,
} from './traceback-lines.ts';

export type Link = 'cause' | 'context';

const links: ReadonlyMap<string, Link> = new Map([
  ['The above exception was the direct cause of the following exception:', 'cause'],
  ['During handling of the above exception, another exception occurred:', 'context'],
]);

/** Reads the line with type and message, and every further line of the message, up to a link or the end of the region. */
export function readFinal(reader: Reader, depth: number): FinalLine | undefined {
  const first = contentAt(reader, reader.at, depth);
  const final = first === undefined ? undefined : finalOf(first);
  if (final === undefined) return undefined;
  const message = [final.value];
  const isQuoted = final.value === '' && contentAt(reader, reader.at + 1, depth) === '"""';
  reader.at += 1;
  if (isQuoted) {
    // A quoted traceback of another process. A chain inside it is part of the message.
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

/** Python prints the margin of a group after every kind of line end, also those that `linesOf` keeps. */
const innerMargin = /([\r\v\f\x85\u2028\u2029]) *\| /g;

/** Blank lines at the end come from the printer, or from the message, where they mean nothing. */
function withoutLastLines(message: readonly string[]): string {
  const last = message.findLastIndex((line) => line !== '');
  return message.slice(0, last + 1).join('\n');
}

/** The quotes end on a line of their own or after the last line. Source lines inside can contain quotes too. */
function findQuoteEnd(reader: Reader, depth: number): number {
  let end = reader.at;
  for (let at = reader.at + 1; ; at += 1) {
    const line = contentAt(reader, at, depth);
    if (line === undefined) return end;
    if (line === '"""') return at + 1;
    if (end === reader.at && line.endsWith('"""') && !line.startsWith('  ')) end = at + 1;
  }
}

/** Reads `blank, link, blank`, if the reader is at one. */
export function readLink(reader: Reader, depth: number): Link | undefined {
  const link = linkAt(reader, depth);
  if (link !== undefined) reader.at += 3;
  return link;
}

function linkAt(reader: Reader, depth: number): Link | undefined {
  const { at } = reader;
  if (contentAt(reader, at, depth) !== '') return undefined;
  const link = links.get(contentAt(reader, at + 1, depth) ?? '');
  return link !== undefined && contentAt(reader, at + 2, depth) === '' && canFollow(reader, depth) ? link : undefined;
}

/** True if an exception, or the end of a cut text, follows the link. A message can quote a link too. */
function canFollow(reader: Reader, depth: number): boolean {
  const line = contentAt(reader, reader.at + 3, depth);
  if (line === undefined || header.startsWith(line)) return true;
  if (depth === 0 ? line.startsWith('  + ') || line.startsWith('  | ') : line === groupHeader) return true;
  return namesException(line);
}
