/**
 * Rules: which failures are counted together, how many make an incident, and who is told how often. First match wins,
 * like routes; `defaultRules` ends in a rule that takes everything worth telling.
 *
 * Exports: Rule, RuleTerms, RuleMatch, Severity, GroupKey, ruleFor, groupKeyOf, defaultRules, thresholdMax.
 */
import type { Failure } from '../failure/failure.ts';

export type Severity = 'critical' | 'high' | 'normal';

declare const brand: unique symbol;
/** `<rule name>:<fingerprint>`: the failures counted together under one rule. */
export type GroupKey = string & { readonly [brand]: 'GroupKey' };

/** An empty list matches everything. Globs know `*` (any characters) and `?` (exactly one). */
export interface RuleMatch {
  readonly tasks: readonly string[];
  readonly queues: readonly string[];
  readonly causes: readonly (Failure['cause'] | Failure['class'])[];
}

/** What a rule says about a group once it governs it. Kept inside the group's state, so that a changed configuration
 * cannot strand an incident that was already told. */
export interface RuleTerms {
  /** Unique among the rules; part of the group key, so renaming a rule starts its counting anew. */
  readonly name: string;
  /** So many failures within `windowMs` open an incident: 1 .. `thresholdMax`. */
  readonly threshold: number;
  readonly windowMs: number;
  /** How long to collect between the crossing and the first message, so that it tells more than its first line. */
  readonly waitMs: number;
  /** Least time between two things an incident may put into the channel. */
  readonly repeatIntervalMs: number;
  /** So long without a failure, and the incident is resolved. */
  readonly resolveAfterMs: number;
  /** Slack channel: an id, or a name with `#`. */
  readonly channel: string;
  readonly severity: Severity;
  /** Ids to mention when the incident opens: users `U…`/`W…`, groups `S…`. */
  readonly mentions: readonly string[];
}

export interface Rule extends RuleTerms {
  readonly match: RuleMatch;
}

/** More would need more remembered failures per group than `sightingsMax` in decide.ts keeps. */
export const thresholdMax = 500;

const minuteMs = 60_000;

/** The rule that governs `failure`: the first that matches, or undefined when none does. */
export function ruleFor(rules: readonly Rule[], failure: Failure): Rule | undefined {
  return rules.find((rule) => matches(rule.match, failure));
}

export function groupKeyOf(rule: RuleTerms, failure: Failure): GroupKey {
  return `${rule.name}:${failure.fingerprint}` as GroupKey;
}

/**
 * What applies without any configuration: tasks named `critical` are told at their first failure, everything else at
 * three failures in ten minutes. What somebody stopped on purpose (class `cancelled`) matches neither.
 */
export function defaultRules(options: { readonly channel: string; readonly critical?: readonly string[] }): Rule[] {
  const everything: Rule = {
    name: 'default',
    match: { tasks: [], queues: [], causes: ['bug', 'transient', 'resource'] },
    threshold: 3,
    windowMs: 10 * minuteMs,
    waitMs: 20_000,
    repeatIntervalMs: 240 * minuteMs,
    resolveAfterMs: 10 * minuteMs,
    channel: options.channel,
    severity: 'normal',
    mentions: [],
  };
  const tasks = options.critical ?? [];
  if (tasks.length === 0) return [everything];
  const critical: Rule = {
    ...everything,
    name: 'critical',
    match: { ...everything.match, tasks },
    threshold: 1,
    waitMs: 0,
    severity: 'critical',
  };
  return [critical, everything];
}

function matches(match: RuleMatch, failure: Failure): boolean {
  return (
    matchesSome(match.tasks, failure.task.name) &&
    matchesSome(match.queues, failure.task.queue) &&
    (match.causes.length === 0 || match.causes.some((cause) => cause === failure.cause || cause === failure.class))
  );
}

// A task whose name no event told matches only a list that asks for nothing.
function matchesSome(globs: readonly string[], name: string | undefined): boolean {
  if (globs.length === 0) return true;
  return name !== undefined && globs.some((glob) => matchesGlob(glob, name));
}

/** Greedy with one point to return to, so that no pattern takes more than length times length steps. */
function matchesGlob(glob: string, name: string): boolean {
  let g = 0;
  let n = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (n < name.length) {
    if (g < glob.length && glob[g] === '*') {
      starAt = g;
      resumeAt = n;
      g += 1;
    } else if (g < glob.length && (glob[g] === '?' || glob[g] === name[n])) {
      g += 1;
      n += 1;
    } else if (starAt >= 0) {
      g = starAt + 1;
      resumeAt += 1;
      n = resumeAt;
    } else {
      return false;
    }
  }
  while (glob[g] === '*') g += 1;
  return g === glob.length;
}
