/** taskvigil redact: what redaction makes of a text, with the very scanner that stands before every sink. */
import { defaultCharsMax, type Field } from '../redact/field.ts';
import type { RedactOptions } from '../redact/options.ts';
import { createRedactor, type Redactor } from '../redact/redact.ts';
import { answerLines, blocksOf, LineError, type Streams, textIn } from './lines.ts';

export interface RedactCommand extends Streams {
  /** Keys and limits of the configuration; every field is redacted here, none is dropped. */
  readonly options: RedactOptions;
  readonly isNdjson: boolean;
  /** Says of each find its place, its kind and its rule, and for each line or the whole text how many there were. */
  readonly isExplained: boolean;
}

const fields: ReadonlySet<string> = new Set(Object.keys(defaultCharsMax));
const blockCharsMax = 1024 * 1024;

export async function redactCommand(command: RedactCommand): Promise<number> {
  const { options, isNdjson, isExplained, complain } = command;
  const found = new Map<string, number>();
  const lines: string[] = [];
  let failedCount = 0;
  const redactor = createRedactor({
    ...options,
    profiles: [],
    modes: {
      args: 'redact',
      kwargs: 'redact',
      result: 'redact',
      exception: 'redact',
      traceback: 'redact',
      name: 'redact',
      log: 'redact',
    },
    // A block is many times what one field of an event is.
    charsMax: { ...(options.charsMax ?? defaultCharsMax), ...(isNdjson ? {} : { log: 2 * blockCharsMax }) },
    onRedacted: (_, kind, count) => found.set(kind, (found.get(kind) ?? 0) + count),
    ...(isExplained ? { onExplained: (_: Field, line: string) => void lines.push(line) } : {}),
    onFailed: () => {
      failedCount += 1;
    },
  });
  const explain = (what: string): void => {
    if (!isExplained) return;
    for (const line of lines.splice(0)) complain(`${what === 'redacted' ? '' : `${what} `}${line}`);
    const kinds = [...found].map(([kind, count]) => `${count} ${kind}`);
    complain(`${what}: ${kinds.length === 0 ? 'nothing' : kinds.join(', ')}`);
    found.clear();
  };
  const code = isNdjson
    ? await answerLines(command, (line) => {
        const field = fieldOf(textIn(line, 'field'));
        const text = redactor.redactText(field, textIn(line, 'text'));
        explain(`${JSON.stringify(line['id'] ?? null)} ${field}`);
        return { id: line['id'] ?? null, text };
      })
    : await redactText(command, redactor);
  if (!isNdjson) explain('redacted');
  if (failedCount > 0) complain(`dropped ${failedCount} texts that could not be redacted`);
  return failedCount > 0 ? 1 : code;
}

async function redactText({ input, write }: Streams, redactor: Redactor): Promise<number> {
  for await (const block of blocksOf(input, blockCharsMax)) await write(redactor.redactText('log', block));
  return 0;
}

function fieldOf(name: string): Field {
  if (!fields.has(name)) throw new LineError(`expected "field" as one of ${[...fields].join(', ')}`);
  return name as Field;
}
