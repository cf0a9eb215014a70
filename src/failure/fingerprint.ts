/**
 * Same cause, same fingerprint: over other data, other call depth, shifted lines, other interpreters and install paths.
 * Two defects at one place differ by their failing line or message, two errors of one dependency by their codes.
 */
import { createHash } from 'node:crypto';
import { shortName } from '../event/exception.ts';
import type { Fingerprint } from '../event/ids.ts';
import type { ParsedException } from '../event/python-traceback.ts';
import type { Cause } from '../lifecycle/transition.ts';
import { impliedName, isInApp, type ProjectFrame, projectPath } from './frames.ts';
import { codesOf, describesData, templateOf } from './message-template.ts';

/** Part of the hash: another way to compute gives other fingerprints, never a silent mix of two. */
const version = 'v1';

export interface FailureFacts {
  readonly taskName: string | undefined;
  readonly cause: Cause;
  readonly signal: string | undefined;
  /** Type and message when there is no traceback. */
  readonly type: string | undefined;
  readonly message: string;
  readonly exception: ParsedException | undefined;
}

/** What a fingerprint is made of, in plain words: the answer to "why are these one group?". */
export type Grouping = readonly (string | Grouping)[];

/** Twenty characters of base32. */
export function fingerprintOf(facts: FailureFacts): Fingerprint {
  const hash = createHash('sha256').update(`${version}\0${JSON.stringify(groupingOf(facts))}`);
  return base32(hash.digest()).slice(0, 20) as Fingerprint;
}

/** Causes that say nothing of a place in the code: the task is all there is to group by. */
const placeless: ReadonlySet<Cause> = new Set<Cause>([
  'soft-time-limit',
  'hard-time-limit',
  'worker-lost',
  'unregistered',
  'expired',
  'revoked',
  'terminated',
  'cancelled',
]);

/** The parts of the fingerprint. The group of a failure depends on nothing but itself. */
export function groupingOf(facts: FailureFacts): Grouping {
  const { taskName, cause, signal, type, message, exception } = facts;
  if (placeless.has(cause)) return placelessGrouping(facts);
  if (exception === undefined || exception.type === '') {
    return [cause, taskName ?? '', type ?? '', templateOf(message, ''), ...codesOf(message), signal ?? ''];
  }
  if (cause === 'unencodable' && shortName(exception.type) === 'MaybeEncodingError') return [cause, taskName ?? ''];
  return chainGrouping(exception, taskName ?? impliedName(exception));
}

function placelessGrouping({ cause, taskName, signal, message, exception }: FailureFacts): Grouping {
  // A worker that does not know the task told no name but in the message.
  if (cause === 'unregistered') return [cause, taskName ?? message];
  return [cause, taskName ?? entryPoint(exception) ?? '', signal ?? codesOf(message)[0] ?? ''];
}

/** The task's function by its place, which for most tasks is also their name. */
function entryPoint(exception: ParsedException | undefined): string | undefined {
  const entry = exception === undefined ? undefined : projectPath(exception, undefined)[0];
  return entry === undefined ? undefined : `${entry.module}.${entry.function}`;
}

/**
 * The exception that came out, the one where the project's code was deepest, and the root cause. What a library chained
 * in between depends on pools and retries. Where no code of the project is in sight, the task and the words stand in.
 */
function chainGrouping(exception: ParsedException, taskName: string | undefined): Grouping {
  const chain = chainOf(exception);
  const paths = chain.map((link) => projectPath(link, taskName));
  const deepest = paths.findLastIndex((path) => path.length > 0);
  const told = [...new Set([0, Math.max(deepest, 0), chain.length - 1])];
  const parts = told.map((index) => {
    const link = chain[index] as ParsedException;
    const path = paths[index] ?? [];
    // Of a library's own exception below the project's only class and codes: its words are its version's affair.
    const said = path.length > 0 ? whatFailed(link, path) : deepest < 0 && index === 0 ? whatItSays(link) : [];
    return partOf(link, path, said, taskName);
  });
  return deepest < 0 ? [taskName ?? '', ...parts] : parts;
}

/**
 * From the exception that came out to its root cause. An exception that was merely being handled when another one
 * happened by itself is not its cause: only a `raise` in the handler means to replace it.
 */
export function chainOf(exception: ParsedException): readonly ParsedException[] {
  const chain: ParsedException[] = [];
  for (let link: ParsedException | undefined = exception; link !== undefined; ) {
    chain.push(link);
    link = link.cause ?? (link.context !== undefined && replaces(link, link.context) ? link.context : undefined);
  }
  return chain;
}

/** What the interpreter raises by itself when code is wrong, if no source line tells. */
const selfMade = /^(?:Attribute|Index|Key|Name|Type|UnboundLocal|ZeroDivision)Error$/;
/** What code of others raises on purpose, about the values that it was given. */
const aboutValues =
  /^(?:Assertion|Lookup|Overflow|Unicode\w*|Value|NotImplemented|Import|ModuleNotFound|Attribute|Index|Key|Name|Type)Error$/;

/** `raise`, and the functions that libraries of two Pythons have for it: `six.reraise(`, `compat.raise_(`. */
const raising = /^(?:raise\b|(?:\w+\.)*(?:re)?raise_?\w*\()/;

function replaces({ type, frames }: ParsedException, handled: ParsedException): boolean {
  const last = frames.at(-1);
  if (last?.source === undefined) return !selfMade.test(type);
  if (!raising.test(last.source)) return false;
  // The traceback of what was handled begins in the function that caught it. A complaint about values that comes from
  // deeper down is the accident of a call that the handler made.
  const catcher = handled.frames[0];
  const isCatcher = catcher === undefined || (catcher.function === last.function && catcher.file === last.file);
  return isCatcher || !(aboutValues.test(type) || describesData.test(type));
}

function partOf(
  exception: ParsedException,
  path: readonly ProjectFrame[],
  said: Grouping,
  taskName: string | undefined,
): Grouping {
  const type = classNameOf(exception, taskName);
  const places = path.map((frame) => `${frame.module}:${frame.function}`);
  const raising = path.at(-1)?.source ?? '';
  return [type, places, said, codesOf(exception.value, raising), membersOf(exception, taskName)];
}

/**
 * The class without its module, which moves from one version of a library to the next, and which a worker loses when it
 * cannot pickle the exception. Then even the class may be a base of the one that the library's line still names.
 */
function classNameOf(exception: ParsedException, taskName: string | undefined): string {
  const said = renamed[exception.type] ?? shortName(exception.type);
  const last = exception.frames.at(-1);
  if (last === undefined || isInApp(last, taskName)) return said;
  return /^raise (?:\w+\.)*([A-Z]\w+)\(/.exec(last.source ?? '')?.[1] ?? said;
}

/** Classes that changed their name between Python versions. */
const renamed: Readonly<Record<string, string>> = {
  're.error': 'PatternError',
  'socket.timeout': 'TimeoutError',
};

/** A group is the set of what happened in it: how often and in which order is data. */
function membersOf(exception: ParsedException, taskName: string | undefined): readonly string[] {
  const parts = (exception.exceptions ?? []).map((member) => JSON.stringify(chainGrouping(member, taskName)));
  return [...new Set(parts)].sort();
}

/** A `raise` that builds its exception tells more steadily what is wrong than the message it builds. */
const raises = /^(?:(?:if|elif|else|except|case|with|for)\b.*:\s+)?raise\b.*\(.*\)/;
/** `raise DepotError(reason)`: the words were chosen elsewhere, and the line is the same for all of them. */
const raisesWords = /^raise\s[\w.]+\((?:\w+\.)*(?:message|msg|reason|detail|details|description|text)\)/;

/** What is wrong at the end of the project's path, and from which line it was called: helpers serve many. */
function whatFailed(exception: ParsedException, path: readonly ProjectFrame[]): Grouping {
  const failing = path.at(-1) as ProjectFrame;
  const caller = path.at(-2);
  const callerLine = caller === undefined ? [] : [folded(caller.source)];
  const last = exception.frames.at(-1);
  const isOurs = last !== undefined && last.source === failing.source && last.function === failing.function;
  if (isOurs && raises.test(failing.source) && !raisesWords.test(failing.source)) {
    return [folded(failing.source), ...callerLine];
  }
  if (describesData.test(exception.type)) return callerLine;
  return [templateOf(exception.value, `${failing.source}\n${caller?.source ?? ''}`), ...callerLine];
}

/** An exception that was never raised, a member of a group, says what it was given: only its class is steady. */
function whatItSays({ type, value, frames }: ParsedException): Grouping {
  const last = frames.at(-1);
  return last === undefined || describesData.test(type) ? [] : [templateOf(value, last.source ?? '')];
}

function folded(source: string): string {
  return source.replace(/\s+/g, ' ').trim();
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >> bits) & 31];
    }
    held &= 31;
  }
  return text;
}
