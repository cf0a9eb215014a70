/**
 * The noise policy as code reads it: thresholds, routes, and everything that suppresses a notification. `config/` builds it
 * from the file; replay, backtest and tests build their own. Durations are milliseconds. Lists are tried in order.
 */

import { matchesSome } from '../event/glob.ts';
import type { Millis } from '../event/ids.ts';
import type { FailureClass } from '../failure/facts.ts';

export const severities = ['critical', 'high', 'normal'] as const;
export type Severity = (typeof severities)[number];

/** `quiet` doubles the least counts, `sensitive` halves them; factors, shares and times stay. */
export const profiles = ['quiet', 'balanced', 'sensitive'] as const;
export type NoiseProfile = (typeof profiles)[number];

/** Values of one set of thresholds, by the names that its signal declares. */
export interface Terms {
  readonly [name: string]: number | undefined | Terms;
}

/** Terms by the option of their set: `newFailure`. A signal reads its own with `termsOf`. */
export interface Thresholds {
  readonly [option: string]: Terms;
}

/** Policy of the tasks that `match`. The first entry that matches a task applies. */
export interface TaskPolicy {
  /** Globs of task names. */
  readonly match: readonly string[];
  readonly severity: Severity | undefined;
  /** `always`: never notified. Otherwise the name of mute hours. */
  readonly mute: string | undefined;
  /** Globs of exception classes that are counted and never alone a reason to notify. */
  readonly ignore: readonly string[];
  /** False: a second execution does harm, so it is reported. */
  readonly isIdempotent: boolean;
  /** Queue of the tasks, for fleets that do not send task-sent events. */
  readonly queue: string | undefined;
  /** Overrides; an absent value is that of the policy. */
  readonly thresholds: Thresholds;
}

export interface QueuePolicy {
  readonly match: readonly string[];
  readonly thresholds: Thresholds;
}

/** Conditions on the subject of an incident, as globs. An empty list matches everything. */
export interface Matcher {
  readonly tasks: readonly string[];
  /** Exception classes, by their short names. */
  readonly exceptions: readonly string[];
  readonly queues: readonly string[];
  readonly pools: readonly string[];
  /** Signals, or their families: `failures.new`, `failures`. */
  readonly signals: readonly string[];
  readonly classes: readonly FailureClass[];
}

/** Channel of an incident: the first route that matches. */
export interface Route {
  readonly match: Matcher;
  readonly channel: string;
  /** Slack ids by severity. */
  readonly mentions: Readonly<Partial<Record<Severity, readonly string[]>>>;
  /** Name of mute hours. */
  readonly mute: string | undefined;
  /** Channels that receive a link. */
  readonly also: readonly string[];
}

/** Part of the week in the wall-clock time of `timezone`. */
export interface MuteHours {
  readonly name: string;
  /** 0: Sunday. `from` is on the day itself, even if `to` is after midnight. */
  readonly days: readonly number[];
  /** Minutes since midnight. `to <= from`: until the next day. */
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly timezone: string;
  readonly letThrough: readonly Severity[];
  /** Report of the incidents that are still open at the end: one summary, or a line in the digest. */
  readonly atEnd: 'summary' | 'digest';
}

export interface Silence {
  readonly id: string;
  readonly match: Matcher;
  /** Undefined: without end. */
  readonly until: Millis | undefined;
  readonly reason: string;
  readonly by: string;
}

/** A task that is expected to run at certain times. */
export interface ExpectedSchedule {
  readonly name: string;
  readonly task: string;
  /** Shortest time between two runs; graces derive from it. */
  readonly periodMs: Millis;
  /** The first due time later than `at`. */
  readonly dueAfter: (at: Millis) => Millis;
}

/** While an incident for `source` is open, a `target` is shown only if it outlasts the incident. */
export interface Inhibition {
  /** Signals, or their families. */
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** Subjects that both must have in common, all of them. */
  readonly equal: readonly ('task' | 'queue' | 'pool')[];
}

/** Messages that a channel accepts: first messages and reminders. */
export interface Budget {
  readonly burst: number;
  readonly perHour: number;
}

export interface Digest {
  /** Minutes since midnight. Undefined: no digest. */
  readonly at: number | undefined;
  readonly days: readonly number[];
  readonly skipEmpty: boolean;
}

export interface Policy {
  readonly profile: NoiseProfile;
  /** IANA name, for the digest and for mute hours without a zone. */
  readonly timezone: string;
  /** Learning period after the first event: signals that need a baseline are suppressed until it has passed. */
  readonly learningMs: Millis;
  /** Collection time between a signal and the first message. Critical signals do not wait. */
  readonly waitMs: Millis;
  /** Times after the opening, while the incident is not acknowledged. The last step repeats. */
  readonly remindersMs: readonly Millis[];
  readonly resolve: {
    readonly afterMs: Millis;
    /** A resolved incident that fires again within this time reopens in its old message. */
    readonly reopenQuietlyWithinMs: Millis;
    readonly show: 'thread' | 'channel' | 'edit';
  };
  readonly thresholds: Thresholds;
  readonly tasks: readonly TaskPolicy[];
  readonly queues: readonly QueuePolicy[];
  readonly owners: readonly Route[];
  readonly mutes: readonly MuteHours[];
  readonly silences: readonly Silence[];
  readonly schedules: readonly ExpectedSchedule[];
  readonly budgets: { readonly default: Budget; readonly byChannel: Readonly<Record<string, Budget>> };
  readonly digest: Digest;
  readonly inhibit: readonly Inhibition[];
  /** `hosts`: derived from a new ReplicaSet in the names of a pool's workers. `http`: reported by the operator. */
  readonly deploys: { readonly workerGraceMs: Millis; readonly from: readonly ('hosts' | 'http')[] };
  /** Channel messages that one instance may post in an hour while the store is unreachable. */
  readonly degradedPerHour: number;
  /** Differs between different policies, so that replicas detect that they disagree. */
  readonly hash: string;
}

/** The entry that applies to a task. A task of unknown name has none. */
export function taskPolicyOf({ tasks }: Pick<Policy, 'tasks'>, task: string | undefined): TaskPolicy | undefined {
  return task === undefined ? undefined : tasks.find(({ match }) => matchesSome(match, task));
}

/** Thresholds that apply to a task, for the commands that explain a policy. */
export function thresholdsOf(policy: Pick<Policy, 'thresholds' | 'tasks'>, task: string | undefined): Thresholds {
  return withOverrides(policy.thresholds, taskPolicyOf(policy, task)?.thresholds);
}

export function queueThresholdsOf(policy: Pick<Policy, 'thresholds' | 'queues'>, queue: string): Thresholds {
  return withOverrides(policy.thresholds, policy.queues.find(({ match }) => matchesSome(match, queue))?.thresholds);
}

/** `overrides` replace single values of `thresholds`. */
export function withOverrides(thresholds: Thresholds, overrides: Thresholds = {}): Thresholds {
  const merged = Object.entries(overrides).map(([option, terms]) => [option, { ...thresholds[option], ...terms }]);
  return { ...thresholds, ...Object.fromEntries(merged) };
}
