/** The noise policy in plain words: what makes a signal, who is told, what is held back. For `check` and `why`. */
import type {
  Budget,
  Digest,
  Matcher,
  MuteHours,
  Policy,
  Route,
  Severity,
  Silence,
  Thresholds,
} from '../alert/policy.ts';
import { shareText } from '../config/policy/leaf.ts';
import { durationText } from '../config/values/duration.ts';

/** One sentence for each signal that has numbers, by the name of its option. */
export function thresholdLine(name: keyof Thresholds, thresholds: Thresholds): string {
  return sentences[name](thresholds);
}

const sentences: Readonly<Record<keyof Thresholds, (thresholds: Thresholds) => string>> = {
  newFailure: ({ newFailure: { min, withinMs, share, afterDeploy } }) =>
    `A new cause: ${times(min, 'failure')} in ${durationText(withinMs)} and ${shareText(share)} of the task’s runs; ` +
    `for ${durationText(afterDeploy.forMs)} after a deploy ${afterDeploy.min}.`,
  surge: ({ surge: { min, factor, withinMs } }) =>
    `A cause that is usual: ${times(min, 'failure')} in ${durationText(withinMs)} and ${factor} times what is usual for it.`,
  failureRate: ({ failureRate: { over, ofAtLeast, withinMs, clear, factor } }) =>
    `Failures of a task, whatever their cause: ${shareText(over)} of at least ${times(ofAtLeast, 'run')} in ${durationText(withinMs)} ` +
    `and ${factor} times its usual share; over below ${shareText(clear)}.`,
  retryStorm: ({ retryStorm: { over, atLeast, periods, periodMs } }) =>
    `Retries for one cause: ${shareText(over)} of the runs and at least ${atLeast}, in each of ${periods} times ${durationText(periodMs)}.`,
  lost: ({ lost: { min, withinMs } }) =>
    `Runs that died with their process: ${min} in ${durationText(withinMs)} in one pool.`,
  stuck: ({ stuck: { p99Factor, floorMs, overMs } }) =>
    overMs === undefined
      ? `A run that is stuck: longer than ${durationText(floorMs)} and ${p99Factor} times what 99 of 100 runs stay below.`
      : `A run that is stuck: longer than ${durationText(overMs)}.`,
  queueWait: ({ queueWait: { overMs, forMs } }) =>
    `A queue that waits: its oldest task for more than ${durationText(overMs)}, for ${durationText(forMs)} on end.`,
  workerShort: ({ workerShort: { forMs } }) =>
    `A pool that is short of workers: for ${durationText(forMs)}, and none of them said goodbye.`,
  crashLoop: ({ crashLoop: { times: count, withinMs } }) =>
    `Workers that crash: ${count} times in ${durationText(withinMs)} in one pool.`,
  schedule: ({ schedule: { graceMs, graceShare } }) =>
    `A scheduled run that does not come: ${durationText(graceMs)} or ${shareText(graceShare)} of its period after it was due.`,
  blind: ({ blind: { afterMs } }) => `Hearing nothing at all for ${durationText(afterMs)} while workers live.`,
};

/** The whole policy, one thing a line; `now` tells what is muted or due. */
export function policyLines(policy: Policy): string[] {
  const names = Object.keys(sentences) as (keyof Thresholds)[];
  return [
    `An incident begins with one of these (profile ${policy.profile}):`,
    ...names.map((name) => `  ${thresholdLine(name, policy.thresholds)}`),
    ...list('Tasks with a policy of their own, the first that matches governs:', policy.tasks.map(taskText)),
    ...list(
      'Queues with their own patience:',
      policy.queues.map(
        (own) =>
          `${own.match.join(' or ')}: ${thresholdLine('queueWait', { ...policy.thresholds, queueWait: { ...policy.thresholds.queueWait, ...own.queueWait } })}`,
      ),
    ),
    ...list('Incidents are told, the first that matches has it:', policy.owners.map(ownerText)),
    ...list('Mute hours:', policy.mutes.map(muteText)),
    ...list('Silences:', policy.silences.map(silenceText)),
    ...list(
      'Runs that are expected:',
      policy.schedules.map(({ name, task, periodMs }) => `${name}: ${task}, ${durationText(periodMs)} apart at least`),
    ),
    `The first message waits ${durationText(policy.waitMs)}, of a critical task not at all. ${reminderText(policy)}`,
    `Over after ${durationText(policy.resolve.afterMs)} of quiet, shown ${showWords[policy.resolve.show]}; back in the same message within ${durationText(policy.resolve.reopenQuietlyWithinMs)}.`,
    `A channel takes ${budgetText(policy.budgets.default)}${Object.entries(policy.budgets.byChannel)
      .map(([channel, budget]) => `, ${channel} ${budgetText(budget)}`)
      .join('')}; the rest is one storm message.`,
    digestText(policy.digest, policy.timezone),
    `For the first ${durationText(policy.learningMs)} only what needs no history is told. Policy ${policy.hash}.`,
  ];
}

const showWords = { thread: 'in the thread', channel: 'in the channel', edit: 'in the message itself' } as const;

function list(title: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [title, ...texts.map((text, index) => `  ${index + 1}. ${text}`)];
}

function taskText({ match, severity, mute, ignore, isIdempotent, queue, thresholds }: Policy['tasks'][number]): string {
  const words = [
    severity ?? '',
    severity === 'critical' ? 'told at the first failure' : '',
    mute === 'always' ? 'never told' : mute === undefined ? '' : `muted in ${mute}`,
    ignore.length === 0 ? '' : `${ignore.join(' and ')} alone no reason`,
    isIdempotent ? '' : 'a second run of one task is told',
    queue === undefined ? '' : `waits in ${queue}`,
    Object.keys(thresholds).length === 0 ? '' : `own numbers for ${Object.keys(thresholds).map(optionName).join(', ')}`,
  ].filter((word) => word !== '');
  return `${match.join(' or ')}: ${words.join(', ') || 'as any other'}`;
}

export function ownerText({ match, channel, mentions, mute, also }: Route): string {
  return [
    `${matcherText(match)} → ${channel}`,
    also.length === 0 ? '' : `with a link in ${also.join(', ')}`,
    mentionText(mentions),
    mute === undefined ? '' : `muted in ${mute}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

export function mentionText(mentions: Route['mentions']): string {
  const parts = (['critical', 'high', 'normal'] as const satisfies readonly Severity[]).flatMap((severity) => {
    const ids = mentions[severity] ?? [];
    return ids.length === 0 ? [] : [`${ids.join(' ')} when ${severity}`];
  });
  return parts.length === 0 ? '' : `mentions ${parts.join(', ')}`;
}

/** `tasks mail.* or news.* with ReadTimeout`, or `everything`. */
export function matcherText({ tasks, exceptions, queues, pools, signals, classes }: Matcher): string {
  const parts = [
    some('', tasks),
    some('exception ', exceptions),
    some('queue ', queues),
    some('pool ', pools),
    some('signal ', signals),
    some('class ', classes),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'everything else' : parts.join(', ');
}

function some(word: string, globs: readonly string[]): string {
  return globs.length === 0 ? '' : `${word}${globs.join(' or ')}`;
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

export function muteText({ name, days, from, to, timezone, letThrough, atEnd }: MuteHours): string {
  const through = letThrough.length === 0 ? 'nothing' : letThrough.join(' and ');
  return `${name}: ${daysText(days)} ${clockText(from)} to ${to === 0 ? '24:00' : clockText(to)} ${timezone}, lets ${through} through, then a ${atEnd === 'summary' ? 'summary' : 'line in the digest'}`;
}

export function silenceText({ id, match, until, reason, by }: Silence): string {
  return `${matcherText(match)} ${until === undefined ? 'for ever' : `until ${timeText(until)}`}, by ${by}: ${reason} (${id})`;
}

export function reminderText({ remindersMs }: Policy): string {
  const last = remindersMs.at(-1);
  if (last === undefined) return 'No reminders.';
  return `While nobody has acknowledged it, reminders after ${remindersMs.map(durationText).join(', ')}, then every ${durationText(last)}.`;
}

export function budgetText({ burst, perHour }: Budget): string {
  return `${burst} messages at once and ${perHour} an hour`;
}

export function digestText({ at, days, skipEmpty }: Digest, timezone: string): string {
  if (at === undefined) return 'No digest.';
  return `A digest ${daysText(days)} at ${clockText(at)} ${timezone}${skipEmpty ? ', unless it is empty' : ''}.`;
}

function daysText(days: readonly number[]): string {
  if (days.length === 7) return 'every day';
  // A week begins on Monday, and three days on end are told as from and to.
  const runs: number[][] = [];
  for (const day of days.map((one) => (one + 6) % 7).sort()) {
    const last = runs.at(-1);
    if (last?.at(-1) === day - 1) last.push(day);
    else runs.push([day]);
  }
  return runs
    .map((run) => run.map((day) => weekdays[day]!))
    .map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(' ')))
    .join(' ');
}

function clockText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** `2026-12-31 23:00 UTC`. */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function times(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `newFailure` → `new_failure`, as it is written. */
export function optionName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
