/**
 * The operator's rules for groups, ignored failures and classes. They apply before the built-in rules, and the first rule
 * that matches decides everything it sets.
 */

import { matchesGlob, matchesSome, meetsGlobs } from '../event/glob.ts';
import { shortName } from '../event/python/class-name.ts';
import { chainOf } from './chain.ts';
import type { FailureClass, FailureFacts } from './facts.ts';
import { moduleOf } from './frames.ts';

export interface GroupingRule {
  readonly name: string;
  /** Globs; an empty list matches everything. */
  readonly match: {
    readonly tasks: readonly string[];
    /** Class of the raised exception, with or without its module. */
    readonly exceptions: readonly string[];
    /** All lines of its message. */
    readonly messages: readonly string[];
    /** `module.function` of any frame of any exception in the chain. */
    readonly frames: readonly string[];
  };
  /** Parts of the group: names from `partNames` in braces, and fixed texts. Undefined for the built-in parts. */
  readonly parts: readonly string[] | undefined;
  /** Creates no issue and no alert. Traces and logs of the task are exported. */
  readonly isIgnored: boolean;
  /** Undefined for the built-in class. */
  readonly class: FailureClass | undefined;
}

export interface FailurePolicy {
  readonly rules: readonly GroupingRule[];
  /** Globs of exception classes, applied to each exception of a chain; the first match decides. */
  readonly classes: readonly { readonly exception: string; readonly class: FailureClass }[];
}

export const noPolicy: FailurePolicy = { rules: [], classes: [] };

/** `{default}` stands for all built-in parts; the others are single parts of a failure. */
export const partNames = ['default', 'task', 'exception', 'message', 'codes', 'place', 'path'] as const;
export type PartName = (typeof partNames)[number];

/** A longer message is data; the text that rules match stands at its beginning. */
const messageCharsMax = 2_000;

/** The first rule that matches a failure; undefined if none does. */
export function ruleFor(facts: FailureFacts, rules: readonly GroupingRule[]): GroupingRule | undefined {
  return rules.find(({ match }) => matches(match, facts));
}

function matches({ tasks, exceptions, messages, frames }: GroupingRule['match'], facts: FailureFacts): boolean {
  const { exception, taskName } = facts;
  const type = exception === undefined || exception.type === '' ? facts.type : exception.type;
  const message = type === undefined ? undefined : (exception?.value ?? facts.message).slice(0, messageCharsMax);
  return (
    meetsGlobs(tasks, taskName) &&
    meetsGlobs(messages, message) &&
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

/** The class that the operator configured for exceptions of this type; undefined if none. */
export function classGiven(type: string, classes: FailurePolicy['classes']): FailureClass | undefined {
  return classes.find(({ exception }) => matchesClass(exception, type))?.class;
}
