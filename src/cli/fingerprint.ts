/** taskvigil fingerprint: the group, the class and the title of a failure, as the daemon would give them, and why. */
import { type ParsedException, parseTraceback } from '../event/python-traceback.ts';
import type { Redacted } from '../event/untrusted.ts';
import { type Failure, factsOf } from '../failure/failure.ts';
import { type Grouping, groupingOf } from '../failure/fingerprint.ts';
import { createLifecycle, defaultLifecycleOptions } from '../lifecycle/lifecycle.ts';
import { createPipeline } from '../pipeline.ts';
import { createRedactor, type RedactOptions } from '../redact/redact.ts';
import { answerLines, blocksOf, type Fields, LineError, type Streams, textIn } from './lines.ts';

/** Lines `{"id", "event"}`, an event as Celery sends it, → `{"id", "group", "class", "title"}`. */
export function fingerprintCommand(streams: Streams, options: RedactOptions): Promise<number> {
  return answerLines(streams, ({ id = null, event }) => {
    if (typeof event !== 'object' || event === null) throw new LineError('expected "event" as a JSON object');
    const failure = failureIn(event as Fields, options);
    return { id, group: failure.fingerprint, class: failure.class, title: failure.title };
  });
}

/**
 * The failure that an event tells of, through the daemon's own stages. What a worker tells of a task in `task-received`
 * (its name, its arguments) may stand in the same event. Throws LineError.
 */
function failureIn(event: Fields, options: RedactOptions): Failure {
  const failures: Failure[] = [];
  const rejected: string[] = [];
  const redactor = createRedactor(options);
  const pipeline = createPipeline({
    redact: (each) => redactor.redact(each),
    lifecycle: createLifecycle(defaultLifecycleOptions),
    viewers: [{ failure: (failure) => void failures.push(failure) }],
    report(notice) {
      if (notice.kind === 'message-rejected') rejected.push(notice.reason);
      if (notice.kind === 'bug') throw notice.error;
    },
  });
  const told = { retries: 0, timestamp: arrivedAt / 1_000, hostname: 'unknown', ...event };
  const message = { source: 'input', receivedAt: arrivedAt, form: 'event-body' } as const;
  const isNamed = typeof told['name' as keyof typeof told] === 'string';
  if (isNamed) pipeline.message({ ...message, payload: JSON.stringify({ ...told, type: 'task-received' }) });
  pipeline.message({ ...message, payload: JSON.stringify(told) });
  pipeline.settleAll(arrivedAt);
  const failure = failures.at(-1);
  if (failure === undefined)
    throw new LineError(
      `expected an event that tells of a failure${rejected.map((reason) => ` (${reason})`).join('')}`,
    );
  return failure;
}

/** Any plausible time: nothing of a fingerprint depends on it. */
const arrivedAt = 1.7e12;

/** Lines `{"id", "text"}` with a Python traceback → `{"id", "parse"}`; null for what is none. */
export function parseCommand(streams: Streams): Promise<number> {
  return answerLines(streams, (line) => {
    const { id = null } = line;
    // Shown to whoever holds the text already, and to nobody else.
    const parsed = parseTraceback(textIn(line, 'text') as Redacted);
    return { id, parse: parsed === undefined ? null : plainParse(parsed) };
  });
}

function plainParse({ type, value, frames, cause, context, exceptions, syntax }: ParsedException): Fields {
  return {
    type,
    value,
    frames: frames.flatMap(({ file, line, function: name, source, repeat = 0 }) =>
      Array.from({ length: repeat + 1 }, () => [file, line ?? null, name, source ?? '']),
    ),
    ...(cause === undefined ? {} : { cause: plainParse(cause) }),
    ...(context === undefined ? {} : { context: plainParse(context) }),
    ...(exceptions === undefined ? {} : { exceptions: exceptions.map(plainParse) }),
    ...(syntax === undefined ? {} : { syntax }),
  };
}

const tracebackCharsMax = 1024 * 1024;

/** One traceback, or one event as JSON, on the input → its group, and what the group is made of. */
export async function explainCommand(
  { input, write, complain }: Streams,
  options: RedactOptions,
  taskName: string | undefined,
): Promise<number> {
  let text = '';
  for await (const block of blocksOf(input, tracebackCharsMax)) text += text.length < tracebackCharsMax ? block : '';
  try {
    const failure = failureIn(eventOf(text, taskName), options);
    const lines = [
      `title   ${failure.title}`,
      `group   ${failure.fingerprint}`,
      `class   ${failure.class}`,
      `cause   ${failure.cause}`,
      'parts   what the group is made of; equal parts, equal group',
      ...linesOfParts(groupingOf(factsOf(failure)), '  '),
    ];
    await write(`${lines.join('\n')}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    complain(error.message);
    return 1;
  }
}

function eventOf(text: string, taskName: string | undefined): Fields {
  const told = text.trimStart().startsWith('{') ? parsedObject(text) : undefined;
  if (told !== undefined) return taskName === undefined ? told : { ...told, name: taskName };
  if (text.trim() === '') throw new LineError('expected a Python traceback, or an event as JSON, on the input');
  return {
    type: 'task-failed',
    uuid: '00000000-0000-4000-8000-000000000000',
    ...(taskName === undefined ? {} : { name: taskName }),
    exception: 'ExceptionWithTraceback()',
    traceback: text,
  };
}

function parsedObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function linesOfParts(parts: Grouping, indent: string): string[] {
  return parts.flatMap((part) =>
    typeof part === 'string'
      ? [`${indent}${part === '' ? '(nothing)' : part}`]
      : [`${indent}-`, ...linesOfParts(part, `${indent}  `)],
  );
}
