/** All signals. A new one is a file in this folder or in failure-signals/, an import and an entry in the list. */
import type { SignalDefinition } from '../detection/definition.ts';
import { defaultTerms, type ThresholdSet } from '../detection/thresholds.ts';
import { critical } from '../failure-signals/critical.ts';
import { escalated } from '../failure-signals/escalated.ts';
import { failureRate } from '../failure-signals/failure-rate.ts';
import { newFailure } from '../failure-signals/new-failure.ts';
import { regressed } from '../failure-signals/regressed.ts';
import { surge } from '../failure-signals/surge.ts';
import { familyOf } from '../matcher.ts';
import type { NoiseProfile, Thresholds } from '../policy.ts';
import { blind } from './blind.ts';
import { crashLoop } from './crash-loop.ts';
import { lostRuns } from './lost-runs.ts';
import { missedSchedule } from './missed-schedule.ts';
import { queueWait } from './queue-wait.ts';
import { redelivery } from './redelivery.ts';
import { redeliveryTimeout } from './redelivery-timeout.ts';
import { retryStorm } from './retry-storm.ts';
import { runTwice } from './run-twice.ts';
import { stuck } from './stuck.ts';
import { workerShort } from './worker-short.ts';

/** In the order of evaluation. Of the signals about causes the first that applies to a cause judges it. */
export const signals: readonly SignalDefinition[] = [
  newFailure,
  critical,
  surge,
  failureRate,
  regressed,
  escalated,
  retryStorm,
  lostRuns,
  redelivery,
  redeliveryTimeout,
  runTwice,
  workerShort,
  crashLoop,
  stuck,
  queueWait,
  missedSchedule,
  blind,
];

const byName = new Map<string, SignalDefinition>(signals.map((definition) => [definition.name, definition]));

/** Undefined for a name that this version does not declare: a newer replica may share the store. */
export function definitionOf(name: string): SignalDefinition | undefined {
  return byName.get(name);
}

/** Names and families that matchers of the policy accept: `failures`, `failures.new`. */
export const signalNames: readonly string[] = [...new Set(signals.flatMap(({ name }) => [familyOf(name), name]))];

/** Threshold sets, each once; first those that an entry of `alerts.tasks` may override. */
export const thresholdSets: readonly ThresholdSet[] = [
  ...new Set(signals.flatMap(({ thresholds }) => thresholds ?? [])),
].sort((a, b) => Number(b.overriddenBy === 'tasks') - Number(a.overriddenBy === 'tasks'));

/** Defaults of all thresholds in a profile. */
export function defaultThresholds(profile: NoiseProfile): Thresholds {
  return Object.fromEntries(thresholdSets.map(({ option, fields }) => [option, defaultTerms(fields, profile)]));
}
