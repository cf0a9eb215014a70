/** The options of the noise policy: critical tasks, incidents and their receivers, expected runs. */
import { z } from 'zod';
import { policyDefaults } from '../../alert/default-policy.ts';
import { profiles } from '../../alert/policy.ts';
import { defineSection, option, type Written } from '../option.ts';
import { dayMs, duration, durationText, hourMs, minuteMs, secondMs } from '../values/duration.ts';
import { count, flag, oneOf, someOf } from '../values/leaf.ts';
import { section } from '../values/section.ts';
import { writtenValue } from '../values/written-value.ts';
import { anyGlob, days, daysText, globs, timeOfDayOrOff, timeOfDayText, timezone } from './leaf.ts';
import { budget, inhibitRule, muteHours, owner, queue, schedule, silence, task } from './schema.ts';
import { defaultsText, thresholdShape } from './thresholds.ts';

/** Each signal searches these lists. */
const entriesMax = 500;

const resolve = defineSection(
  {
    after: option(duration(10 * secondMs, 7 * dayMs), {
      about: 'Time below the clearing threshold after which an incident is resolved.',
      default: durationText(policyDefaults.resolve.afterMs),
    }),
    reopen_quietly_within: option(duration(0, 7 * dayMs), {
      about: 'An incident that returns within this time reopens in its old message, without a notification.',
      default: durationText(policyDefaults.resolve.reopenQuietlyWithinMs),
    }),
    show: option(oneOf(['thread', 'channel', 'edit']), {
      about: 'Place of the end: thread, channel (a message of its own) or edit (only the old message turns green).',
      default: policyDefaults.resolve.show,
    }),
  },
  {},
);

const digest = defineSection(
  {
    at: option(timeOfDayOrOff(), { default: timeOfDayText(policyDefaults.digest.at) }),
    days: option(days(), { default: daysText(policyDefaults.digest.days) }),
    skip_empty: option(flag(), { default: policyDefaults.digest.skipEmpty }),
  },
  { about: 'Once a day: suppressed incidents with the reasons, and open ones. at: "off" for none.' },
);

const deploys = defineSection(
  {
    worker_grace: option(duration(0, hourMs), { default: durationText(policyDefaults.deploys.workerGraceMs) }),
    from: option(someOf(['hosts', 'http']), { default: [...policyDefaults.deploys.from] }),
  },
  {
    about:
      'A worker may be missing for this long after a deploy of its pool. Deploys are detected by hosts (another ' +
      'ReplicaSet in the host names of a pool) and by http: POST /v1/deploys {"version": "v231", "pools": ' +
      '["celery@mail*"]} at ops.listen.',
  },
);

const alerts = defineSection(
  {
    profile: option(oneOf(profiles), {
      about: 'Minimum counts below: quiet doubles them, sensitive halves them. Values in this file are not scaled.',
      default: policyDefaults.profile,
    }),
    timezone: option(timezone(), {
      about: 'An IANA name, for the digest, dates, and mute hours without a timezone of their own.',
      default: policyDefaults.timezone,
    }),
    learning: option(duration(0, 7 * dayMs), {
      about:
        'After the first event ever, failures.new and failures.surge are suppressed for this long: until then every cause is new.',
      default: durationText(policyDefaults.learningMs),
    }),
    wait: option(duration(0, hourMs), {
      about:
        'Delay before the first message, so that it covers more than the first failure. Critical tasks are not delayed.',
      default: durationText(policyDefaults.waitMs),
    }),
    reminders: option(z.array(duration(minuteMs, 30 * dayMs)).max(10), {
      about:
        'For an open incident that no one has acknowledged, counted from its opening; the last interval repeats. [] for none.',
      default: policyDefaults.remindersMs.map(durationText),
    }),
    resolve,
    defaults: option(section(thresholdShape()), {
      about:
        'Thresholds. The values are those of balanced: leave out the ones you do not change, so that the profile scales them.',
      default: {},
      shown: `\n${defaultsText({ withDescriptions: true })}`,
    }),
    tasks: option(z.array(task).max(entriesMax), {
      about: 'Exceptions for some tasks. The first match applies; options it leaves out come from defaults.',
      default: [],
      sample: `
- match: reports.tasks.build_report
  # critical (at the first failure, without a delay), high or normal.
  severity: high
  stuck: { over: 15m }
  # The queue of the task, for fleets that do not send task-sent events.
  queue: reports
  # A task that must not run twice: a second run is reported.
  idempotent: false
- match: webhooks.tasks.*
  # As in defaults; endpoints of customers are often down.
  new_failure: { min: 10, share: 5% }
  # Exception classes that are counted and shown in the digest, and never notified on their own.
  ignore: [ReadTimeout, ConnectTimeout]
  # always (never notified), or the name of mute hours.
  mute: nights
- { match: "tests.*", mute: always }`,
    }),
    queues: option(z.array(queue).max(entriesMax), {
      default: [],
      sample: '\n- { match: payments, queue_wait: { over: 20s } }',
    }),
    owners: option(z.array(owner).max(entriesMax), {
      about:
        'The channel of an incident: that of the first match only. Globs, lists, or several globs with "|". Incidents ' +
        'without an owner go to slack.channel. Matches on task, exception, queue, pool, signal and class (bug, transient, ' +
        'resource, cancelled).',
      default: [],
      sample: `
- match: { task: "billing.*|payouts.*", class: [bug, resource] }
  channel: "#pay-alerts"
  mention: { critical: S0PAYTEAM, high: [U0ANNA12, U0BERT12], normal: [] }
  mute: nights
  # Channels that get a link to the incident.
  also: "#operations"
- { match: { pool: "*-reports*" }, channel: "#data" }
- { match: { signal: [worker, self], queue: "*" , exception: "*Timeout" }, channel: "#operations" }`,
    }),
    mute: option(z.record(z.string(), z.array(muteHours).min(1).max(20)), {
      about:
        'Local time of a timezone. "to" before "from" is on the next day, and belongs to the day on which it starts. ' +
        'Incidents that are open at the end are reported then: in a summary, or as a line of the digest. A name may have ' +
        'a list of hours.',
      default: {},
      sample: `
nights: { days: mon-fri, from: "19:00", to: "08:00", timezone: America/New_York, let_through: [critical], at_end: summary }`,
    }),
    silences: option(z.array(silence).max(entriesMax), {
      about: 'Permanent or long silences; short ones are set in Slack. A date is the end of that day.',
      default: [],
      sample: `
- { match: { task: "legacy.*", exception: DeprecationWarning }, until: 2099-12-31, reason: "removed in Q1", by: jo }`,
    }),
    budget: option(z.record(z.string(), budget), {
      about:
        'Messages per channel, incidents and reminders; further ones are combined in one storm message. "#channel" for ' +
        'one channel.',
      default: {},
      shown: `\ndefault: ${budgetText(policyDefaults.budgets.default)}`,
    }),
    digest,
    inhibit: option(z.array(inhibitRule).max(50), {
      about:
        'Consequences: while an incident for a source is open, a target is notified only if it lasts five minutes longer. ' +
        'Signals or their families; equal: the labels that both must share, some of task, queue, pool. Default: these ' +
        'rules. [] is none.',
      sample: `\n${policyDefaults.inhibit.map(inhibitText).join('\n')}`,
    }),
    deploys,
    degraded: defineSection(
      { per_hour: option(count(1, 1_000), { default: policyDefaults.degradedPerHour }) },
      { about: 'Messages per hour and instance while the store is unreachable: instances cannot agree without it.' },
    ),
  },
  {
    about:
      'The noise policy: what makes an incident, who is notified where, and what is suppressed. docs/noise.md explains ' +
      'every option; `taskvigil why --task … --exception …` shows the decision about a given failure. Every change takes ' +
      'effect without a restart.',
    isReloadable: true,
  },
);

export const noisePolicy = {
  critical: option(globs('a glob like "mail.tasks.*"', anyGlob, 0), {
    about:
      'Tasks that are reported at their first failure, without a delay. "*" matches any characters, "?" matches one.',
    default: [],
    isReloadable: true,
  }),
  alerts,
  schedules: option(z.array(schedule).max(entriesMax), {
    about:
      'Expected runs; a run that does not start is an incident. The beat of Celery reads crontabs in the timezone of its ' +
      'application, which is UTC by default.',
    default: [],
    sample: `
- { task: reports.tasks.hourly, every: 1h, offset: 5m }
- { name: nightly, task: reports.tasks.nightly, crontab: "30 2 * * mon-fri", timezone: Europe/Berlin }`,
    isReloadable: true,
  }),
};

export type AlertsConfig = Written<typeof alerts.options>;
export type SchedulesConfig = Written<typeof noisePolicy>['schedules'];

function budgetText({ burst, perHour }: { readonly burst: number; readonly perHour: number }): string {
  return writtenValue({ burst, per_hour: perHour });
}

interface InhibitRule {
  readonly source: readonly string[];
  readonly target: readonly string[];
  readonly equal: readonly string[];
}

function inhibitText({ source, target, equal }: InhibitRule): string {
  return `- ${writtenValue({ source, target, ...(equal.length === 0 ? {} : { equal }) })}`;
}
