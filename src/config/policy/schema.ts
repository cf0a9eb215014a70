/**
 * The noise policy in the configuration file: `alerts`, `critical` and `schedules`. Thresholds that the file leaves out stay
 * undefined, because their defaults depend on the profile; `policy.ts` builds the policy.
 */
import { z } from 'zod';
import { policyDefaults } from '../../alert/default-policy.ts';
import { profiles, severities } from '../../alert/policy.ts';
import { signalNames } from '../../alert/signals/registry.ts';
import { dayMs, duration, hourMs, minuteMs, secondMs } from '../values/duration.ts';
import { count, flag, oneOf, someOf, text, texts } from '../values/leaf.ts';
import { channel, channelExpected, mention, mentionExpected, name, nameExpected } from '../values/names.ts';
import { section } from '../values/section.ts';
import { anyGlob, crontab, days, globs, timeOfDay, timeOfDayOrOff, timezone, until } from './leaf.ts';
import { thresholdShape } from './thresholds.ts';

const taskGlobs = () => globs('a glob like "mail.tasks.*"');
const exceptionGlobs = () =>
  globs('the name of an exception class without its module, like "ReadTimeout"', /^[\w*?]{1,128}$/);

export const matcher = section({
  task: taskGlobs().optional(),
  exception: exceptionGlobs().optional(),
  queue: globs('a glob like "mail*"').optional(),
  pool: globs('a glob like "*-reports"').optional(),
  signal: someOf(signalNames).optional(),
  class: someOf(['bug', 'transient', 'resource', 'cancelled']).optional(),
});

const mentions = () => texts(mentionExpected, mention).optional();

const taskShape = {
  match: taskGlobs(),
  severity: oneOf(severities).optional(),
  mute: text('"always" or the name of mute hours', name).optional(),
  ignore: exceptionGlobs().optional(),
  idempotent: flag().default(true),
  queue: text('the name of a queue', /^[^\s]{1,200}$/).optional(),
};
const task = section({ ...taskShape, ...thresholdShape('tasks') } as typeof taskShape);

const queueShape = { match: globs('a glob like "mail*"') };

const owner = section({
  match: matcher.prefault({}),
  channel: text(channelExpected, channel),
  mention: section({ critical: mentions(), high: mentions(), normal: mentions() }).optional(),
  mute: text('the name of mute hours', name).optional(),
  also: texts(channelExpected, channel).default([]),
});

const everyDay = [0, 1, 2, 3, 4, 5, 6];

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

/** Each signal searches these lists. */
const entriesMax = 500;

export const alerts = section({
  profile: oneOf(profiles).default(policyDefaults.profile),
  timezone: timezone().default(policyDefaults.timezone),
  learning: duration(0, 7 * dayMs).default(policyDefaults.learningMs),
  wait: duration(0, hourMs).default(policyDefaults.waitMs),
  reminders: z
    .array(duration(minuteMs, 30 * dayMs))
    .max(10)
    .default([...policyDefaults.remindersMs]),
  resolve: section({
    after: duration(10 * secondMs, 7 * dayMs).default(policyDefaults.resolve.afterMs),
    reopen_quietly_within: duration(0, 7 * dayMs).default(policyDefaults.resolve.reopenQuietlyWithinMs),
    show: oneOf(['thread', 'channel', 'edit']).default(policyDefaults.resolve.show),
  }).prefault({}),
  defaults: section(thresholdShape()).prefault({}),
  tasks: z.array(task).max(entriesMax).default([]),
  queues: z
    .array(section({ ...queueShape, ...thresholdShape('queues') } as typeof queueShape))
    .max(entriesMax)
    .default([]),
  owners: z.array(owner).max(entriesMax).default([]),
  mute: z.record(z.string(), z.array(muteHours).min(1).max(20)).default({}),
  silences: z.array(silence).max(entriesMax).default([]),
  budget: z.record(z.string(), budget).default({}),
  digest: section({
    at: timeOfDayOrOff().default(policyDefaults.digest.at),
    days: days().default([...policyDefaults.digest.days]),
    skip_empty: flag().default(policyDefaults.digest.skipEmpty),
  }).prefault({}),
  // Left out: the built-in rules. An empty list: none.
  inhibit: z
    .array(
      section({
        source: someOf(signalNames),
        target: someOf(signalNames),
        equal: someOf(['task', 'queue', 'pool']).default([]),
      }),
    )
    .max(50)
    .optional(),
  deploys: section({
    worker_grace: duration(0, hourMs).default(policyDefaults.deploys.workerGraceMs),
    from: someOf(['hosts', 'http']).default(policyDefaults.deploys.from),
  }).prefault({}),
  degraded: section({ per_hour: count(1, 1_000).default(policyDefaults.degradedPerHour) }).prefault({}),
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
