/** Declared thresholds of a signal: fields with type, range and default. Configuration, profiles and docs derive from them. */

import { matchesSome } from '../../event/glob.ts';
import type { Millis } from '../../event/ids.ts';
import { type NoiseProfile, type Policy, type TaskPolicy, type Terms, taskPolicyOf } from '../policy.ts';

export type ThresholdField =
  /** `isScaled`: a least count, which the profiles `quiet` and `sensitive` double and halve. */
  | {
      readonly type: 'count';
      readonly default: number;
      readonly least: number;
      readonly most: number;
      readonly isScaled: boolean;
    }
  /** Milliseconds. Without a default the signal decides by its other fields until the operator sets one. */
  | {
      readonly type: 'duration';
      readonly default: Millis | undefined;
      readonly leastMs: Millis;
      readonly mostMs: Millis;
    }
  /** Part of 1. */
  | { readonly type: 'share'; readonly default: number }
  | { readonly type: 'factor'; readonly default: number; readonly most: number }
  | { readonly type: 'group'; readonly fields: ThresholdFields };

export interface ThresholdFields {
  readonly [name: string]: ThresholdField;
}

/** Values of declared fields, as code reads them. */
export type TermsOf<Fields extends ThresholdFields> = string extends keyof Fields
  ? Terms
  : { readonly [Name in keyof Fields]: ValueOf<Fields[Name]> };

type ValueOf<Field> = Field extends { readonly type: 'group'; readonly fields: infer Inner extends ThresholdFields }
  ? TermsOf<Inner>
  : Field extends { readonly default: infer Default extends number | undefined }
    ? Default
    : never;

/** Renders values in a sentence about thresholds. */
export interface TermFormat {
  /** `2 failures`. */
  count(count: number, noun: string): string;
  /** `90s`. */
  duration(ms: Millis): string;
  /** `3%`. */
  share(share: number): string;
}

export interface ThresholdSet {
  /** Property of `Policy.thresholds`. The configuration key is its snake case: `newFailure`, `new_failure`. */
  readonly option: string;
  /** Comment in the sample file, and hint of the JSON schema. */
  readonly description: string;
  /** Entries of the configuration that may override the fields: `alerts.tasks`, `alerts.queues` or neither. */
  readonly overriddenBy: 'tasks' | 'queues' | undefined;
  readonly fields: ThresholdFields;
  /** Sentence for `taskvigil check` and `taskvigil why`. */
  readonly sentence: (terms: Terms, format: TermFormat) => string;
}

/** A set whose fields the compiler knows, so that `termsOf` returns exact types. */
export interface TypedThresholds<Fields extends ThresholdFields> extends ThresholdSet {
  readonly fields: Fields;
}

export function defineThresholds<const Fields extends ThresholdFields>(
  set: Omit<ThresholdSet, 'fields' | 'sentence'> & {
    readonly fields: Fields;
    readonly sentence: (terms: TermsOf<Fields>, format: TermFormat) => string;
  },
): TypedThresholds<Fields> {
  return { ...set, sentence: (terms, format) => set.sentence(terms as TermsOf<Fields>, format) };
}

/** The engine keeps half an hour of counts, so a longer window would count too little. */
const windowMostMs = 30 * 60_000;
/** A larger count needs more entries than the evidence keeps. */
const countMost = 10_000;
const dayMs = 86_400_000;

/** Least count: scaled by the profile. */
export function leastCount(count: number, least = 1, most = countMost) {
  return { type: 'count', default: count, least, most, isScaled: true } as const;
}

/** Count that is the same in each profile. */
export function fixedCount(count: number, most: number) {
  return { type: 'count', default: count, least: 1, most, isScaled: false } as const;
}

/** Detection window. */
export function windowOf(ms: Millis) {
  return duration(ms, 10_000, windowMostMs);
}

/** Time that a condition must last. */
export function holdFor(ms: Millis) {
  return duration(ms, 0, dayMs);
}

export function duration(ms: Millis, leastMs: Millis, mostMs: Millis) {
  return { type: 'duration', default: ms, leastMs, mostMs } as const;
}

export function optionalDuration(leastMs: Millis, mostMs: Millis) {
  return { type: 'duration', default: undefined as Millis | undefined, leastMs, mostMs } as const;
}

export function share(part: number) {
  return { type: 'share', default: part } as const;
}

export function factor(times: number) {
  return { type: 'factor', default: times, most: 1_000 } as const;
}

export function group<const Fields extends ThresholdFields>(fields: Fields) {
  return { type: 'group', fields } as const;
}

const profileFactors: Readonly<Record<NoiseProfile, number>> = { quiet: 2, balanced: 1, sensitive: 0.5 };

/** Defaults of a profile. Only least counts differ between profiles, and none falls below the least of its range. */
export function defaultTerms<Fields extends ThresholdFields>(fields: Fields, profile: NoiseProfile): TermsOf<Fields> {
  const values = Object.entries(fields).map(([name, field]) => [name, defaultOf(field, profile)]);
  return Object.fromEntries(values) as TermsOf<Fields>;
}

function defaultOf(field: ThresholdField, profile: NoiseProfile): number | undefined | Terms {
  if (field.type === 'group') return defaultTerms(field.fields, profile);
  if (field.type !== 'count' || !field.isScaled) return field.default;
  return Math.max(field.least, Math.ceil(field.default * profileFactors[profile]));
}

/** Values that apply to a task: those of the policy, with the overrides of the entry that governs the task. */
export function termsOf<Fields extends ThresholdFields>(
  { option }: TypedThresholds<Fields>,
  policy: Pick<Policy, 'thresholds' | 'tasks'>,
  task?: string,
): TermsOf<Fields> {
  return mergedTerms(policy.thresholds[option], taskPolicyOf(policy, task)?.thresholds[option]) as TermsOf<Fields>;
}

/** Values that apply to a queue: those of the policy, with the overrides of the first entry that matches. */
export function queueTermsOf<Fields extends ThresholdFields>(
  { option }: TypedThresholds<Fields>,
  policy: Pick<Policy, 'thresholds' | 'queues'>,
  queue: string,
): TermsOf<Fields> {
  const own = policy.queues.find(({ match }) => matchesSome(match, queue));
  return mergedTerms(policy.thresholds[option], own?.thresholds[option]) as TermsOf<Fields>;
}

function mergedTerms(terms: Terms | undefined, overrides: TaskPolicy['thresholds'][string] | undefined): Terms {
  return { ...terms, ...overrides };
}
