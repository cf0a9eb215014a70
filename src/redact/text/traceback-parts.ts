/**
 * Splits a traceback into the parts to scan. The skeleton (headers, frames, carets, the lines between chained exceptions)
 * stays byte for byte, so that the traceback can still be parsed and grouped. Source lines are code, the rest is messages.
 */
import type { ScanContext } from './match.ts';

/** Only an exact frame is spared, because a message can contain any line. */
const frame = /^[ |]*File "[^"\n]{1,1024}", line \d{1,9}(?:, in [\p{L}\p{N}_.<>]{1,256})?$/u;
const frameCharsMax = 1_400;
const skeleton =
  /^[ |+-]*(?:(?:Exception Group )?Traceback \(most recent call last\):|The above exception was the direct cause of the following exception:|During handling of the above exception, another exception occurred:|\[Previous line repeated \d{1,9} more times?\]|[\^~ ]*|-{8,}|\+-{8,}|\+-[+-]{4,}[ \d.]*[+-]*|-{4,}[ \d.]*-{4,}|\.{3} and \d{1,9} more exceptions?)$/;
const skeletonCharsMax = 200;

/** Part of a traceback, `to` excluded. */
export interface TracebackPart {
  readonly context: ScanContext;
  readonly from: number;
  readonly to: number;
}

/** The source lines, each on its own, and the messages, each with all its lines, in their order. */
export function tracebackParts(text: string): TracebackPart[] {
  const parts: TracebackPart[] = [];
  let messageFrom = -1;
  let frameIndent = -1;
  const endMessage = (to: number): void => {
    if (messageFrom >= 0) parts.push({ context: 'text', from: messageFrom, to });
    messageFrom = -1;
  };
  for (let from = 0; from <= text.length; ) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    const line = text.slice(from, to);
    const isFrame = line.length < frameCharsMax && frame.test(line);
    const isSkeleton = !isFrame && line.length < skeletonCharsMax && skeleton.test(line);
    if (isFrame || (isSkeleton && line !== '')) {
      endMessage(from);
      if (isFrame) frameIndent = indentOf(line);
    } else if (frameIndent >= 0 && messageFrom < 0 && indentOf(line) > frameIndent) {
      parts.push({ context: 'source', from, to });
    } else {
      frameIndent = -1;
      if (messageFrom < 0) messageFrom = from;
    }
    from = to + 1;
  }
  endMessage(text.length);
  return parts;
}

function indentOf(line: string): number {
  let indent = 0;
  while (indent < line.length && (line[indent] === ' ' || line[indent] === '|')) indent += 1;
  return indent;
}
