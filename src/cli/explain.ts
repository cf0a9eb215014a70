/** taskvigil fingerprint explain: how one failure was read, what its group is made of, and where its class comes from. */
import type { Frame, ParsedException } from '../event/python/parsed-exception.ts';
import { type ClassResult, classOf } from '../failure/class.ts';
import type { FailureFacts } from '../failure/facts.ts';
import { factsOf } from '../failure/facts.ts';
import type { Failure } from '../failure/failure.ts';
import { isInApp, moduleOf } from '../failure/frames.ts';
import { type Grouping, groupingOf } from '../failure/grouping.ts';
import { type FailurePolicy, ruleFor } from '../failure/grouping-policy.ts';
import { createFailureReader, type FingerprintOptions } from './fingerprint.ts';
import { blocksOf, type JsonFields, LineError, type Streams } from './lines.ts';

const tracebackCharsMax = 1024 * 1024;

/** One traceback, or one event as JSON, on the input → its group, and what the group is made of. */
export async function explainCommand(
  { input, write, complain }: Streams,
  options: FingerprintOptions,
  taskName: string | undefined,
): Promise<number> {
  let text = '';
  for await (const block of blocksOf(input, tracebackCharsMax)) text += text.length < tracebackCharsMax ? block : '';
  try {
    // A rule that ignores it still explains it: read without rules, then asked.
    const failure = createFailureReader({ ...options, failures: { ...options.failures, rules: [] } })(
      eventOf(text, taskName),
    );
    if (failure === 'ignored') throw new LineError('expected a failure');
    const group = createFailureReader(options)(eventOf(text, taskName));
    await write(`${linesOf(failure, group, options.failures).join('\n')}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    complain(error.message);
    return 1;
  }
}

function linesOf(failure: Failure, told: Failure | 'ignored', policy: FailurePolicy): string[] {
  const facts = factsOf(failure);
  const rule = ruleFor(facts, policy.rules);
  return [
    `title   ${failure.title}`,
    `group   ${told === 'ignored' ? `none: the rule "${rule?.name}" ignores it` : told.fingerprint}`,
    `class   ${classLine(classOf(facts, policy))}`,
    `cause   ${failure.cause}`,
    ...(rule === undefined ? [] : [`rule    ${rule.name}`]),
    'parts   what the group is made of; equal parts, equal group',
    ...linesOfParts(groupingOf(facts, policy.rules), '  '),
    ...(facts.exception === undefined
      ? []
      : ['chain   as it was read; * marks frames of the project', ...linesOfChain(facts.exception, facts, '  ')]),
  ];
}

function classLine({ class: failureClass, by, type = 'the exception' }: ClassResult): string {
  const why: Readonly<Record<ClassResult['by'], string>> = {
    rule: 'the rule says so',
    classes: `classes in the configuration says so of ${type}`,
    cause: 'what ended the task says so',
    name: `the name or the words of ${type} say so`,
    code: `a code in the message of ${type} says so`,
    nothing: 'nothing in it is known to pass by itself',
  };
  return `${failureClass}: ${why[by]}`;
}

function eventOf(text: string, taskName: string | undefined): JsonFields {
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

/** An event, alone or as the `event` of a line for `--ndjson`. */
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
