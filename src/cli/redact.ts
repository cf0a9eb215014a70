/** taskvigil redact: redacts a text with the scanner that the daemon uses. */
import { defaultCharsMax, defaultModes, type Field } from '../redact/field.ts';
import type { RedactOptions } from '../redact/options.ts';
import { createRedactor, type Redactor } from '../redact/redact.ts';
import { answerLines, blocksOf, LineError, type Streams, textIn } from './lines.ts';

export interface RedactCommand extends Streams {
  /** Keys, rules and limits of the configuration. All fields are redacted here and none is dropped. */
  readonly options: RedactOptions;
  readonly isNdjson: boolean;
  /** Prints place, kind and rule of each hidden value, and the number of hidden values of each line or of the whole text. */
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
    modes: { ...defaultModes, result: 'redact' },
    // A block is many times longer than a field of an event.
    charsMax: { ...(options.charsMax ?? defaultCharsMax), ...(isNdjson ? {} : { log: 2 * blockCharsMax }) },
    onRedacted: (_, kind, count) => found.set(kind, (found.get(kind) ?? 0) + count),
    ...(isExplained ? { onExplained: (_: Field, line: string) => void lines.push(line) } : {}),
    onFailed: () => {
      failedCount += 1;
    },
  });
  const explain = (subject: string): void => {
    if (!isExplained) return;
    for (const line of lines.splice(0)) complain(`${subject === 'redacted' ? '' : `${subject} `}${line}`);
    const kinds = [...found].map(([kind, count]) => `${count} ${kind}`);
    complain(`${subject}: ${kinds.length === 0 ? 'nothing' : kinds.join(', ')}`);
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
