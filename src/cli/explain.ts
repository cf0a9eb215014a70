/** `taskvigil fingerprint explain`: the parts of a failure's group, the reason for its class, and its parsed chain. */
import type { Frame, ParsedException } from '../event/python/parsed-exception.ts';
import { type ClassResult, classOf } from '../failure/classify/class.ts';
import type { FailureFacts } from '../failure/facts.ts';
import { factsOf } from '../failure/facts.ts';
import type { Failure } from '../failure/failure.ts';
import { isInApp, moduleOf } from '../failure/frames.ts';
import { type Grouping, groupingOf } from '../failure/grouping.ts';
import { type FailurePolicy, ruleFor } from '../failure/grouping-policy.ts';
import { createEventReader, type FingerprintOptions } from './fingerprint.ts';
import { blocksOf, type JsonFields, LineError, type Streams } from './lines.ts';

const tracebackCharsMax = 1024 * 1024;

/** One traceback, or one event as JSON, on the input → a readable explanation. Returns the exit code. */
export async function explainCommand(
  { input, write, complain }: Streams,
  options: FingerprintOptions,
  taskName: string | undefined,
): Promise<number> {
  let text = '';
  for await (const block of blocksOf(input, tracebackCharsMax)) text += text.length < tracebackCharsMax ? block : '';
  try {
    const event = eventOf(text, taskName);
    // Without rules first, because an ignored failure is explained too.
    const reading = createEventReader({ ...options, failures: { ...options.failures, rules: [] } })(event);
    if (reading.kind !== 'end')
      throw new LineError(
        `expected an event that reports a failure${reading.kind === 'no-failure' ? ` (${reading.reason})` : ''}`,
      );
    const grouped = createEventReader(options)(event);
    const group = grouped.kind === 'end' ? grouped.end : 'ignored';
    await write(`${linesOf(reading.end, group, options.failures).join('\n')}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    complain(error.message);
    return 1;
  }
}

function linesOf(failure: Failure, reported: Failure | 'ignored', policy: FailurePolicy): string[] {
  const facts = factsOf(failure);
  const rule = ruleFor(facts, policy.rules);
  return [
    `title   ${failure.title}`,
    `group   ${reported === 'ignored' ? `none: the rule "${rule?.name}" ignores it` : reported.fingerprint}`,
    `class   ${classLine(classOf(facts, policy))}`,
    `cause   ${failure.cause}`,
    ...(rule === undefined ? [] : [`rule    ${rule.name}`]),
    'parts   of the group; equal parts make one group',
    ...linesOfParts(groupingOf(facts, policy.rules), '  '),
    ...(facts.exception === undefined
      ? []
      : ['chain   of exceptions; * marks frames of the project', ...linesOfChain(facts.exception, facts, '  ')]),
  ];
}

function classLine({ class: failureClass, by, type = 'the exception' }: ClassResult): string {
  const reasons: Readonly<Record<ClassResult['by'], string>> = {
    rule: 'set by the rule',
    classes: `set for ${type} by "classes" in the configuration`,
    cause: 'follows from the cause of the end',
    name: `follows from the name or the message of ${type}`,
    code: `follows from a code in the message of ${type}`,
    nothing: 'no rule explains the failure, so it needs a person',
  };
  return `${failureClass}: ${reasons[by]}`;
}

function eventOf(text: string, taskName: string | undefined): JsonFields {
  const event = text.trimStart().startsWith('{') ? parsedObject(text) : undefined;
  if (event !== undefined) return taskName === undefined ? event : { ...event, name: taskName };
  if (text.trim() === '') throw new LineError('expected a Python traceback, or an event as JSON, on the input');
  return {
    type: 'task-failed',
    uuid: '00000000-0000-4000-8000-000000000000',
    ...(taskName === undefined ? {} : { name: taskName }),
    exception: 'ExceptionWithTraceback()',
    traceback: text,
  };
}

/** An event, alone or as the field `event` of a line for `--ndjson`. */
function parsedObject(text: string): JsonFields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { event } = value as JsonFields;
    return typeof event === 'object' && event !== null ? (event as JsonFields) : (value as JsonFields);
  } catch {
    return undefined;
  }
}

function linesOfParts(parts: Grouping, indent: string): string[] {
  return parts.flatMap((part) =>
    typeof part === 'string'
      ? [`${indent}${part === '' ? '(nothing)' : part}`]
      : part.length === 0
        ? [`${indent}- nothing`]
        : [`${indent}-`, ...linesOfParts(part, `${indent}  `)],
  );
}

function linesOfChain(exception: ParsedException, facts: FailureFacts, indent: string): string[] {
  const { type, value, frames, exceptions = [], cause, context, isTruncated } = exception;
  const message = value.split('\n', 1)[0] ?? '';
  const linked = cause ?? context;
  return [
    `${indent}${type === '' ? '(the text ends before the exception)' : type}${message === '' ? '' : `: ${message}`}${isTruncated ? ' (cut)' : ''}`,
    ...frames.map((frame) => `${indent}${frameLine(frame, facts)}`),
    ...exceptions.flatMap((member) => [`${indent}  in the group`, ...linesOfChain(member, facts, `${indent}    `)]),
    ...(linked === undefined
      ? []
      : [
          `${indent}${cause === undefined ? 'while handling' : 'caused by'}`,
          ...linesOfChain(linked, facts, `${indent}  `),
        ]),
  ];
}

function frameLine(frame: Frame, { taskName }: FailureFacts): string {
  const repeated = frame.repeat === undefined ? '' : ` (${frame.repeat} more times)`;
  return `${isInApp(frame, taskName) ? '*' : ' '} ${moduleOf(frame, taskName)}:${frame.line ?? '?'} ${frame.function}${repeated}  ${frame.source ?? ''}`.trimEnd();
}
