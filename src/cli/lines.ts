/** Standard input as lines or as blocks of lines, bounded, and NDJSON whose bad lines cost nothing but themselves. */

/** A line longer than that is no line of anybody's. */
const lineCharsMax = 16 * 1024 * 1024;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** undefined for a line that is too long: it was let go of as it came. */
  readonly text: string | undefined;
}

export type Input = AsyncIterable<Uint8Array>;

/** Lines end at `\n` only: a JSON string may hold any other thing that some programs take for an end. */
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

/** Text in blocks that end where a line does, because what belongs together rarely stands further apart than that. */
export async function* blocksOf(input: Input, charsMax: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of input) {
    held += decoder.decode(chunk, { stream: true });
    if (held.length < charsMax) continue;
    const end = held.lastIndexOf('\n') + 1;
    if (end === 0 && held.length > lineCharsMax) throw new RangeError(`a line longer than ${lineCharsMax} characters`);
    if (end === 0) continue;
    yield held.slice(0, end);
    held = held.slice(end);
  }
  held += decoder.decode();
  if (held !== '') yield held;
}

export interface Streams {
  readonly input: Input;
  /** Resolves when there is room for more. */
  readonly write: (text: string) => Promise<void>;
  readonly complain: (line: string) => void;
}

export type JsonFields = Readonly<Record<string, unknown>>;

/** A line that cannot be answered; its message names what was expected and never what stood there. */
export class LineError extends Error {}

/** One answer for each line, as JSON. Answers 1 when a line could not be answered, else 0. */
export async function answerLines(
  { input, write, complain }: Streams,
  answer: (fields: JsonFields) => JsonFields,
): Promise<number> {
  let badCount = 0;
  let answers: string[] = [];
  const flush = async (): Promise<void> => {
    if (answers.length > 0) await write(answers.join(''));
    answers = [];
  };
  for await (const { number, text } of linesOf(input)) {
    if (text?.trim() === '') continue;
    try {
      answers.push(`${JSON.stringify(answer(fieldsOf(text)))}\n`);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      badCount += 1;
      complain(`line ${number}: ${error.message}`);
    }
    if (answers.length >= 256) await flush();
  }
  await flush();
  return badCount > 0 ? 1 : 0;
}

function fieldsOf(text: string | undefined): JsonFields {
  if (text === undefined) throw new LineError(`expected at most ${lineCharsMax} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LineError('expected one JSON object');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LineError('expected a JSON object');
  return value as JsonFields;
}

/** The text under a name; throws LineError. */
export function textIn(fields: JsonFields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new LineError(`expected "${name}" as text`);
  return value;
}
