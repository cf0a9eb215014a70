/** The noise policy in sentences, for `check` and `why`: signals, channels, suppression. */
import { defaultTerms, type TermFormat, type ThresholdSet } from '../alert/detection/thresholds.ts';
import {
  type Budget,
  type Digest,
  type Matcher,
  type MuteHours,
  type Policy,
  type Route,
  type Silence,
  severities,
  type Thresholds,
  withOverrides,
} from '../alert/policy.ts';
import { thresholdSets } from '../alert/signals/registry.ts';
import { shareText } from '../config/policy/leaf.ts';
import { optionKey } from '../config/policy/thresholds.ts';
import { durationText } from '../config/values/duration.ts';

const format: TermFormat = { count: countText, duration: durationText, share: shareText };

/** Sentence about one set of thresholds. */
export function thresholdLine({ option, fields, sentence }: ThresholdSet, thresholds: Thresholds): string {
  return sentence({ ...defaultTerms(fields, 'balanced'), ...thresholds[option] }, format);
}

/** The whole policy, one fact per line. */
export function policyLines(policy: Policy): string[] {
  return [
    `An incident begins with one of these (profile ${policy.profile}):`,
    ...thresholdSets.map((set) => `  ${thresholdLine(set, policy.thresholds)}`),
    ...list('Tasks with their own policy, the first match applies:', policy.tasks.map(taskText)),
    ...list(
      'Queues with their own thresholds:',
      policy.queues.map(({ match, thresholds }) => {
        const own = thresholdSets.filter(({ option }) => thresholds[option] !== undefined);
        const lines = own.map((set) => thresholdLine(set, withOverrides(policy.thresholds, thresholds)));
        return `${match.join(' or ')}: ${lines.join(' ')}`;
      }),
    ),
    ...list('Channels of incidents, the first match applies:', policy.owners.map(ownerText)),
    ...list('Mute hours:', policy.mutes.map(muteText)),
    ...list('Silences:', policy.silences.map(silenceText)),
    ...list(
      'Expected runs:',
      policy.schedules.map(({ name, task, periodMs }) => `${name}: ${task}, at least ${durationText(periodMs)} apart`),
    ),
    `The first message waits ${durationText(policy.waitMs)}; for a critical task it does not wait. ${reminderText(policy)}`,
    `Resolved after ${durationText(policy.resolve.afterMs)} of quiet, shown ${showWords[policy.resolve.show]}; reopened in the same message within ${durationText(policy.resolve.reopenQuietlyWithinMs)}.`,
    `A channel accepts ${budgetText(policy.budgets.default)}${Object.entries(policy.budgets.byChannel)
      .map(([channel, budget]) => `, ${channel} ${budgetText(budget)}`)
      .join('')}; the rest is one storm message.`,
    digestText(policy.digest, policy.timezone),
    `In the first ${durationText(policy.learningMs)} signals that need a baseline are suppressed. Policy ${policy.hash}.`,
  ];
}

const showWords = { thread: 'in the thread', channel: 'in the channel', edit: 'in the message itself' } as const;

function list(title: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [title, ...texts.map((text, index) => `  ${index + 1}. ${text}`)];
}

function taskText({ match, severity, mute, ignore, isIdempotent, queue, thresholds }: Policy['tasks'][number]): string {
  const words = [
    severity ?? '',
    severity === 'critical' ? 'reported at the first failure' : '',
    mute === 'always' ? 'never notified' : mute === undefined ? '' : `muted in ${mute}`,
    ignore.length === 0 ? '' : `${ignore.join(' and ')} ignored`,
    isIdempotent ? '' : 'a second execution is reported',
    queue === undefined ? '' : `waits in ${queue}`,
    Object.keys(thresholds).length === 0
      ? ''
      : `own thresholds for ${Object.keys(thresholds).map(optionKey).join(', ')}`,
  ].filter((word) => word !== '');
  return `${match.join(' or ')}: ${words.join(', ') || 'no policy of its own'}`;
}

function ownerText({ match, channel, mentions, mute, also }: Route): string {
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
  const parts = severities.flatMap((severity) => {
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

function muteText({ name, days, from, to, timezone, letThrough, atEnd }: MuteHours): string {
  const through = letThrough.length === 0 ? 'nothing' : letThrough.join(' and ');
  return `${name}: ${daysText(days)} ${clockText(from)} to ${to === 0 ? '24:00' : clockText(to)} ${timezone}, lets ${through} through, then a ${atEnd === 'summary' ? 'summary' : 'line in the digest'}`;
}

export function silenceText({ id, match, until, reason, by }: Silence): string {
  return `${matcherText(match)} ${until === undefined ? 'without end' : `until ${timeText(until)}`}, by ${by}: ${reason} (${id})`;
}

export function reminderText({ remindersMs }: Policy): string {
  const last = remindersMs.at(-1);
  if (last === undefined) return 'No reminders.';
  return `Reminders for an incident that is not acknowledged: after ${remindersMs.map(durationText).join(', ')}, then every ${durationText(last)}.`;
}

export function budgetText({ burst, perHour }: Budget): string {
  return `${burst} messages at once and ${perHour} an hour`;
}

function digestText({ at, days, skipEmpty }: Digest, timezone: string): string {
  if (at === undefined) return 'No digest.';
  return `A digest ${daysText(days)} at ${clockText(at)} ${timezone}${skipEmpty ? ', unless it is empty' : ''}.`;
}

function daysText(days: readonly number[]): string {
  if (days.length === 7) return 'every day';
  // A week begins on Monday, and three consecutive days are a range.
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

function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
