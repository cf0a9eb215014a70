/** A condition that holds for one key: a cause, a task, a pool, a queue, a schedule, or our own hearing. */
import type { Fingerprint, Hostname, Millis } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { FailureClass } from '../failure/facts.ts';
import type { Cause } from '../lifecycle/transition.ts';
import type { KeyText } from './key.ts';
import type { Severity } from './policy.ts';

export type SignalName =
  | 'failures.new'
  | 'failures.critical'
  | 'failures.surge'
  | 'failures.ratio'
  | 'failures.regressed'
  | 'failures.escalated'
  | 'retries.storm'
  | 'lost'
  | 'redelivery'
  | 'run-twice'
  | 'worker.short'
  | 'worker.crash-loop'
  | 'stuck'
  | 'latency'
  | 'schedule.missed'
  | 'self.blind';

/** `failures.new` → `failures`. */
export type SignalFamily =
  | 'failures'
  | 'retries'
  | 'lost'
  | 'redelivery'
  | 'run-twice'
  | 'worker'
  | 'stuck'
  | 'latency'
  | 'schedule'
  | 'self';

export function familyOf(name: SignalName): SignalFamily {
  return name.split('.')[0] as SignalFamily;
}

/** What it is about. Lists are bounded by `namesMax`, the first seen first. */
export interface Subject {
  readonly tasks: readonly string[];
  readonly exceptions: readonly string[];
  readonly hosts: readonly Hostname[];
  readonly pools: readonly string[];
  readonly queues: readonly string[];
  /** One line that says what is wrong. */
  readonly title: Redacted;
  readonly fingerprint: Fingerprint | undefined;
  readonly class: FailureClass | undefined;
  readonly cause: Cause | undefined;
  readonly example: { readonly taskId: string; readonly traceId: string } | undefined;
}

/** Enough to tell one bad worker from a bad release. */
export const namesMax = 20;

/** The figures behind a signal, in its own units: failures, runs, milliseconds, workers. */
export interface Figures {
  readonly count: number;
  readonly limit: number;
  /** 0 where the figure is a level and no count. */
  readonly withinMs: Millis;
  /** What is usual for this key; undefined when nothing is. */
  readonly baseline: number | undefined;
  /** Of how many runs; undefined where runs do not matter. */
  readonly of: number | undefined;
}

export interface Signal {
  readonly name: SignalName;
  readonly key: KeyText;
  readonly severity: Severity;
  /** `lingers`: no longer above the level that opens, not yet below the one that clears. */
  readonly state: 'holds' | 'lingers';
  /** When what it is about began. */
  readonly firstAt: Millis;
  /** The last time it was above the level that clears. */
  readonly lastAt: Millis;
  /** So long after `lastAt` it is over. */
  readonly clearMs: Millis;
  /** Collected before it is told; its own condition may have waited long enough. */
  readonly waitMs: Millis;
  /** How often what it counts has happened since `firstAt`; undefined for a level. */
  readonly total: number | undefined;
  /** Failures since the last look that it speaks of: each failure is spoken of once, by one signal or by what was held back. */
  readonly failures: number;
  readonly figures: Figures;
  /** Is it getting worse? The last minutes against those before. */
  readonly trend: Trend;
  readonly subject: Subject;
  /** The same words on another task are the same trouble; undefined where words say nothing. */
  readonly causeText: string | undefined;
  /** The release that it began after, if one had just been rolled out. */
  readonly deploy: DeployMark | undefined;
}

export type Trend = 'rising' | 'steady' | 'falling';

export interface DeployMark {
  readonly version: string;
  readonly at: Millis;
  /** Globs of the pools it replaced; empty: all. */
  readonly pools: readonly string[];
}

/** Evidence that made no signal, and why: the answer to "why did I not hear of it?". */
export interface SuppressedSignal {
  readonly key: KeyText;
  readonly signal: SignalName;
  readonly reason: SuppressedSignalReason;
  readonly figures: Figures;
  readonly task: string | undefined;
  readonly exception: string | undefined;
  /** Failures it speaks of. */
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
