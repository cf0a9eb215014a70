/**
 * Finds the secrets of a traceback without touching its skeleton: headers, frames, carets and the lines between chained
 * exceptions stay byte for byte, so that it can still be read and grouped. Source lines are code, the rest is messages.
 */

import type { Judge } from '../names/key-names.ts';
import type { Match } from '../text/match.ts';
import { scan } from './scan.ts';

/** Only what is exactly a frame is spared: a message can hold any line. */
const frame = /^[ |]*File "[^"\n]{1,1024}", line \d{1,9}(?:, in [\p{L}\p{N}_.<>]{1,256})?$/u;
const skeleton =
  /^[ |+-]*(?:(?:Exception Group )?Traceback \(most recent call last\):|The above exception was the direct cause of the following exception:|During handling of the above exception, another exception occurred:|\[Previous line repeated \d{1,9} more times?\]|[\^~ ]*|-{8,}|\+-{8,}|\+-[+-]{4,}[ \d.]*[+-]*|-{4,}[ \d.]*-{4,}|\.{3} and \d{1,9} more exceptions?)$/;

export function scanTraceback(text: string, judge: Judge, found: Match[]): void {
  let messageFrom = -1;
  let frameIndent = -1;
  const endMessage = (to: number) => {
    if (messageFrom >= 0) scan(text, judge, 'text', found, messageFrom, to);
    messageFrom = -1;
  };
  for (let from = 0; from <= text.length; ) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    const line = text.slice(from, to);
    const isFrame = line.length < 1_400 && frame.test(line);
    const isSkeleton = !isFrame && line.length < 200 && skeleton.test(line);
    if (isFrame || (isSkeleton && line !== '')) {
      endMessage(from);
      if (isFrame) frameIndent = indentOf(line);
    } else if (frameIndent >= 0 && messageFrom < 0 && indentOf(line) > frameIndent) {
      scan(text, judge, 'source', found, from, to);
    } else {
      frameIndent = -1;
      if (messageFrom < 0) messageFrom = from;
    }
    from = to + 1;
  }
  endMessage(text.length);
}

function indentOf(line: string): number {
  let indent = 0;
  while (indent < line.length && (line[indent] === ' ' || line[indent] === '|')) indent += 1;
  return indent;
}
