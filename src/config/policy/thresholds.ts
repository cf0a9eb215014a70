/** Thresholds as they were written → as they are judged by. */
import type { TaskPolicy, Thresholds } from '../../alert/policy.ts';
import type { WrittenThresholds } from './schema.ts';

/** Only what was written; an `after_deploy` that says one of its two numbers gets the other one from `base`. */
export function overridesOf(base: Thresholds, written: WrittenThresholds): TaskPolicy['thresholds'] {
  const { new_failure, surge, failure_rate, retry_storm, lost, stuck } = written;
  const { queue_wait, worker_short, crash_loop, schedule, blind } = written;
  const deploy = new_failure?.after_deploy;
  return given({
    newFailure:
      new_failure &&
      given({
        min: new_failure.min,
        withinMs: new_failure.within,
        share: new_failure.share,
        afterDeploy: deploy && { ...base.newFailure.afterDeploy, ...given({ min: deploy.min, forMs: deploy.for }) },
      }),
    surge: surge && given({ min: surge.min, factor: surge.factor, withinMs: surge.within }),
    failureRate:
      failure_rate &&
      given({
        over: failure_rate.over,
        ofAtLeast: failure_rate.of_at_least,
        withinMs: failure_rate.within,
        clear: failure_rate.clear,
        factor: failure_rate.factor,
      }),
    retryStorm:
      retry_storm &&
      given({
        over: retry_storm.over,
        atLeast: retry_storm.at_least,
        periods: retry_storm.periods,
        periodMs: retry_storm.period,
      }),
    lost: lost && given({ min: lost.min, withinMs: lost.within }),
    stuck: stuck && given({ p99Factor: stuck.p99_factor, floorMs: stuck.floor, overMs: stuck.over }),
    queueWait: queue_wait && given({ overMs: queue_wait.over, forMs: queue_wait.for }),
    workerShort: worker_short && given({ forMs: worker_short.for }),
    crashLoop: crash_loop && given({ times: crash_loop.times, withinMs: crash_loop.within }),
    schedule: schedule && given({ graceMs: schedule.grace, graceShare: schedule.grace_share }),
    blind: blind && given({ afterMs: blind.after }),
  });
}

export function thresholdsWith(base: Thresholds, written: WrittenThresholds): Thresholds {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, values] of Object.entries(overridesOf(base, written))) {
    merged[name] = { ...base[name as keyof Thresholds], ...values };
  }
  return merged as unknown as Thresholds;
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without the keys that nobody wrote. */
export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
