/** Signals: a rule's condition for one key, with its subject and figures. */
import type { Fingerprint, Hostname, Millis } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { FailureClass } from '../failure/facts.ts';
import type { Cause } from '../lifecycle/transition.ts';
import type { KeyText } from './key.ts';
import type { Severity } from './policy.ts';

/** `failures.new`. A string, since `signals/registry.ts` declares the names and a newer replica may know more of them. */
export type SignalName = string;

/** Subject of a signal. Each list holds at most `namesMax` names, the first ones. */
export interface Subject {
  readonly tasks: readonly string[];
  readonly exceptions: readonly string[];
  readonly hosts: readonly Hostname[];
  readonly pools: readonly string[];
  readonly queues: readonly string[];
  /** One line about the problem. */
  readonly title: Redacted;
  readonly fingerprint: Fingerprint | undefined;
  readonly class: FailureClass | undefined;
  readonly cause: Cause | undefined;
  readonly example: { readonly taskId: string; readonly traceId: string } | undefined;
  /** Ids of the tasks, where the condition consists of single messages. */
  readonly taskIds?: readonly string[];
}

/** Enough names to distinguish one bad worker from a bad release. */
export const namesMax = 20;

/** Adds a name to those of a subject while there is room; the first names are kept. */
export function addName<Name extends string>(names: Set<Name>, name: Name | undefined): void {
  if (name !== undefined && names.size < namesMax) names.add(name);
}

/** Figures of a signal in its own unit: failures, attempts, milliseconds, workers. */
export interface Figures {
  readonly count: number;
  readonly limit: number;
  /** 0 for a level. */
  readonly withinMs: Millis;
  /** Baseline of the key. Undefined without history. */
  readonly baseline: number | undefined;
  /** Number of attempts that `count` is part of. Undefined where attempts do not matter. */
  readonly of: number | undefined;
}

/** Counts by kind, such as `{ SIGKILL: 3, SIGABRT: 1 }`. */
export type Tally = Readonly<Record<string, number>>;

/** Weight of a condition's meaning. 0: some work fails or is late. 1: a pool or queue has no worker. 2: no pool has one. */
export type Gravity = 0 | 1 | 2;

export interface Signal {
  readonly name: SignalName;
  readonly key: KeyText;
  readonly severity: Severity;
  /** `lingers`: below the level that opens, above the one that clears. */
  readonly state: 'holds' | 'lingers';
  /** Start of the condition. */
  readonly firstAt: Millis;
  /** The last time above the level that clears. */
  readonly lastAt: Millis;
  /** The signal clears this long after `lastAt`. */
  readonly clearMs: Millis;
  /** Collection time before the first message; 0 if the condition itself has lasted long enough. */
  readonly waitMs: Millis;
  /** Count since `firstAt`. Undefined for a level. */
  readonly total: number | undefined;
  /** Plural of the events that `total` counts. */
  readonly noun?: string | undefined;
  /** `total` by kind. Undefined where all occurrences are alike. */
  readonly parts?: Tally | undefined;
  /** Absent: 0. */
  readonly gravity?: Gravity;
  /** Failures since the last evaluation that this signal reports. Each failure is reported once, here or by a suppression. */
  readonly failures: number;
  readonly figures: Figures;
  /** The last minutes against those before. */
  readonly trend: Trend;
  readonly subject: Subject;
  /** Text of the exception without its values: equal texts of two tasks mean one problem. */
  readonly causeText: string | undefined;
  /** Release that was rolled out shortly before the start. */
  readonly deploy: DeployMark | undefined;
}

export type Trend = 'rising' | 'steady' | 'falling';

export interface DeployMark {
  readonly version: string;
  readonly at: Millis;
  /** Globs of the pools that it replaced; empty: all. */
  readonly pools: readonly string[];
}

/** Evidence that made no signal, with the reason: an answer to "why was I not notified?". */
export interface SuppressedSignal {
  readonly key: KeyText;
  readonly signal: SignalName;
  readonly reason: SuppressedSignalReason;
  readonly figures: Figures;
  readonly task: string | undefined;
  readonly exception: string | undefined;
  /** Failures that the reason accounts for. */
  readonly failures: number;
}

export type SuppressedSignalReason =
  | 'below-threshold'
  | 'known-rate'
  | 'learning'
  | 'ignored'
  | 'cancelled'
  | 'archived'
  | 'absorbed-by-retry'
  | 'unconfirmed-absence'
  | 'deploy-grace';

/** Result of one evaluation of all signals. */
export interface SignalFindings {
  readonly signals: readonly Signal[];
  readonly suppressed: readonly SuppressedSignal[];
  /** Keys that fired and have cleared. */
  readonly cleared: readonly KeyText[];
  /** Those of `cleared` whose evidence was dropped because of its age: nothing proves that they are over. */
  readonly forgotten?: readonly KeyText[];
  /** Rollouts derived from the names of the workers. */
  readonly deploys: readonly DeployMark[];
}
