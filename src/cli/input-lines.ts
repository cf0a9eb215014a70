/** Standard input as lines, bounded: a longer line is skipped while it is read. */

/** Limit of one line in characters; longer lines are skipped. */
export const lineCharsMax = 16 * 1024 * 1024;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** undefined for a line that exceeds the limit; its text was dropped while it was read. */
  readonly text: string | undefined;
}

export type Input = AsyncIterable<Uint8Array>;

/** Lines end at `\n` only: a JSON string may contain the other characters that some programs treat as a line end. */
export async function* linesOf(input: Input): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let number = 0;
  let rest = '';
  let isTooLong = false;
  for await (const chunk of input) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      yield { number: ++number, text: isTooLong ? undefined : text };
      isTooLong = false;
    }
    if (rest.length <= lineCharsMax) continue;
    isTooLong = true;
    rest = '';
  }
  rest += decoder.decode();
  if (rest !== '' || isTooLong) yield { number: number + 1, text: isTooLong ? undefined : rest };
}
