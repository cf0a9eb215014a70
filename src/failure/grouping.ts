/**
 * The parts that make two failures one group: independent of data, call depth, shifted lines, interpreter version and
 * installation path. Two defects at one place differ by their failing line or message, two errors of one dependency by
 * their codes.
 */
import { shortName } from '../event/python/class-name.ts';
import type { ParsedException } from '../event/python/parsed-exception.ts';
import type { Cause } from '../lifecycle/transition.ts';
import { chainOf } from './chain.ts';
import { codesOf } from './codes.ts';
import { chainGrouping, classNameOf, placesOf } from './exception-grouping.ts';
import type { FailureFacts } from './facts.ts';
import { impliedName, isInApp, moduleOf, type ProjectFrame, projectPath } from './frames.ts';
import { type GroupingRule, type PartName, ruleFor } from './grouping-policy.ts';
import { templateOf } from './message-template.ts';

/** The readable input of a fingerprint, shown by `taskvigil fingerprint explain`. */
export type Grouping = readonly (string | Grouping)[];

/** Depends on the failure and the operator's rules only, never on earlier failures. */
export function groupingOf(facts: FailureFacts, rules: readonly GroupingRule[] = []): Grouping {
  const parts = rules.length === 0 ? undefined : ruleFor(facts, rules)?.parts;
  return parts === undefined ? defaultGrouping(facts) : parts.map((part) => partOfRule(part, facts));
}

/** The value of `{task}`, `{exception}` … in a rule's `parts`; any other text stands for itself. */
function partOfRule(part: string, facts: FailureFacts): string | Grouping {
  const { exception, taskName } = facts;
  const places = exception === undefined ? [] : placesOf(deepestPath(exception, taskName));
  const name = /^\{(\w+)\}$/.exec(part)?.[1] as PartName | undefined;
  switch (name) {
    case undefined:
      return part;
    case 'default':
      return defaultGrouping(facts);
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

/** Causes without a place in the code: the task name and the signal make the group. */
const placelessCauses: ReadonlySet<Cause> = new Set<Cause>([
  'soft-time-limit',
  'hard-time-limit',
  'worker-lost',
  'unregistered',
  'expired',
  'revoked',
  'terminated',
  'cancelled',
]);

function defaultGrouping(facts: FailureFacts): Grouping {
  const { taskName, cause, signal, type, message, exception } = facts;
  if (placelessCauses.has(cause)) return placelessGrouping(facts);
  if (exception === undefined || exception.type === '') {
    return [cause, taskName ?? '', type ?? '', templateOf(message, ''), ...codesOf(message), signal ?? ''];
  }
  if (cause === 'unencodable' && shortName(exception.type) === 'MaybeEncodingError') return [cause, taskName ?? ''];
  return chainGrouping(exception, taskName ?? impliedName(exception));
}

function placelessGrouping({ cause, taskName, signal, message, exception }: FailureFacts): Grouping {
  // For an unregistered task the name stands in the message only.
  if (cause === 'unregistered') return [cause, taskName ?? message];
  return [cause, taskName ?? entryPoint(exception) ?? '', signal ?? codesOf(message)[0] ?? ''];
}

/** Module and function of the task, taken from the first project frame. For most tasks this equals the task name. */
function entryPoint(exception: ParsedException | undefined): string | undefined {
  const entry = exception?.frames.find((frame) => isInApp(frame, undefined));
  return entry === undefined ? undefined : `${moduleOf(entry, undefined)}.${entry.function}`;
}

/** Project path of the last exception in the chain that has one. */
function deepestPath(exception: ParsedException, taskName: string | undefined): readonly ProjectFrame[] {
  return (
    chainOf(exception)
      .map((link) => projectPath(link, taskName))
      .findLast((path) => path.length > 0) ?? []
  );
}
