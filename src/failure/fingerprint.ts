/**
 * Same cause, same fingerprint: over other data, other call depth, shifted lines, other interpreters and install paths.
 * Two defects at one place differ by their failing line or message, two errors of one dependency by their codes.
 */
import { hash } from 'node:crypto';
import type { Fingerprint } from '../event/ids.ts';
import { shortName } from '../event/python/exception.ts';
import type { ParsedException } from '../event/python/traceback.ts';
import type { Cause } from '../lifecycle/transition.ts';
import { chainOf } from './chain.ts';
import { codesOf } from './codes.ts';
import { impliedName, isInApp, moduleOf, type ProjectFrame, projectPath } from './frames.ts';
import { type GroupingRule, type PartName, ruleFor } from './grouping-policy.ts';
import { describesData, templateOf } from './message-template.ts';

/**
 * The ways to compute, newest first. The name is part of the hash: another way gives other fingerprints, never a silent
 * mix of two. When a second one comes, the first stays for a while, so that its groups are found under the new name too.
 */
export const versions: readonly Version[] = [{ name: 'v1', groupingOf }];

export interface Version {
  readonly name: string;
  readonly groupingOf: (facts: FailureFacts, rules: readonly GroupingRule[]) => Grouping;
}

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

/**
 * Twenty characters of base32 for each version, newest first: the fingerprint, and the aliases under which earlier
 * releases of ours know the same failure.
 */
export function fingerprintsOf(
  facts: FailureFacts,
  rules: readonly GroupingRule[] = [],
  known: readonly Version[] = versions,
): readonly [Fingerprint, ...Fingerprint[]] {
  const [fingerprint, ...aliases] = known.map((version) => {
    const parts = `${version.name}\0${JSON.stringify(version.groupingOf(facts, rules))}`;
    return base32(hash('sha256', parts, 'buffer').subarray(0, hashBytes)) as Fingerprint;
  });
  if (fingerprint === undefined) throw new Error('there is no version to compute a fingerprint by');
  return [fingerprint, ...aliases];
}

export function fingerprintOf(facts: FailureFacts, rules: readonly GroupingRule[] = []): Fingerprint {
  return fingerprintsOf(facts, rules)[0];
}

/** The parts of the fingerprint. The group of a failure depends on nothing but itself and the operator's rules. */
export function groupingOf(facts: FailureFacts, rules: readonly GroupingRule[] = []): Grouping {
  const parts = rules.length === 0 ? undefined : ruleFor(facts, rules)?.parts;
  return parts === undefined ? builtInGrouping(facts) : parts.map((part) => partGiven(part, facts));
}

/** A part that a rule names in braces, or the rule's own text. */
function partGiven(part: string, facts: FailureFacts): string | Grouping {
  const { exception, taskName } = facts;
  const places = exception === undefined ? [] : placesOf(deepestPath(exception, taskName));
  const name = /^\{(\w+)\}$/.exec(part)?.[1] as PartName | undefined;
  switch (name) {
    case undefined:
      return part;
    case 'default':
      return builtInGrouping(facts);
    case 'task':
      return taskName ?? '';
    case 'exception':
      return exception === undefined ? shortName(facts.type ?? facts.cause) : classNameOf(exception, taskName);
    case 'message':
      return templateOf(exception?.value ?? facts.message, '');
    case 'codes':
      return [...new Set((exception === undefined ? [] : chainOf(exception)).flatMap(({ value }) => codesOf(value)))];
    case 'place':
      return places.at(-1) ?? '';
    case 'path':
      return places;
    default:
      return name satisfies never;
  }
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

function builtInGrouping(facts: FailureFacts): Grouping {
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
  const entry = exception?.frames.find((frame) => isInApp(frame, undefined));
  return entry === undefined ? undefined : `${moduleOf(entry, undefined)}.${entry.function}`;
}

/**
 * The exception that came out, the one where the project's code was deepest, and the root cause. What a library chained
 * in between depends on pools and retries. Where no code of the project is in sight, the task and the words stand in.
 */
function chainGrouping(exception: ParsedException, taskName: string | undefined): Grouping {
  const chain = chainOf(exception);
  const paths = chain.map((link) => projectPath(link, taskName));
  const deepest = paths.findLastIndex((path) => path.length > 0);
  const root = chain.at(-1) as ParsedException;
  const parts = [...new Set(deepest < 0 ? [0, chain.length - 1] : [0, deepest])].map((index) => {
    const link = chain[index] as ParsedException;
    const path = paths[index] ?? [];
    const said = path.length > 0 ? whatFailed(link, path) : deepest < 0 && index === 0 ? whatItSays(link) : [];
    return partOf(link, path, said, taskName);
  });
  if (deepest < 0) return [taskName ?? '', ...parts];
  // Of a library's own exception below the project's only codes: class and words are its version's affair.
  const codes = deepest === chain.length - 1 ? [] : codesOf(root.value);
  return codes.length === 0 ? parts : [...parts, codes];
}

function partOf(
  exception: ParsedException,
  path: readonly ProjectFrame[],
  said: Grouping,
  taskName: string | undefined,
): Grouping {
  const type = classNameOf(exception, taskName);
  const source = path.at(-1)?.source ?? '';
  return [type, placesOf(path), said, codesOf(exception.value, source), membersOf(exception, taskName)];
}

/** The project's path of the exception in the chain that came from deepest within it. */
function deepestPath(exception: ParsedException, taskName: string | undefined): readonly ProjectFrame[] {
  return (
    chainOf(exception)
      .map((link) => projectPath(link, taskName))
      .findLast((path) => path.length > 0) ?? []
  );
}

function placesOf(path: readonly ProjectFrame[]): readonly string[] {
  return path.map((frame) => `${frame.module}:${frame.function}`);
}

/**
 * The class without its module, which moves from one version of a library to the next, and which a worker loses when it
 * cannot pickle the exception. Then even the class may be a base of the one that the line that raised it still names: any
 * base of a library's own class, and Python's own of the project's.
 */
function classNameOf({ type, frames }: ParsedException, taskName: string | undefined): string {
  const said = renamed[type] ?? shortName(type);
  const last = frames.at(-1);
  if (last === undefined || (type.includes('.') && isInApp(last, taskName))) return said;
  return raisedClass.exec(last.source ?? '')?.[1] ?? said;
}

const raisedClass = /(?:^|: )raise (?:\w+\.)*([A-Z]\w+)\(/;

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

/** Of the hash, a hundred bits: twenty letters and digits. */
const hashBytes = 13;

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
