/** Attempts that died with their process. Which task a death hits is chance, so deaths are counted by pool. */

import type { Millis } from '../../event/ids.ts';
import { type Counter, type Evaluation, type Finding, levelCondition, plainFigures } from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { deployBefore, isInDeployGrace } from '../detection/deploys.ts';
import { defineThresholds, leastCount, termsOf, windowOf } from '../detection/thresholds.ts';
import type { LostEvidence } from '../evidence/lost-runs.ts';
import { bucketMs, trendOf } from '../evidence/sliding-window.ts';
import type { SignalKey } from '../key.ts';
import { taskPolicyOf } from '../policy.ts';
import type { SuppressedSignalReason } from '../signal.ts';

const minute = 60_000;
const clearMs = 15 * minute;
const deploySuspectMs = 15 * minute;

const lostThresholds = defineThresholds({
  option: 'lost',
  description: 'Attempts that died with their process, in one pool.',
  overriddenBy: undefined,
  fields: { min: leastCount(2), withinMs: windowOf(10 * minute) },
  sentence: ({ min, withinMs }, { duration }) =>
    `Attempts that died with their process: ${min} in ${duration(withinMs)} in one pool.`,
});

export const lostRuns = defineSignal({
  name: 'lost',
  severity: 'high',
  thresholds: lostThresholds,
  silences: 'pool',
  joins: [{ openedBy: ['worker', 'redelivery'], shares: ['pool'] }],
  words: {
    headline: 'Attempts lost',
    short: 'attempts lost',
    about: 'pool',
    meaning: 'The worker process died during these attempts: killed, out of memory, or over its hard time limit.',
    counts: ['attempt lost', 'attempts lost'],
    isException: true,
  },
  firesWhen: 'attempts died with their process, in one pool',
  per: 'fleet',
  detect: (evaluation) => [...evaluation.evidence.lost.all()].flatMap((lost) => judgePool(evaluation, lost) ?? []),
});

function judgePool(evaluation: Evaluation, lost: LostEvidence): Finding | undefined {
  const { now, policy, episodes } = evaluation;
  const key: SignalKey = { kind: 'pool', condition: 'lost', pool: lost.pool };
  const { min, withinMs } = termsOf(lostThresholds, policy);
  const count = lost.window.count(now, withinMs);
  if (count === 0 && !episodes.has(key)) return undefined;
  const isCritical = lost
    .recentTasks(now, withinMs)
    .some((task) => taskPolicyOf(policy, task)?.severity === 'critical');
  const limit = isCritical ? 1 : min;
  const figures = plainFigures(count, limit, withinMs);
  const subject = lost.subject(now, withinMs);
  const failures = lost.unreported;
  const reason = episodes.has(key) ? undefined : reasonToSuppress(evaluation, lost.pool, count < limit);
  if (reason !== undefined) return failures > 0 ? { key, reason, figures, subject, failures } : undefined;
  const firstAt = Math.max(lost.firstAt, now - withinMs);
  return levelCondition(now, {
    key,
    severity: isCritical ? 'critical' : undefined,
    level: count >= limit ? 'holds' : 'clear',
    firstAt,
    lastAt: lost.lastAt,
    clearMs,
    waitMs: isCritical ? 0 : policy.waitMs,
    failures,
    counter: counterOf(lost, now, firstAt),
    figures,
    trend: trendOf(lost.window, now, evaluation.evidence.listeningSince),
    subject,
    deploy: deployBefore(evaluation, subject.pools, now, deploySuspectMs),
  });
}

function counterOf(lost: LostEvidence, now: Millis, firstAt: Millis): Counter {
  const recent = lost.window.between(firstAt, now + bucketMs);
  const parts = { now: { ...lost.parts }, atFirst: lost.partsBefore(firstAt) };
  return { now: lost.total, atFirst: lost.total - recent, parts };
}

function reasonToSuppress(evaluation: Evaluation, pool: string, isBelow: boolean): SuppressedSignalReason | undefined {
  if (isBelow) return 'below-threshold';
  return isInDeployGrace(evaluation, pool) ? 'deploy-grace' : undefined;
}
