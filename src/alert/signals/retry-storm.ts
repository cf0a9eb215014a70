/** Retries that do not help: most attempts of a task are retried for one exception, for longer than a short outage lasts. */

import { matchesSome } from '../../event/glob.ts';
import { type Condition, type Evaluation, type Finding, isInIncident, severityOfTask } from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { deployBefore } from '../detection/deploys.ts';
import {
  defineThresholds,
  duration,
  fixedCount,
  leastCount,
  share,
  type TermsOf,
  termsOf,
} from '../detection/thresholds.ts';
import type { RetryEvidence } from '../evidence/retries.ts';
import { bucketMs, trendOf } from '../evidence/sliding-window.ts';
import type { TaskEvidence } from '../evidence/tasks.ts';
import { poolsOf } from '../evidence/worker-pool.ts';
import { taskPolicyOf } from '../policy.ts';
import type { Figures, Subject } from '../signal.ts';

const second = 1_000;
const minute = 60 * second;
const clearMs = 3 * minute;
/** Some tasks poll by retrying, so a storm needs this many times the baseline share of retries. */
const baselineFactor = 2;
const deploySuspectMs = 15 * minute;
const baselineExcludesMs = 10 * minute;

const retryStormThresholds = defineThresholds({
  option: 'retryStorm',
  description:
    'Retries for one cause: this share of the attempts, and this many in each of several consecutive periods.',
  overriddenBy: 'tasks',
  fields: {
    over: share(0.4),
    atLeast: leastCount(5),
    periods: fixedCount(3, 60),
    periodMs: duration(30 * second, 10 * second, 10 * minute),
  },
  sentence: ({ over, atLeast, periods, periodMs }, format) =>
    `Retries for one cause: ${format.share(over)} of the attempts and at least ${atLeast}, in each of ${periods} periods of ${format.duration(periodMs)}.`,
});

type Terms = TermsOf<typeof retryStormThresholds.fields>;

export const retryStorm = defineSignal({
  name: 'retries.storm',
  severity: 'normal',
  thresholds: retryStormThresholds,
  silences: 'task',
  joins: [{ openedBy: ['failures', 'retries'], shares: ['task'], begunWithinMs: 10 * minute }],
  words: {
    headline: 'Retry storm',
    short: 'retry storm',
    about: 'tasks',
    meaning: 'Attempts are retried again and again for the same reason. They may still succeed.',
    counts: ['retry', 'retries'],
    isException: true,
  },
  firesWhen: 'most attempts of a task are retried for one cause, in each of `periods` consecutive periods',
  per: 'fleet',
  detect(evaluation) {
    const { evidence, episodes, policy } = evaluation;
    const open = episodes.of('retry').flatMap((key) => evidence.retries.get(key) ?? []);
    return [...new Set([...evidence.retries.touched(), ...open])].flatMap((retry): Finding[] => {
      const task = evidence.tasks.find(retry.task);
      if (task === undefined) return [];
      const terms = termsOf(retryStormThresholds, policy, retry.task);
      const isStorm = isRetryStorm(evaluation, retry, task, terms);
      if (isStorm || episodes.has(retry.key)) return [conditionOf(evaluation, retry, task, isStorm)];
      const figures = figuresOf(evaluation, retry, task, terms);
      return [{ key: retry.key, reason: 'absorbed-by-retry', figures, subject: subjectOf(retry, task), failures: 0 }];
    });
  },
});

/** Each of the last periods had enough retries; a short outage fills one or two. */
function isRetryStorm(evaluation: Evaluation, retry: RetryEvidence, task: TaskEvidence, terms: Terms): boolean {
  const { now, policy } = evaluation;
  if (matchesSome(taskPolicyOf(policy, retry.task)?.ignore ?? [], retry.exception)) return false;
  const baseline = isInIncident(evaluation, retry.key) ? 0 : baselineShare(task, now);
  return Array.from({ length: terms.periods }, (_, period) => now - period * terms.periodMs).every((to) => {
    const retries = retry.window.between(to - terms.periodMs, to);
    const attempts = Math.max(retries, task.runs.between(to - terms.periodMs, to));
    return (
      retries >= terms.atLeast && retries >= terms.over * attempts && retries >= baselineFactor * baseline * attempts
    );
  });
}

/** Share of the task's attempts that were retried in the last 24 h, the last minutes excluded. */
function baselineShare(task: TaskEvidence, now: number): number {
  const attempts = task.baselineRuns.total(now) - task.runs.count(now, baselineExcludesMs);
  const retries = task.baselineRetries.total(now) - task.retried.count(now, baselineExcludesMs);
  return (Math.max(0, retries) + 1) / (Math.max(0, attempts) + 20);
}

function figuresOf({ now }: Evaluation, retry: RetryEvidence, task: TaskEvidence, terms: Terms): Figures {
  const withinMs = terms.periods * terms.periodMs;
  const count = retry.window.count(now, withinMs);
  const of = Math.max(count, task.runs.count(now, withinMs));
  return { count, limit: terms.atLeast * terms.periods, withinMs, baseline: undefined, of };
}

function conditionOf(evaluation: Evaluation, retry: RetryEvidence, task: TaskEvidence, isStorm: boolean): Condition {
  const { now, policy } = evaluation;
  const figures = figuresOf(evaluation, retry, task, termsOf(retryStormThresholds, policy, retry.task));
  const subject = subjectOf(retry, task);
  const firstAt = now - figures.withinMs;
  return {
    key: retry.key,
    severity: severityOfTask(evaluation, retry.task),
    level: isStorm ? 'holds' : 'clear',
    firstAt,
    lastAt: now,
    clearMs,
    // The periods have passed already.
    waitMs: 0,
    failures: 0,
    counter: { now: retry.total, atFirst: retry.total - retry.window.between(firstAt, now + bucketMs) },
    figures,
    trend: trendOf(retry.window, now, evaluation.evidence.listeningSince),
    subject,
    causeText: undefined,
    deploy: deployBefore(evaluation, subject.pools, now, deploySuspectMs),
  };
}

function subjectOf(retry: RetryEvidence, task: TaskEvidence): Subject {
  return {
    tasks: [retry.task],
    exceptions: [retry.exception],
    hosts: [...retry.hosts],
    pools: poolsOf(retry.hosts),
    queues: task.queue === undefined ? [] : [task.queue],
    title: retry.title,
    fingerprint: undefined,
    class: 'transient',
    cause: undefined,
    example: retry.example,
  };
}
