/** taskvigil why --task …: describes how a policy treats a failure, and names the entry of the file that decides it. */
import type { ThresholdSet } from '../alert/detection/thresholds.ts';
import { muteOf } from '../alert/mute-hours.ts';
import {
  type Matcher,
  type Policy,
  queueThresholdsOf,
  type Route,
  type Severity,
  taskPolicyOf,
  thresholdsOf,
} from '../alert/policy.ts';
import { signals, thresholdSets } from '../alert/signals/registry.ts';
import { type PolicyConfig, policyOf, taskSourcesOf } from '../config/policy/policy.ts';
import { writtenKeys } from '../config/policy/thresholds.ts';
import { durationText } from '../config/values/duration.ts';
import { matchesSome } from '../event/glob.ts';
import { shortName } from '../event/python/class-name.ts';
import {
  budgetText,
  matcherText,
  mentionText,
  reminderText,
  silenceText,
  thresholdLine,
  timeText,
} from './policy-lines.ts';

/** The failure in question. An undefined field may have any value. */
export interface Question {
  readonly task: string | undefined;
  readonly exception: string | undefined;
  readonly queue: string | undefined;
  readonly pool: string | undefined;
}

/** One line per rule of the policy that applies to the failure. */
export function whyLines(config: PolicyConfig, question: Question, now: number): string[] {
  const policy = policyOf(config);
  const asked = { ...question, exception: question.exception && shortName(question.exception) };
  const severity = taskPolicyOf(policy, asked.task)?.severity;
  return [
    ...taskLines(config, policy, asked, severity),
    ...thresholdLines(config, policy, asked, severity),
    ...ownerLines(config, policy, asked, severity ?? 'normal', now),
    ...silenceLines(policy, asked, now),
    ...scheduleLines(policy, asked.task, now),
    `${reminderText(policy)} Resolved after ${durationText(policy.resolve.afterMs)} without failures.`,
  ];
}

function taskLines(
  config: PolicyConfig,
  policy: Policy,
  { task, exception }: Question,
  severity: Severity | undefined,
): string[] {
  const own = taskPolicyOf(policy, task);
  const lines: string[] = [];
  const source = sourceOf(config, policy, task);
  if (task === undefined) lines.push('A task of unknown name: no entry of alerts.tasks governs it.');
  else lines.push(source === undefined ? `${task}: no entry of its own.` : `${task}: ${source}.`);
  lines.push(
    severity === undefined
      ? 'Severity: normal for failures, high where their share, a worker or a schedule is concerned.'
      : `Severity: ${severity}.`,
  );
  if (own?.mute === 'always') lines.push('Never posted: mute: always.');
  if (exception !== undefined && own !== undefined && matchesSome(own.ignore, exception)) {
    lines.push(`${exception} is ignored: counted and shown in the digest, but it never opens an incident by itself.`);
  }
  if (own !== undefined && !own.isIdempotent)
    lines.push('A second execution of one task opens an incident: idempotent: false.');
  return lines;
}

/** `critical (payouts.*) and alerts.tasks[1]`. */
function sourceOf(config: PolicyConfig, policy: Policy, task: string | undefined): string | undefined {
  if (task === undefined) return undefined;
  const glob = config.critical.find((one) => matchesSome([one], task));
  const index = indexOf(config, policy, task);
  const sources = [
    glob === undefined ? '' : `critical (${glob})`,
    index === undefined ? '' : `alerts.tasks[${index}] (${config.alerts.tasks[index]?.match.join(', ')})`,
  ].filter((source) => source !== '');
  return sources.length === 0 ? undefined : sources.join(' and ');
}

/** Index of the entry of `alerts.tasks` that the policy of a task is made of. */
function indexOf(config: PolicyConfig, { thresholds }: Policy, task: string | undefined): number | undefined {
  if (task === undefined) return undefined;
  return taskSourcesOf(config, thresholds).find(({ policy }) => matchesSome(policy.match, task))?.index;
}

function thresholdLines(
  config: PolicyConfig,
  policy: Policy,
  { task, queue, pool }: Question,
  severity: Severity | undefined,
): string[] {
  const thresholds = thresholdsOf(policy, task);
  const index = indexOf(config, policy, task);
  const isCritical = severity === 'critical';
  const isScheduled = policy.schedules.some((schedule) => schedule.task === task);
  const relevant = signals.filter(
    ({ per, words: { about } }) =>
      (about === 'tasks' && !(isCritical && per === 'cause')) ||
      (about === 'pool' && pool !== undefined) ||
      (about === 'schedule' && isScheduled),
  );
  const sets = new Set(relevant.flatMap((signal) => signal.thresholds ?? []));
  const waiting = queue ?? taskPolicyOf(policy, task)?.queue;
  return [
    isCritical
      ? 'Posted at its first failure, once its events have settled (limits.settle).'
      : `Posted ${durationText(policy.waitMs)} after one of these thresholds is crossed:`,
    ...[...sets].map((set) => `  ${thresholdLine(set, thresholds)} ${originText(config, index, set)}`),
    ...(waiting === undefined ? [] : queueLines(config, policy, waiting)),
  ];
}

function queueLines({ alerts }: PolicyConfig, policy: Policy, queue: string): string[] {
  const index = alerts.queues.findIndex(({ match }) => matchesSome(match, queue));
  const thresholds = queueThresholdsOf(policy, queue);
  return thresholdSets
    .filter(({ overriddenBy }) => overriddenBy === 'queues')
    .map((set) => {
      const origin = partsOf([
        [`alerts.queues[${index}]`, writtenKeys(alerts.queues[index], set)],
        ['alerts.defaults', writtenKeys(alerts.defaults, set)],
      ]);
      return `  ${queue}: ${thresholdLine(set, thresholds)} (${origin}profile ${policy.profile})`;
    });
}

/** Entries that set the values: `(min: alerts.tasks[1]; within: alerts.defaults; profile quiet)`. */
function originText({ alerts }: PolicyConfig, index: number | undefined, set: ThresholdSet): string {
  const origin = partsOf([
    [`alerts.tasks[${index}]`, index === undefined ? [] : writtenKeys(alerts.tasks[index], set)],
    ['alerts.defaults', writtenKeys(alerts.defaults, set)],
  ]);
  return `(${origin}profile ${alerts.profile})`;
}

function partsOf(places: readonly (readonly [place: string, keys: readonly string[]])[]): string {
  const named = new Set<string>();
  return places
    .map(([place, keys]) => {
      const own = keys.filter((key) => !named.has(key));
      for (const key of own) named.add(key);
      return own.length === 0 ? '' : `${own.join(', ')}: ${place}; `;
    })
    .join('');
}

/** Every owner that may match, up to the first one that matches for certain. */
function ownerLines(
  { alerts }: PolicyConfig,
  policy: Policy,
  asked: Question,
  severity: Severity,
  now: number,
): string[] {
  const lines: string[] = [];
  for (const [index, owner] of policy.owners.entries()) {
    const missing = missingFor(owner.match, asked);
    if (missing === undefined) continue;
    const condition = missing.length === 0 ? '' : ` if ${missing.join(' and ')}`;
    const place = index < alerts.owners.length ? `alerts.owners[${index}]` : 'slack.channel';
    lines.push(`Goes to ${owner.channel}${condition} (${place}: ${matcherText(owner.match)}).`);
    lines.push(...ofOwner(policy, owner, severity, now).map((line) => `  ${line}`));
    if (missing.length === 0) break;
  }
  const own = taskPolicyOf(policy, asked.task)?.mute;
  if (own !== undefined && own !== 'always') lines.push(muteLine(policy, own, severity, now));
  return lines;
}

function ofOwner(policy: Policy, { channel, mentions, mute, also }: Route, severity: Severity, now: number): string[] {
  const budget = policy.budgets.byChannel[channel] ?? policy.budgets.default;
  const mentioned = mentionText(mentions);
  return [
    ...(mentioned === '' ? [] : [`${mentioned}.`.replace('mentions', 'Mentions')]),
    ...(also.length === 0 ? [] : [`A link in ${also.join(', ')}.`]),
    ...(mute === undefined ? [] : [muteLine(policy, mute, severity, now)]),
    `The channel takes ${budgetText(budget)}.`,
  ];
}

function muteLine({ mutes }: Policy, name: string, severity: Severity, now: number): string {
  const muted = muteOf(mutes, name, now);
  if (muted === undefined) return `Not muted now (${name}).`;
  if (muted.hours.letThrough.includes(severity)) return `Mute hours now (${name}), which let ${severity} through.`;
  return `Muted now, until ${timeText(muted.until)} (${name}).`;
}

function silenceLines({ silences }: Policy, asked: Question, now: number): string[] {
  return silences.flatMap((silence) => {
    const missing = missingFor(silence.match, asked);
    if (missing === undefined) return [];
    const condition = missing.length === 0 ? '' : ` if ${missing.join(' and ')}`;
    const isOver = silence.until !== undefined && silence.until <= now;
    return [`${isOver ? 'No longer silenced' : `Silenced${condition}`}: ${silenceText(silence)}.`];
  });
}

function scheduleLines({ schedules }: Policy, task: string | undefined, now: number): string[] {
  return schedules
    .filter((schedule) => schedule.task === task)
    .map(({ name, dueAfter }) => `Expected by the schedule ${name}, next at ${timeText(dueAfter(now))}.`);
}

/** Further conditions of a matcher; undefined if the failure in question cannot match. */
function missingFor(match: Matcher, asked: Question): string[] | undefined {
  const missing: string[] = [];
  const facts = [
    ['the task is', match.tasks, asked.task],
    ['the exception is', match.exceptions, asked.exception],
    ['the queue is', match.queues, asked.queue],
    ['the pool is', match.pools, asked.pool],
    ['the signal is', match.signals, undefined],
    ['the class is', match.classes, undefined],
  ] as const;
  for (const [words, globs, fact] of facts) {
    if (globs.length === 0) continue;
    if (fact === undefined) missing.push(`${words} ${globs.join(' or ')}`);
    else if (!matchesSome(globs, fact)) return undefined;
  }
  return missing;
}
