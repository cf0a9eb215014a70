/** Attempts that run far longer than the task's attempts do. */
import type { Millis } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import {
  type Evaluation,
  emptySubject,
  type Finding,
  levelCondition,
  plainFigures,
  severityOfTask,
} from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { defineThresholds, duration, factor, optionalDuration, termsOf } from '../detection/thresholds.ts';
import type { OpenAttempt } from '../evidence/open-runs.ts';
import { poolsOf } from '../evidence/worker-pool.ts';
import type { SignalKey } from '../key.ts';
import { namesMax, type Subject } from '../signal.ts';

const second = 1_000;
const minute = 60 * second;
const day = 1_440 * minute;
const clearMs = minute;
/** The slowest of fewer attempts is no estimate of the 99th percentile. */
const samplesMin = 20;
const percentile = 0.99;
/** One attempt alone may be slow for its arguments, so it must exceed the limit twice over. */
const singleFactor = 2;

const stuckThresholds = defineThresholds({
  option: 'stuck',
  description:
    'An attempt longer than floor, and longer than p99 of its task by this factor. over: an explicit limit instead of both.',
  overriddenBy: 'tasks',
  fields: {
    p99Factor: factor(4),
    floorMs: duration(5 * minute, second, 7 * day),
    overMs: optionalDuration(second, 30 * day),
  },
  sentence: ({ p99Factor, floorMs, overMs }, format) =>
    overMs === undefined
      ? `An attempt that is stuck: longer than ${format.duration(floorMs)} and ${p99Factor} times the 99th percentile of the run time.`
      : `An attempt that is stuck: longer than ${format.duration(overMs)}.`,
});

export const stuck = defineSignal({
  name: 'stuck',
  severity: 'high',
  thresholds: stuckThresholds,
  silences: 'task',
  joins: [{ openedBy: ['stuck', 'latency'], shares: ['queue'] }],
  words: {
    headline: 'Stuck',
    short: 'stuck',
    about: 'tasks',
    meaning: 'The worker still reports the attempt as running.',
    counts: undefined,
    isException: false,
    measure: ({ count }, { amount }) => `${amount(count)} ${count === 1 ? 'attempt' : 'attempts'} running too long`,
    unit: 'duration',
  },
  firesWhen:
    'two attempts (or one, for twice as long) run longer than `floor` and `p99_factor` times the 99th percentile of the run time; or one, longer than `over`',
  per: 'fleet',
  detect(evaluation) {
    const { evidence, now, episodes } = evaluation;
    if (!evidence.canJudgeAbsence(now)) return [];
    const limits = new Map<string, Millis | undefined>();
    const limitOf = (task: string): Millis | undefined => {
      if (!limits.has(task)) limits.set(task, limitOfTask(evaluation, task));
      return limits.get(task);
    };
    const long = Map.groupBy(evidence.runs.longRunning(now, limitOf), ({ task }) => task ?? '');
    const tasks = new Set([...long.keys(), ...episodes.of('task', 'stuck').map(({ task }) => task)]);
    return [...tasks].map((task) =>
      judgeTask(evaluation, { task, attempts: long.get(task) ?? [], limitMs: limitOf(task) ?? 0 }),
    );
  },
});

function judgeTask(
  evaluation: Evaluation,
  {
    task,
    attempts,
    limitMs,
  }: { readonly task: string; readonly attempts: readonly OpenAttempt[]; readonly limitMs: Millis },
): Finding {
  const { now, policy, episodes } = evaluation;
  const key: SignalKey = { kind: 'task', condition: 'stuck', task };
  const startedAt = Math.min(now, ...attempts.map((attempt) => attempt.startedAt));
  const isExplicit = termsOf(stuckThresholds, policy, task).overMs !== undefined;
  const isLong = isExplicit || now - startedAt > singleFactor * limitMs;
  const isStuck = attempts.length >= 2 || (attempts.length === 1 && isLong);
  const figures = plainFigures(attempts.length, limitMs);
  const subject = subjectOf(task, attempts, now - startedAt);
  if (!isStuck && !episodes.has(key)) return { key, reason: 'unconfirmed-absence', figures, subject, failures: 0 };
  return levelCondition(now, {
    key,
    severity: severityOfTask(evaluation, task),
    level: isStuck ? 'holds' : attempts.length > 0 ? 'lingers' : 'clear',
    firstAt: startedAt,
    clearMs,
    figures,
    subject,
  });
}

/** Run time from which an attempt is long. Undefined while too few attempts have ended. */
function limitOfTask({ policy, evidence }: Evaluation, task: string): Millis | undefined {
  const { overMs, p99Factor, floorMs } = termsOf(stuckThresholds, policy, task);
  if (overMs !== undefined) return overMs;
  const times = evidence.tasks.find(task)?.runTimes;
  if (times === undefined || times.total < samplesMin) return undefined;
  return Math.max(floorMs, p99Factor * (times.quantile(percentile) ?? 0));
}

function subjectOf(task: string, attempts: readonly OpenAttempt[], longestMs: Millis): Subject {
  const hosts = [...new Set(attempts.map(({ host }) => host))];
  return {
    ...emptySubject,
    tasks: [task],
    hosts: hosts.slice(0, namesMax),
    pools: poolsOf(hosts),
    queues: [...new Set(attempts.flatMap(({ queue }) => queue ?? []))],
    title: redactedText`${attempts.length} attempts running too long, the longest for ${Math.round(longestMs / minute)} min`,
    example: attempts[0]?.example,
  };
}
