/** A pool with fewer workers than before. */
import { redactedText } from '../../event/untrusted.ts';
import { type Evaluation, type Finding, plainFigures } from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { isInDeployGrace } from '../detection/deploys.ts';
import { detectPools, poolCondition, poolSubject } from '../detection/pools.ts';
import { defineThresholds, holdFor, termsOf } from '../detection/thresholds.ts';
import type { Pool } from '../evidence/workers.ts';
import type { SignalKey } from '../key.ts';
import type { SuppressedSignalReason } from '../signal.ts';

const clearMs = 120_000;

const workerShortThresholds = defineThresholds({
  option: 'workerShort',
  description: 'A pool with fewer workers than before, without a shutdown.',
  overriddenBy: undefined,
  fields: { forMs: holdFor(90_000) },
  sentence: ({ forMs }, { duration }) =>
    `A pool that is short of workers: for ${duration(forMs)}, and none of them shut down.`,
});

export const workerShort = defineSignal({
  name: 'worker.short',
  severity: 'high',
  thresholds: workerShortThresholds,
  silences: 'pool',
  joins: [{ openedBy: ['worker', 'lost'], shares: ['pool'] }],
  words: {
    headline: 'Workers missing',
    short: 'workers missing',
    about: 'pool',
    meaning: 'The missing workers stopped sending heartbeats without shutting down.',
    counts: undefined,
    isException: false,
    measure: ({ count, limit }, { amount }) =>
      `${amount(Math.max(0, limit - count))} of ${amount(limit)} workers missing`,
    showsLimit: false,
  },
  firesWhen: 'a pool has fewer workers than before, and none of the missing ones shut down',
  per: 'fleet',
  detect: (evaluation) => detectPools(evaluation, judgePool),
});

function judgePool(evaluation: Evaluation, pool: Pool): Finding | undefined {
  const { now, policy, evidence, episodes } = evaluation;
  const key: SignalKey = { kind: 'pool', pool: pool.name };
  if (pool.missing.size === 0 && !episodes.has(key)) return undefined;
  const { forMs } = termsOf(workerShortThresholds, policy);
  const isLong = [...pool.missing.values()].some((since) => now - since >= forMs);
  const online = evidence.workers.onlineCount(pool.name);
  const figures = plainFigures(online, online + pool.missing.size);
  const hosts = [...pool.missing.keys()];
  const subject = poolSubject(pool, hosts, redactedText`${hosts.length} of ${figures.limit} workers missing`);
  const reason = episodes.has(key) ? undefined : reasonToSuppress(evaluation, pool, isLong);
  if (reason !== undefined) return { key, reason, figures, subject, failures: 0 };
  return poolCondition(evaluation, {
    key,
    level: isLong ? 'holds' : 'clear',
    firstAt: Math.min(now, ...pool.missing.values()),
    lastAt: now,
    clearMs,
    figures,
    subject,
  });
}

function reasonToSuppress(evaluation: Evaluation, pool: Pool, isLong: boolean): SuppressedSignalReason | undefined {
  if (!isLong) return 'unconfirmed-absence';
  return isInDeployGrace(evaluation, pool.name) ? 'deploy-grace' : undefined;
}
