/** A task that fails too often, whatever the causes; and a rare task whose last attempts all failed. */
import { cleanName } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import { type Condition, type Evaluation, plainFigures, severityOfTask } from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { deployBefore } from '../detection/deploys.ts';
import { externalJoins } from '../detection/joins.ts';
import {
  defineThresholds,
  factor,
  leastCount,
  share,
  type TermsOf,
  termsOf,
  windowOf,
} from '../detection/thresholds.ts';
import { failureWords } from '../detection/words.ts';
import { bucketMs, trendOf } from '../evidence/sliding-window.ts';
import type { TaskEvidence } from '../evidence/tasks.ts';
import { keyText, type SignalKey } from '../key.ts';
import type { Figures, Subject } from '../signal.ts';

const minute = 60_000;
const hour = 60 * minute;
/** A task with fewer attempts in an hour never has enough of them in the window. */
const rareBelowPerHour = 12;
const rareFailures = 3;
const deploySuspectMs = 15 * minute;

const failureRateThresholds = defineThresholds({
  option: 'failureRate',
  description: 'All failures of one task, whatever their cause, and this factor above its normal share.',
  overriddenBy: 'tasks',
  fields: {
    over: share(0.2),
    ofAtLeast: leastCount(20),
    withinMs: windowOf(5 * minute),
    clear: share(0.1),
    factor: factor(4),
  },
  sentence: ({ over, ofAtLeast, withinMs, clear, factor: times }, format) =>
    `Failures of a task, whatever their cause: ${format.share(over)} of at least ${format.count(ofAtLeast, 'attempt')} ` +
    `in ${format.duration(withinMs)} and ${times} times its baseline; over below ${format.share(clear)}.`,
});

type Terms = TermsOf<typeof failureRateThresholds.fields>;

export const failureRate = defineSignal({
  name: 'failures.ratio',
  severity: 'high',
  needsHistory: false,
  thresholds: failureRateThresholds,
  silences: 'task',
  joins: [...externalJoins, { openedBy: ['failures', 'retries'], shares: ['task'] }],
  words: {
    ...failureWords,
    headline: 'Failure rate too high',
    short: 'failure rate',
    meaning: 'Failures of this task, all causes together.',
  },
  firesWhen:
    'a task, whatever the causes: `over` of `of_at_least` attempts `within`, and `factor` times its baseline. A rare task: its last three attempts all failed',
  per: 'fleet',
  detect(evaluation) {
    const { evidence, now, episodes } = evaluation;
    return [...evidence.tasks.all()].flatMap((task) => {
      const failedAt = task.failed.lastAt();
      const isOld = failedAt !== undefined && now - failedAt > hour;
      if (failedAt === undefined || (isOld && !episodes.has(keyOf(task)))) return [];
      return judgeTask(evaluation, task) ?? [];
    });
  },
});

function keyOf({ name }: TaskEvidence): SignalKey {
  return { kind: 'task', task: name };
}

function judgeTask(evaluation: Evaluation, task: TaskEvidence): Condition | undefined {
  const { now, policy, episodes } = evaluation;
  const terms = termsOf(failureRateThresholds, policy, task.name);
  const rate = rateOf(evaluation, task, terms);
  const rare = rareFailure(evaluation, task);
  const isHigh = rate.attempts >= terms.ofAtLeast && rate.failed >= rate.limit;
  const part = rate.attempts === 0 ? 0 : rate.failed / rate.attempts;
  const isElevated = part >= terms.clear && rate.failed >= 2;
  const level = isHigh || rare.isRecent ? 'holds' : isElevated ? 'lingers' : 'clear';
  if (level !== 'holds' && !episodes.has(keyOf(task))) return undefined;
  const cause = mainCause(evaluation, task, terms);
  const isRare = !isHigh && rare.isAll;
  const firstAt = isRare ? (task.lastRuns.at(-rareFailures)?.at ?? now) : now - terms.withinMs;
  const before = isRare ? rareFailures : task.failed.between(firstAt, now + bucketMs);
  return {
    key: keyOf(task),
    severity: severityOfTask(evaluation, task.name),
    level,
    firstAt,
    lastAt: level === 'clear' ? (task.failed.lastAt() ?? now) : now,
    clearMs: policy.resolve.afterMs,
    waitMs: policy.waitMs,
    counter: { now: task.failedTotal, atFirst: Math.max(0, task.failedTotal - before) },
    failures: 0,
    figures: isRare ? { ...plainFigures(rareFailures, rareFailures), of: rareFailures } : figuresOf(rate, terms),
    trend: trendOf(task.failed, now, evaluation.evidence.listeningSince),
    subject: subjectOf(task, cause),
    causeText: undefined,
    deploy: deployBefore(evaluation, cause?.pools ?? [], now, deploySuspectMs),
  };
}

interface Rate {
  readonly failed: number;
  readonly attempts: number;
  /** Share of failures in the last 24 h, the window and open incidents excluded. */
  readonly baseline: number;
  readonly limit: number;
}

function rateOf({ now, evidence }: Evaluation, task: TaskEvidence, terms: Terms): Rate {
  const failed = task.failed.count(now, terms.withinMs);
  const attempts = Math.max(task.runs.count(now, terms.withinMs), failed);
  const isExcluded = evidence.openIncidentKeys.has(keyText(keyOf(task)));
  const before = attemptsBefore({ now, evidence }, task, attempts);
  const failedBefore = Math.max(0, task.baselineFailures.total(now) - (isExcluded ? 0 : failed));
  const baseline = (failedBefore + 1) / (Math.max(0, before) + 20);
  const limit = Math.max(Math.ceil(terms.over * attempts), Math.ceil(terms.factor * (baseline * attempts + 1)));
  return { failed, attempts, baseline, limit };
}

function attemptsBefore(
  { now, evidence }: Pick<Evaluation, 'now' | 'evidence'>,
  task: TaskEvidence,
  recent: number,
): number {
  const isExcluded = evidence.openIncidentKeys.has(keyText(keyOf(task)));
  return task.baselineRuns.total(now) - (isExcluded ? 0 : recent);
}

/** The last attempts of a rare task all failed within a day; `isRecent` if the last of them just did. */
function rareFailure(
  { now, evidence, policy }: Evaluation,
  task: TaskEvidence,
): { readonly isAll: boolean; readonly isRecent: boolean } {
  const { withinMs } = termsOf(failureRateThresholds, policy, task.name);
  const recent = Math.max(task.runs.count(now, withinMs), task.failed.count(now, withinMs));
  const perHour = attemptsBefore({ now, evidence }, task, recent) / Math.max(1, evidence.observedMs(now) / hour);
  const isRare = perHour < rareBelowPerHour && evidence.observedMs(now) >= hour;
  const last = task.lastRuns.slice(-rareFailures);
  const isAll =
    isRare &&
    last.length === rareFailures &&
    last.every(({ failed }) => failed) &&
    now - (last[0]?.at ?? 0) < 24 * hour;
  return { isAll, isRecent: isAll && now - (last.at(-1)?.at ?? 0) < minute };
}

function figuresOf({ failed, attempts, baseline, limit }: Rate, { withinMs }: Terms): Figures {
  return { count: failed, limit, withinMs, baseline: baseline * attempts, of: attempts };
}

function subjectOf(task: TaskEvidence, cause: Subject | undefined): Subject {
  return {
    tasks: [task.name],
    exceptions: cause?.exceptions ?? [...task.exceptions],
    hosts: [...task.hosts],
    pools: cause?.pools ?? [],
    queues: task.queue === undefined ? [] : [task.queue],
    title: cause?.title ?? redactedText`${cleanName(task.name) ?? 'the task'} fails`,
    fingerprint: undefined,
    class: cause?.class,
    cause: cause?.cause,
    example: cause?.example,
  };
}

/** The cause of most failures in the window; its exception describes the incident. */
function mainCause({ evidence, now }: Evaluation, task: TaskEvidence, { withinMs }: Terms): Subject | undefined {
  const counts = evidence.causes.of(task.name).map((cause) => ({ cause, count: cause.window.count(now, withinMs) }));
  const main = counts
    .filter(({ count }) => count > 0)
    .reduce<(typeof counts)[number] | undefined>(
      (most, next) => (most === undefined || next.count > most.count ? next : most),
      undefined,
    );
  return main?.cause.subject();
}
