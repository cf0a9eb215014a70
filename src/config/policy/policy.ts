/** Noise policy of the configuration → the policy that decides. */
import { createHash } from 'node:crypto';
import { defaultPolicy } from '../../alert/default-policy.ts';
import type {
  Budget,
  ExpectedSchedule,
  Matcher,
  MuteHours,
  Policy,
  Route,
  Silence,
  TaskPolicy,
  Thresholds,
} from '../../alert/policy.ts';
import { coversSome } from '../../event/glob.ts';
import { timetableOf } from '../../schedule/schedule.ts';
import { instantsOf, jumpOver } from '../../schedule/wall-time.ts';
import type { Config } from '../config.ts';
import type { AlertsConfig, SchedulesConfig } from './declarations.ts';
import type { WrittenTime } from './leaf.ts';
import type { WrittenMatcher } from './schema.ts';
import { given, overridesOf, thresholdsWith } from './thresholds.ts';

/** The channel of incidents without Slack: they are still decided, and shown on the status page. */
export const shownChannel = '#celery-alerts';

export type PolicyConfig = Pick<Config, 'alerts' | 'critical' | 'schedules' | 'slack'>;

/** The profile scales only the thresholds that the file leaves out. */
export function policyOf(config: PolicyConfig): Policy {
  const { alerts, schedules, slack } = config;
  const built = defaultPolicy(slack?.channel ?? shownChannel, alerts.profile);
  const thresholds = thresholdsWith(built.thresholds, alerts.defaults);
  const policy = {
    ...built,
    timezone: alerts.timezone,
    learningMs: alerts.learning,
    waitMs: alerts.wait,
    remindersMs: alerts.reminders,
    resolve: {
      afterMs: alerts.resolve.after,
      reopenQuietlyWithinMs: alerts.resolve.reopen_quietly_within,
      show: alerts.resolve.show,
    },
    thresholds,
    tasks: taskSourcesOf(config, thresholds).map((source) => source.policy),
    queues: alerts.queues.map((queue) => ({ match: queue.match, thresholds: overridesOf(thresholds, queue) })),
    owners: ownersOf(config),
    mutes: mutesOf(alerts),
    silences: alerts.silences.map((silence) => silenceOf(silence, alerts.timezone)),
    schedules: schedules.map(scheduleOf),
    budgets: budgetsOf(alerts.budget, built.budgets.default),
    digest: {
      at: alerts.digest.at === 'off' ? undefined : alerts.digest.at,
      days: alerts.digest.days,
      skipEmpty: alerts.digest.skip_empty,
    },
    inhibit: alerts.inhibit ?? built.inhibit,
    deploys: { workerGraceMs: alerts.deploys.worker_grace, from: alerts.deploys.from },
    degradedPerHour: alerts.degraded.per_hour,
  } satisfies Omit<Policy, 'hash'>;
  return { ...policy, hash: hashOf(policy, schedules) };
}

/** A policy of tasks, and its position in `alerts.tasks`; undefined: it comes from `critical` alone. */
export interface TaskSource {
  readonly policy: TaskPolicy;
  readonly index: number | undefined;
}

/**
 * A task in `critical` is critical even if an entry of `alerts.tasks` has another severity; the rest of its policy comes
 * from the first entry that matches. Therefore entries within `critical` come first, then `critical`, then the others.
 */
export function taskSourcesOf({ alerts, critical }: PolicyConfig, thresholds: Thresholds): TaskSource[] {
  const written = alerts.tasks.map((task, index): TaskSource => ({ policy: taskPolicyFrom(task, thresholds), index }));
  const isWithin = ({ policy }: TaskSource): boolean => policy.match.every((glob) => coversSome(critical, glob));
  const listed = critical.map((glob): TaskSource => {
    const around = written.find(({ policy }) => coversSome(policy.match, glob));
    return { policy: { ...(around?.policy ?? plainTask), match: [glob] }, index: around?.index };
  });
  const asCritical = ({ policy, index }: TaskSource): TaskSource => ({
    // `mute: always` of an entry for many tasks does not mute a critical one.
    policy: { ...policy, severity: 'critical', mute: policy.mute === 'always' ? undefined : policy.mute },
    index,
  });
  return [
    ...[...written.filter(isWithin), ...listed].map(asCritical),
    ...written.filter((source) => !isWithin(source)),
  ];
}

function taskPolicyFrom(task: AlertsConfig['tasks'][number], thresholds: Thresholds): TaskPolicy {
  return {
    match: task.match,
    severity: task.severity,
    mute: task.mute,
    ignore: task.ignore ?? [],
    isIdempotent: task.idempotent,
    queue: task.queue,
    thresholds: overridesOf(thresholds, task),
  };
}

const plainTask: TaskPolicy = {
  match: [],
  severity: undefined,
  mute: undefined,
  ignore: [],
  isIdempotent: true,
  queue: undefined,
  thresholds: {},
};

/** `slack.mention` is mentioned in critical incidents whose owner mentions no one else. */
function ownersOf({ alerts, slack }: PolicyConfig): Route[] {
  const ofSlack = (slack?.mentions ?? []).length === 0 ? {} : { critical: slack?.mentions ?? [] };
  const owners = alerts.owners.map(
    ({ match, channel, mention, mute, also }): Route => ({
      match: matcherOf(match),
      channel,
      mentions: mention === undefined ? ofSlack : given(mention),
      mute,
      also,
    }),
  );
  const isComplete = alerts.owners.some(({ match }) => Object.keys(match).length === 0);
  const everythingElse: Route = {
    match: matcherOf({}),
    channel: slack?.channel ?? shownChannel,
    mentions: ofSlack,
    mute: undefined,
    also: [],
  };
  return isComplete ? owners : [...owners, everythingElse];
}

export function matcherOf(written: WrittenMatcher): Matcher {
  return {
    tasks: written.task ?? [],
    exceptions: written.exception ?? [],
    queues: written.queue ?? [],
    pools: written.pool ?? [],
    signals: written.signal ?? [],
    classes: written.class ?? [],
  };
}

function mutesOf({ mute, timezone }: AlertsConfig): MuteHours[] {
  return Object.entries(mute).flatMap(([name, all]) =>
    all.map((hours) => ({
      name,
      days: hours.days,
      from: hours.from,
      to: hours.to,
      timezone: hours.timezone ?? timezone,
      letThrough: hours.let_through,
      atEnd: hours.at_end,
    })),
  );
}

/** The id is equal on all instances, and does not depend on the end of the silence. */
function silenceOf({ match, until, reason, by }: AlertsConfig['silences'][number], timezone: string): Silence {
  const id = `file-${digestOf([match, reason, by]).slice(0, 8)}`;
  return { id, match: matcherOf(match), until: until && instantOf(until, timezone), reason, by };
}

function instantOf({ wall, isWall }: WrittenTime, timezone: string): number {
  return isWall ? (instantsOf(timezone, wall).at(-1) ?? jumpOver(timezone, wall)) : wall;
}

/** The default of the setting `timezone` of Celery. */
const scheduleTimezone = 'UTC';

function scheduleOf({ name, task, every, offset, crontab, timezone }: SchedulesConfig[number]): ExpectedSchedule {
  const timing =
    crontab === undefined
      ? { kind: 'every' as const, everyMs: every ?? 0, offsetMs: offset ?? 0 }
      : { kind: 'crontab' as const, crontab: crontab.crontab, timezone: timezone ?? scheduleTimezone };
  return { name: name ?? task, task, ...timetableOf(timing) };
}

function budgetsOf(written: AlertsConfig['budget'], built: Budget): Policy['budgets'] {
  const { default: all, ...channels } = written;
  const base = { ...built, ...given({ burst: all?.burst, perHour: all?.per_hour }) };
  const byChannel = Object.entries(channels).map(([channel, { burst, per_hour }]): [string, Budget] => [
    channel,
    { ...base, ...given({ burst, perHour: per_hour }) },
  ]);
  return { default: base, byChannel: Object.fromEntries(byChannel) };
}

/** A policy holds the times of a schedule as functions, so the hash covers the written schedules instead. */
function hashOf(policy: Omit<Policy, 'hash'>, schedules: SchedulesConfig): string {
  return digestOf([{ ...policy, schedules }]).slice(0, 12);
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
