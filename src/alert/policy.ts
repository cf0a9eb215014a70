/**
 * The noise policy as code reads it: what makes a signal, who is told where, and what is held back. `config/` makes it from
 * the file; replay, backtest and tests make their own. Every duration in milliseconds, every list tried in order.
 */

import { matchesSome } from '../event/glob.ts';
import type { Millis } from '../event/ids.ts';
import type { FailureClass } from '../failure/facts.ts';

export type Severity = 'critical' | 'high' | 'normal';

/** `quiet` doubles the least counts, `sensitive` halves them; the factors stay as they are. */
export type NoiseProfile = 'quiet' | 'balanced' | 'sensitive';

/** When each signal holds. `min` and the like are counts, `share`, `over` and `clear` shares of 1. */
export interface Thresholds {
  /** A cause that is not usual: so many within the window, and such a share of the task's runs. */
  readonly newFailure: {
    readonly min: number;
    readonly withinMs: Millis;
    readonly share: number;
    /** So long after a deploy of its pool fewer are enough. */
    readonly afterDeploy: { readonly min: number; readonly forMs: Millis };
  };
  /** A cause that is usual: at least `min`, and more than `factor` times what chance makes of its usual rate. */
  readonly surge: { readonly min: number; readonly factor: number; readonly withinMs: Millis };
  /** All failures of a task, whatever their cause. */
  readonly failureRate: {
    readonly over: number;
    readonly ofAtLeast: number;
    readonly withinMs: Millis;
    readonly clear: number;
    /** And so many times the task's usual share. */
    readonly factor: number;
  };
  /** Retries for one cause: such a share of the runs, so many in each of `periods` periods on end. */
  readonly retryStorm: {
    readonly over: number;
    readonly atLeast: number;
    readonly periods: number;
    readonly periodMs: Millis;
  };
  /** Runs that died with their process, in one pool. */
  readonly lost: { readonly min: number; readonly withinMs: Millis };
  readonly stuck: {
    /** So many times the run time that 99 of 100 stay below, and never sooner than `floorMs`. */
    readonly p99Factor: number;
    readonly floorMs: Millis;
    /** An explicit limit in place of both. */
    readonly overMs: Millis | undefined;
  };
  /** The longest waiting task of a queue. */
  readonly queueWait: { readonly overMs: Millis; readonly forMs: Millis };
  readonly workerShort: { readonly forMs: Millis };
  readonly crashLoop: { readonly times: number; readonly withinMs: Millis };
  readonly schedule: { readonly graceMs: Millis; readonly graceShare: number };
  /** Nothing heard at all for so long, and for two and a half heartbeats, while workers were alive. */
  readonly blind: { readonly afterMs: Millis };
}

type Overrides = { readonly [Name in keyof Thresholds]?: Partial<Thresholds[Name]> };

/** What is so about some tasks. The first entry that matches a task governs it. */
export interface TaskPolicy {
  /** Globs of task names. */
  readonly match: readonly string[];
  readonly severity: Severity | undefined;
  /** `always`: never told. Else the name of mute hours. */
  readonly mute: string | undefined;
  /** Globs of exception classes that are counted and never alone a reason to tell. */
  readonly ignore: readonly string[];
  /** false: running twice does harm, so one such run is told. */
  readonly isIdempotent: boolean;
  /** Where its messages wait, for fleets that do not send task-sent events. */
  readonly queue: string | undefined;
  readonly thresholds: Overrides;
}

export interface QueuePolicy {
  readonly match: readonly string[];
  readonly queueWait: Partial<Thresholds['queueWait']>;
}

/** What an incident is about, to be matched by globs. An empty list matches everything. */
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

/** Where an incident lives: the first owner that matches. */
export interface Route {
  readonly match: Matcher;
  readonly channel: string;
  /** Slack ids by severity. */
  readonly mentions: Readonly<Partial<Record<Severity, readonly string[]>>>;
  /** Name of mute hours. */
  readonly mute: string | undefined;
  /** Channels that get a link to it. */
  readonly also: readonly string[];
}

/** A part of the week, by the clock on the wall of `timezone`. */
export interface MuteHours {
  readonly name: string;
  /** 0: Sunday. `from` belongs to the day named, also when `to` is past midnight. */
  readonly days: readonly number[];
  /** Minutes since midnight. `to <= from`: until the next day. */
  readonly from: number;
  readonly to: number;
  /** An IANA name. */
  readonly timezone: string;
  readonly letThrough: readonly Severity[];
  /** What becomes of what is still open when they end: one summary, or a line in the digest. */
  readonly atEnd: 'summary' | 'digest';
}

export interface Silence {
  readonly id: string;
  readonly match: Matcher;
  /** undefined: for ever. */
  readonly until: Millis | undefined;
  readonly reason: string;
  readonly by: string;
}

/** A run that is expected: every `everyMs` from `offset` on, or whenever `dueAfter` says. */
export interface ExpectedSchedule {
  readonly name: string;
  readonly task: string;
  /** Between two runs, for graces and for what counts as frequent. */
  readonly periodMs: Millis;
  /** The first time due that is later than `at`. */
  readonly dueAfter: (at: Millis) => Millis;
}

/** What one trouble explains: while an incident for `source` is open, a `target` is told only if it outlives it. */
export interface Inhibition {
  /** Signals, or their families. */
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** What both must have in common, every one of it. */
  readonly equal: readonly ('task' | 'queue' | 'pool')[];
}

/** Messages that a channel takes: roots and reminders. */
export interface Budget {
  readonly burst: number;
  readonly perHour: number;
}

export interface Digest {
  /** Minutes since midnight; undefined: none. */
  readonly at: number | undefined;
  readonly days: readonly number[];
  readonly skipEmpty: boolean;
}

export interface Policy {
  readonly profile: NoiseProfile;
  /** An IANA name: of the digest, and of mute hours without one. */
  readonly timezone: string;
  /** So long after the first event ever only what needs no history may be told. */
  readonly learningMs: Millis;
  /** Collected between a signal and the first message. Critical ones do not wait. */
  readonly waitMs: Millis;
  /** After the opening, while nobody acknowledged; the last step repeats. */
  readonly remindersMs: readonly Millis[];
  readonly resolve: {
    readonly afterMs: Millis;
    /** So long after it is resolved it comes back in its old message. */
    readonly reopenQuietlyWithinMs: Millis;
    /** How its end is shown. */
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
  /** `hosts`: a pool's workers come up with another ReplicaSet in their names. `http`: somebody tells us. */
  readonly deploys: { readonly workerGraceMs: Millis; readonly from: readonly ('hosts' | 'http')[] };
  /** Channel messages that one instance may post in an hour while the store is away. */
  readonly degradedPerHour: number;
  /** Changes with every change of the policy: instances with different ones say so. */
  readonly hash: string;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

export const balancedThresholds: Thresholds = {
  newFailure: { min: 3, withinMs: 10 * minute, share: 0.03, afterDeploy: { min: 2, forMs: 15 * minute } },
  surge: { min: 8, factor: 4, withinMs: 10 * minute },
  failureRate: { over: 0.2, ofAtLeast: 20, withinMs: 5 * minute, clear: 0.1, factor: 4 },
  retryStorm: { over: 0.4, atLeast: 5, periods: 3, periodMs: 30 * second },
  lost: { min: 2, withinMs: 10 * minute },
  stuck: { p99Factor: 4, floorMs: 5 * minute, overMs: undefined },
  queueWait: { overMs: 2 * minute, forMs: 3 * minute },
  workerShort: { forMs: 90 * second },
  crashLoop: { times: 3, withinMs: 15 * minute },
  schedule: { graceMs: 2 * minute, graceShare: 0.1 },
  blind: { afterMs: 20 * second },
};

export const defaultInhibitions: readonly Inhibition[] = [
  // Only absence shows them, and who does not hear knows nothing of absence.
  { source: ['self.blind'], target: ['worker', 'stuck', 'latency', 'schedule'], equal: [] },
  { source: ['worker'], target: ['stuck', 'latency'], equal: ['pool'] },
  // What is due waits in the same queue as everything else.
  { source: ['stuck', 'latency'], target: ['schedule'], equal: ['queue'] },
];

const everything: Matcher = { tasks: [], exceptions: [], queues: [], pools: [], signals: [], classes: [] };

/** What applies without configuration. `channel` is where everything goes. */
export function defaultPolicy(channel: string, profile: NoiseProfile = 'balanced'): Policy {
  return {
    profile,
    timezone: 'UTC',
    learningMs: hour,
    waitMs: 20 * second,
    remindersMs: [4 * hour, 24 * hour],
    resolve: { afterMs: 10 * minute, reopenQuietlyWithinMs: hour, show: 'thread' },
    thresholds: scaled(balancedThresholds, profile),
    tasks: [],
    queues: [],
    owners: [{ match: everything, channel, mentions: {}, mute: undefined, also: [] }],
    mutes: [],
    silences: [],
    schedules: [],
    budgets: { default: { burst: 5, perHour: 20 }, byChannel: {} },
    digest: { at: 9 * 60, days: [1, 2, 3, 4, 5], skipEmpty: true },
    inhibit: defaultInhibitions,
    deploys: { workerGraceMs: 3 * minute, from: ['hosts', 'http'] },
    degradedPerHour: 10,
    hash: 'default',
  };
}

/** The least counts of a profile. What needs one already needs one in every profile. */
export function scaled(thresholds: Thresholds, profile: NoiseProfile): Thresholds {
  const factor = { quiet: 2, balanced: 1, sensitive: 0.5 }[profile];
  const least = (count: number): number => Math.max(1, Math.ceil(count * factor));
  const { newFailure, surge, failureRate, retryStorm, lost, crashLoop } = thresholds;
  return {
    ...thresholds,
    newFailure: {
      ...newFailure,
      min: least(newFailure.min),
      afterDeploy: { ...newFailure.afterDeploy, min: least(newFailure.afterDeploy.min) },
    },
    surge: { ...surge, min: least(surge.min) },
    failureRate: { ...failureRate, ofAtLeast: least(failureRate.ofAtLeast) },
    retryStorm: { ...retryStorm, atLeast: least(retryStorm.atLeast) },
    lost: { ...lost, min: least(lost.min) },
    crashLoop: { ...crashLoop, times: Math.max(2, least(crashLoop.times)) },
  };
}

/** The entry that governs a task; a task of unknown name is governed by none. */
export function taskPolicyOf(policy: Policy, task: string | undefined): TaskPolicy | undefined {
  return task === undefined ? undefined : policy.tasks.find(({ match }) => matchesSome(match, task));
}

export function thresholdsOf(policy: Policy, task: string | undefined): Thresholds {
  const overrides = taskPolicyOf(policy, task)?.thresholds;
  if (overrides === undefined) return policy.thresholds;
  const merged: Record<string, unknown> = { ...policy.thresholds };
  for (const [name, values] of Object.entries(overrides)) {
    merged[name] = { ...policy.thresholds[name as keyof Thresholds], ...values };
  }
  return merged as unknown as Thresholds;
}

export function queueWaitOf(policy: Policy, queue: string): Thresholds['queueWait'] {
  const own = policy.queues.find(({ match }) => matchesSome(match, queue));
  return { ...policy.thresholds.queueWait, ...own?.queueWait };
}
