/**
 * What an operator may write of the noise policy: `alerts`, `critical` and `schedules`. What is left out of the thresholds
 * stays undefined, since its default depends on the profile; `policy.ts` makes the Policy of it.
 */
import { z } from 'zod';
import type { SignalFamily, SignalName } from '../../alert/signal.ts';
import { dayMs, duration, hourMs, minuteMs, secondMs } from '../values/duration.ts';
import { count, flag, oneOf, someOf, text, texts } from '../values/leaf.ts';
import { channel, channelExpected, mention, mentionExpected, name, nameExpected } from '../values/names.ts';
import { section } from '../values/section.ts';
import { anyGlob, crontab, days, factor, globs, share, timeOfDay, timeOfDayOrOff, timezone, until } from './leaf.ts';

/** More would need more counts than are kept, and would be said another way: a share, or a longer window. */
const countMax = 10_000;
/** So far back the windows of the engine reach. */
const windowMaxMs = 30 * minuteMs;

const least = () => count(1, countMax).optional();
const within = () => duration(10 * secondMs, windowMaxMs).optional();
const wait = () => duration(0, dayMs).optional();

const queueWait = section({ over: duration(secondMs, 7 * dayMs).optional(), for: wait() }).optional();

/** What a task may have of its own. */
const ofTasks = {
  new_failure: section({
    min: least(),
    within: within(),
    share: share().optional(),
    after_deploy: section({ min: least(), for: wait() }).optional(),
  }).optional(),
  surge: section({ min: least(), factor: factor(1_000).optional(), within: within() }).optional(),
  failure_rate: section({
    over: share().optional(),
    of_at_least: least(),
    within: within(),
    clear: share().optional(),
    factor: factor(1_000).optional(),
  }).optional(),
  retry_storm: section({
    over: share().optional(),
    at_least: least(),
    periods: count(1, 60).optional(),
    period: duration(10 * secondMs, 10 * minuteMs).optional(),
  }).optional(),
  stuck: section({
    p99_factor: factor(1_000).optional(),
    floor: duration(secondMs, 7 * dayMs).optional(),
    over: duration(secondMs, 30 * dayMs).optional(),
  }).optional(),
};

const defaults = section({
  ...ofTasks,
  lost: section({ min: least(), within: within() }).optional(),
  queue_wait: queueWait,
  worker_short: section({ for: wait() }).optional(),
  crash_loop: section({ times: count(2, 1_000).optional(), within: within() }).optional(),
  schedule: section({ grace: wait(), grace_share: share().optional() }).optional(),
  blind: section({ after: duration(5 * secondMs, hourMs).optional() }).optional(),
});

const taskGlobs = () => globs('a glob like "mail.tasks.*"');
const exceptionGlobs = () =>
  globs('the name of an exception class without its module, like "ReadTimeout"', /^[\w*?]{1,128}$/);

/** A record, so that a signal that is added and not named here stops the build. */
const signalNames: Readonly<Record<SignalName | SignalFamily, true>> = {
  failures: true,
  'failures.new': true,
  'failures.critical': true,
  'failures.surge': true,
  'failures.ratio': true,
  'failures.regressed': true,
  'failures.escalated': true,
  retries: true,
  'retries.storm': true,
  lost: true,
  redelivery: true,
  'run-twice': true,
  worker: true,
  'worker.short': true,
  'worker.crash-loop': true,
  stuck: true,
  latency: true,
  schedule: true,
  'schedule.missed': true,
  self: true,
  'self.blind': true,
};

const signalWords = Object.keys(signalNames) as (SignalName | SignalFamily)[];

export const matcher = section({
  task: taskGlobs().optional(),
  exception: exceptionGlobs().optional(),
  queue: globs('a glob like "mail*"').optional(),
  pool: globs('a glob like "*-reports"').optional(),
  signal: someOf(signalWords).optional(),
  class: someOf(['bug', 'transient', 'resource', 'cancelled']).optional(),
});

const severities = ['critical', 'high', 'normal'] as const;
const mentions = () => texts(mentionExpected, mention).optional();

const task = section({
  match: taskGlobs(),
  severity: oneOf(severities).optional(),
  mute: text('"always" or the name of mute hours', name).optional(),
  ignore: exceptionGlobs().optional(),
  idempotent: flag().default(true),
  queue: text('the name of a queue', /^[^\s]{1,200}$/).optional(),
  ...ofTasks,
});

const owner = section({
  match: matcher.prefault({}),
  channel: text(channelExpected, channel),
  mention: section({ critical: mentions(), high: mentions(), normal: mentions() }).optional(),
  mute: text('the name of mute hours', name).optional(),
  also: texts(channelExpected, channel).default([]),
});

const everyDay = [0, 1, 2, 3, 4, 5, 6];
const workdays = [1, 2, 3, 4, 5];

const muteHours = section({
  days: days().default(everyDay),
  from: timeOfDay(),
  to: timeOfDay(),
  timezone: timezone().optional(),
  let_through: someOf(severities, 0).default(['critical']),
  at_end: oneOf(['summary', 'digest']).default('summary'),
});

const silence = section({
  match: matcher,
  until: until().optional(),
  reason: text('why, for those who will wonder'),
  by: text('who'),
});

const budget = section({ burst: count(1, 1_000).optional(), per_hour: count(1, 3_600).optional() });

/** Lists of the policy are searched for each signal. */
const entriesMax = 500;

export const alerts = section({
  profile: oneOf(['quiet', 'balanced', 'sensitive']).default('balanced'),
  timezone: timezone().default('UTC'),
  learning: duration(0, 7 * dayMs).default(hourMs),
  wait: duration(0, hourMs).default(20 * secondMs),
  reminders: z
    .array(duration(minuteMs, 30 * dayMs))
    .max(10)
    .default([4 * hourMs, 24 * hourMs]),
  resolve: section({
    after: duration(10 * secondMs, 7 * dayMs).default(10 * minuteMs),
    reopen_quietly_within: duration(0, 7 * dayMs).default(hourMs),
    show: oneOf(['thread', 'channel', 'edit']).default('thread'),
  }).prefault({}),
  defaults: defaults.prefault({}),
  tasks: z.array(task).max(entriesMax).default([]),
  queues: z
    .array(section({ match: globs('a glob like "mail*"'), queue_wait: queueWait }))
    .max(entriesMax)
    .default([]),
  owners: z.array(owner).max(entriesMax).default([]),
  mute: z.record(z.string(), z.array(muteHours).min(1).max(20)).default({}),
  silences: z.array(silence).max(entriesMax).default([]),
  budget: z.record(z.string(), budget).default({}),
  digest: section({
    at: timeOfDayOrOff().default(9 * 60),
    days: days().default(workdays),
    skip_empty: flag().default(true),
  }).prefault({}),
  // Left out: what is built in. An empty list: nothing.
  inhibit: z
    .array(
      section({
        source: someOf(signalWords),
        target: someOf(signalWords),
        equal: someOf(['task', 'queue', 'pool']).default([]),
      }),
    )
    .max(50)
    .optional(),
  deploys: section({
    worker_grace: duration(0, hourMs).default(3 * minuteMs),
    from: someOf(['hosts', 'http']).default(['hosts', 'http']),
  }).prefault({}),
  degraded: section({ per_hour: count(1, 1_000).default(10) }).prefault({}),
});

export const schedules = z
  .array(
    section({
      name: text(nameExpected, name).optional(),
      task: text('the name of a task', /^[^\s*?]{1,256}$/),
      every: duration(secondMs, 366 * dayMs).optional(),
      offset: duration(0, 366 * dayMs).optional(),
      crontab: crontab().optional(),
      timezone: timezone().optional(),
    }),
  )
  .max(entriesMax)
  .default([]);

export const critical = globs('a glob like "mail.tasks.*"', anyGlob, 0).default([]);

export type AlertsConfig = z.output<typeof alerts>;
export type SchedulesConfig = z.output<typeof schedules>;
export type WrittenMatcher = z.output<typeof matcher>;
export type WrittenThresholds = z.output<typeof defaults>;
