/** Standard input as blocks of lines, and NDJSON in which a bad line affects only itself. */
import { type Input, lineCharsMax, linesOf } from './input-lines.ts';

/** Text in blocks of whole lines, because a redaction rule rarely needs context from another block. */
export async function* blocksOf(input: Input, charsMax: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of input) {
    pending += decoder.decode(chunk, { stream: true });
    if (pending.length < charsMax) continue;
    const end = pending.lastIndexOf('\n') + 1;
    if (end === 0 && pending.length > lineCharsMax)
      throw new RangeError(`a line longer than ${lineCharsMax} characters`);
    if (end === 0) continue;
    yield pending.slice(0, end);
    pending = pending.slice(end);
  }
  pending += decoder.decode();
  if (pending !== '') yield pending;
}

export interface Streams {
  readonly input: Input;
  /** Resolves when the stream accepts more data. */
  readonly write: (text: string) => Promise<void>;
  readonly complain: (line: string) => void;
}

export type JsonFields = Readonly<Record<string, unknown>>;

/** A line without an answer. The message names the expected input and never quotes the line. */
export class LineError extends Error {}

/** Writes one JSON answer per line. Returns the exit code: 1 if a line had no answer, else 0. */
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

/** The text in a field. Throws LineError for any other value. */
export function textIn(fields: JsonFields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new LineError(`expected "${name}" as text`);
  return value;
}
