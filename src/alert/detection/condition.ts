/** Results of an evaluation: a condition that a signal found for a key, or evidence that is not enough, with the reason. */
import type { Millis } from '../../event/ids.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { CauseMark } from '../incident.ts';
import { type KeyKind, keyText, type SignalKey } from '../key.ts';
import { type Policy, type Severity, taskPolicyOf } from '../policy.ts';
import type { DeployMark, Figures, Signal, Subject, SuppressedSignalReason, Tally } from '../signal.ts';

export interface Condition
  extends Omit<Signal, 'name' | 'key' | 'severity' | 'state' | 'firstAt' | 'lastAt' | 'total' | 'noun' | 'parts'> {
  readonly key: SignalKey;
  /** Undefined: the severity that the signal declares. */
  readonly severity: Severity | undefined;
  readonly level: 'holds' | 'lingers' | 'clear';
  /** Start time to record if the signal fires in this evaluation. */
  readonly firstAt: Millis;
  /** The counter now and at `firstAt`. Undefined for a level. */
  readonly counter: Counter | undefined;
  /** The last time above the level that clears; the time of the evaluation for a level. */
  readonly lastAt: Millis;
  /** True if the level is clear because the evidence was dropped for its age. */
  readonly isForgotten?: boolean;
}

/** A count that only rises while this process runs. */
export interface Counter {
  readonly now: number;
  readonly atFirst: number;
  /** The same counts by kind. */
  readonly parts?: { readonly now: Tally; readonly atFirst: Tally };
}

/** Evidence that did not become a signal. */
export interface Suppression {
  readonly key: SignalKey;
  readonly reason: SuppressedSignalReason;
  readonly figures: Figures;
  readonly subject: Pick<Subject, 'tasks' | 'exceptions'>;
  /** Failures that the reason accounts for. */
  readonly failures: number;
}

export type Finding = Condition | Suppression;

export function isSuppression(finding: Finding): finding is Suppression {
  return 'reason' in finding;
}

/** Input of every detector. Detectors read and do not change it. */
export interface Evaluation {
  readonly evidence: Evidence;
  readonly policy: Policy;
  readonly now: Millis;
  readonly marks: readonly CauseMark[];
  readonly deploys: readonly DeployMark[];
  readonly episodes: OpenKeys;
  /** Silence of the fleet beyond which events are missing; Infinity if too few workers are online to decide. */
  readonly silenceLimitMs: Millis;
}

/** Keys of signals that fire or have not cleared. */
export interface OpenKeys {
  has(key: SignalKey): boolean;
  of<Kind extends KeyKind>(kind: Kind, condition?: string): Extract<SignalKey, { readonly kind: Kind }>[];
}

/** A subject without names. */
export const emptySubject: Omit<Subject, 'title'> = {
  tasks: [],
  exceptions: [],
  hosts: [],
  pools: [],
  queues: [],
  fingerprint: undefined,
  class: undefined,
  cause: undefined,
  example: undefined,
};

/** Figures of a level or of a plain count. */
export function plainFigures(count: number, limit: number, withinMs: Millis = 0): Figures {
  return { count, limit, withinMs, baseline: undefined, of: undefined };
}

type LevelParts = Pick<Condition, 'key' | 'level' | 'firstAt' | 'clearMs' | 'figures' | 'subject'> & Partial<Condition>;

/** For signals that measure a state: no counter, and no collection delay because the state has already lasted. */
export function levelCondition(now: Millis, parts: LevelParts): Condition {
  return {
    severity: undefined,
    lastAt: now,
    waitMs: 0,
    counter: undefined,
    failures: 0,
    trend: 'steady',
    causeText: undefined,
    deploy: undefined,
    ...parts,
  };
}

/** Severity that the policy of a task sets, or undefined. */
export function severityOfTask({ policy }: Pick<Evaluation, 'policy'>, task: string | undefined): Severity | undefined {
  return taskPolicyOf(policy, task)?.severity;
}

/** True while an incident is open for the key: its events do not count towards the baseline. */
export function isInIncident({ evidence }: Pick<Evaluation, 'evidence'>, key: SignalKey): boolean {
  return evidence.openIncidentKeys.has(keyText(key));
}
