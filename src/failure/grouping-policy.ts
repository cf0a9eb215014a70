/**
 * What the operator knows better: which failures are one group, which are none, and which class an exception has. Asked
 * before everything that is built in; the first rule that matches governs, for all that it says.
 */

import { matchesGlob, matchesSome } from '../event/glob.ts';
import { shortName } from '../event/python/exception.ts';
import { chainOf } from './chain.ts';
import type { FailureClass, FailureFacts } from './facts.ts';
import { moduleOf } from './frames.ts';

export interface GroupingRule {
  readonly name: string;
  /** Globs; an empty list asks for nothing. */
  readonly match: {
    readonly tasks: readonly string[];
    /** The class of the exception that came out, with its module or without. */
    readonly exceptions: readonly string[];
    /** Its message with all its lines. */
    readonly messages: readonly string[];
    /** `module.function` of any frame of any exception of the chain. */
    readonly frames: readonly string[];
  };
  /** What the group is made of: parts in braces, out of `partNames`, and texts of the operator's own. undefined: as built in. */
  readonly parts: readonly string[] | undefined;
  /** No failure worth telling: no issue, no alert. The traces and logs of the task stay. */
  readonly isIgnored: boolean;
  /** undefined: as built in. */
  readonly class: FailureClass | undefined;
}

export interface FailurePolicy {
  readonly rules: readonly GroupingRule[];
  /** Globs of classes of exceptions, asked at each exception of a chain; the first that matches decides. */
  readonly classes: readonly { readonly exception: string; readonly class: FailureClass }[];
}

export const noPolicy: FailurePolicy = { rules: [], classes: [] };

/** `{default}` is the whole of what is built in; the others are single parts of a failure. */
export const partNames = ['default', 'task', 'exception', 'message', 'codes', 'place', 'path'] as const;
export type PartName = (typeof partNames)[number];

/** A longer message is data; what a rule is about stands at its beginning. */
const messageCharsMax = 2_000;

/** The rule that governs a failure, or undefined when none matches. */
export function ruleFor(facts: FailureFacts, rules: readonly GroupingRule[]): GroupingRule | undefined {
  return rules.find(({ match }) => matches(match, facts));
}

function matches({ tasks, exceptions, messages, frames }: GroupingRule['match'], facts: FailureFacts): boolean {
  const { exception, taskName } = facts;
  const type = exception === undefined || exception.type === '' ? facts.type : exception.type;
  const message = type === undefined ? undefined : (exception?.value ?? facts.message).slice(0, messageCharsMax);
  return (
    matchesSome(tasks, taskName) &&
    matchesSome(messages, message) &&
    (exceptions.length === 0 || (type !== undefined && exceptions.some((glob) => matchesClass(glob, type)))) &&
    (frames.length === 0 || hasFrame(facts, frames))
  );
}

function hasFrame({ exception, taskName }: FailureFacts, globs: readonly string[]): boolean {
  if (exception === undefined) return false;
  const names = chainOf(exception).flatMap(({ frames }) =>
    frames.map((frame) => `${moduleOf(frame, taskName)}.${frame.function}`),
  );
  return names.some((name) => matchesSome(globs, name));
}

function matchesClass(glob: string, type: string): boolean {
  return matchesGlob(glob, type) || matchesGlob(glob, shortName(type));
}

/** The class that the operator gives to exceptions of this type, or undefined. */
export function classGiven(type: string, classes: FailurePolicy['classes']): FailureClass | undefined {
  return classes.find(({ exception }) => matchesClass(exception, type))?.class;
}
