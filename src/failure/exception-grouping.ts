/** The grouping parts of an exception chain: class, project path, failing line or message, codes and group members. */
import { raisedClassIn, shortName } from '../event/python/class-name.ts';
import type { ParsedException } from '../event/python/parsed-exception.ts';
import { chainOf, describesData } from './chain.ts';
import { codesOf } from './codes.ts';
import { isInApp, type ProjectFrame, projectPath } from './frames.ts';
import { templateOf } from './message-template.ts';
import { statementHead } from './statement-head.ts';

type Part = readonly (string | Part)[];

/**
 * Three exceptions count: the raised one, the last one with project code, and the root cause. The exceptions that a library
 * chains in between depend on pools and retries. Without any project code the task name and the message stand in.
 */
export function chainGrouping(exception: ParsedException, taskName: string | undefined): Part {
  const chain = chainOf(exception);
  const paths = chain.map((link) => projectPath(link, taskName));
  const deepest = paths.findLastIndex((path) => path.length > 0);
  const root = chain.at(-1) as ParsedException;
  const parts = [...new Set(deepest < 0 ? [0, chain.length - 1] : [0, deepest])].map((index) => {
    const link = chain[index] as ParsedException;
    const path = paths[index] ?? [];
    const detail = path.length > 0 ? failingLine(link, path) : deepest < 0 && index === 0 ? messageOf(link) : [];
    return exceptionPart(link, { path, detail, taskName });
  });
  if (deepest < 0) return [taskName ?? '', ...parts];
  // A library exception below the project's code contributes only its codes; its class and words change between releases.
  const codes = deepest === chain.length - 1 ? [] : codesOf(root.value);
  return codes.length === 0 ? parts : [...parts, codes];
}

interface ExceptionPlace {
  readonly path: readonly ProjectFrame[];
  readonly detail: Part;
  readonly taskName: string | undefined;
}

function exceptionPart(exception: ParsedException, { path, detail, taskName }: ExceptionPlace): Part {
  const type = classNameOf(exception, taskName);
  const source = path.at(-1)?.source ?? '';
  return [
    type,
    placesOf(path),
    outerHeads(path),
    detail,
    codesOf(exception.value, source),
    membersOf(exception, taskName),
  ];
}

/** The statements that led to the calling line: one function calls the same helper at several places. */
function outerHeads(path: readonly ProjectFrame[]): readonly string[] {
  return path.slice(0, -2).map(({ source }) => statementHead(source));
}

/** `module:function` of each frame. */
export function placesOf(path: readonly ProjectFrame[]): readonly string[] {
  return path.map((frame) => `${frame.module}:${frame.function}`);
}

/**
 * The class without its module: libraries move classes between modules, and a worker loses the module when it cannot pickle
 * the exception. In that case the reported class may be a base class, while the raising line still names the true one. The
 * line wins for library classes with any base, and for project classes with a base class of Python.
 */
export function classNameOf({ type, frames }: ParsedException, taskName: string | undefined): string {
  const reported = renamedClasses[type] ?? shortName(type);
  const last = frames.at(-1);
  if (last === undefined || (type.includes('.') && isInApp(last, taskName))) return reported;
  return raisedClassIn<string>(last.source ?? '') ?? reported;
}

/** Classes that changed their name between Python versions. */
const renamedClasses: Readonly<Record<string, string>> = {
  're.error': 'PatternError',
  'socket.timeout': 'TimeoutError',
};

/** The distinct members of an exception group. Their number and order are data and do not count. */
function membersOf(exception: ParsedException, taskName: string | undefined): readonly string[] {
  const parts = (exception.exceptions ?? []).map((member) => JSON.stringify(chainGrouping(member, taskName)));
  return [...new Set(parts)].sort();
}

/** A line that builds and raises an exception changes less often than the message it builds. */
const raiseCall = /^(?:(?:if|elif|else|except|case|with|for)\b.*:\s+)?raise\b.*\(.*\)/;
/** `raise DepotError(reason)`: the message was chosen elsewhere, and the line is the same for all messages. */
const raiseOfVariable =
  /^raise\s[\w.]+\((?:f?["']\{?)?(?:\w+\.)*(?:\w+(?:\(\))?\[["'])?(?:\w*_)?(?:message|msg|reason|details?|description|text|why|problem)(?:["']\])?(?:\}?["'])?\)/;

/**
 * The raising line, or the message template with the head of the failing statement; and the line of the caller, because one
 * helper serves many callers.
 */
function failingLine(exception: ParsedException, path: readonly ProjectFrame[]): Part {
  const failing = path.at(-1) as ProjectFrame;
  const caller = path.at(-2);
  const callerLine = caller === undefined ? [] : [withoutExtraSpaces(caller.source)];
  const last = exception.frames.at(-1);
  const isProjectRaise = last !== undefined && last.source === failing.source && last.function === failing.function;
  if (isProjectRaise && raiseCall.test(failing.source) && !raiseOfVariable.test(failing.source)) {
    return [withoutExtraSpaces(failing.source), ...callerLine];
  }
  const head = statementHead(failing.source);
  if (describesData.test(exception.type)) return [head, ...callerLine];
  return [templateOf(exception.value, `${failing.source}\n${caller?.source ?? ''}`), head, ...callerLine];
}

/** The message template of an exception without project frames. A group member that was never raised has only its class. */
function messageOf({ type, value, frames }: ParsedException): Part {
  const last = frames.at(-1);
  return last === undefined || describesData.test(type) ? [] : [templateOf(value, last.source ?? '')];
}

function withoutExtraSpaces(source: string): string {
  return source.replace(/\s+/g, ' ').trim();
}
