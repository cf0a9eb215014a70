/** Reads the frames of one exception in a traceback. Pure. */
import type { Frame, ParsedException } from './parsed-exception.ts';
import { contentAt, type Reader } from './traceback-lines.ts';

/** Python stops a recursion after three printed frames and a count, so only mutual recursion has more. */
const framesMax = 400;

/** The frames of one exception, and the location of a SyntaxError, which is printed like a frame. */
export interface Stack {
  readonly frames: readonly Frame<string>[];
  readonly syntax: ParsedException<string>['syntax'] | undefined;
  readonly isTruncated: boolean;
}

/** Reads every line that belongs to the stack: frames, their source lines and carets, and repetition counts. */
export function readFrames(reader: Reader, depth: number): Stack {
  const frames: Frame<string>[] = [];
  let syntax: ParsedException<string>['syntax'] | undefined;
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
      // billiard marks omitted frames with this name.
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
  /** Undefined in the location of a SyntaxError. */
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

/** The source line below a frame. The caller skips further lines of the statement and the carets below it. */
function sourceAt(reader: Reader, depth: number): string | undefined {
  const line = contentAt(reader, reader.at + 1, depth);
  return line?.startsWith('    ') ? line.trim() : undefined;
}
