/** A pool with fewer workers than before. */
import { type Redacted, redactedText } from '../../event/untrusted.ts';
import { type Evaluation, type Finding, plainFigures } from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { isInDeployGrace } from '../detection/deploys.ts';
import { detectPools, poolCondition, poolSubject } from '../detection/pools.ts';
import { defineThresholds, holdFor, termsOf } from '../detection/thresholds.ts';
import type { Pool } from '../evidence/workers.ts';
import type { SignalKey } from '../key.ts';
import type { Gravity, SuppressedSignalReason } from '../signal.ts';

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
    outage: 'No workers left',
    short: 'workers missing',
    about: 'pool',
    meaning: 'The missing workers stopped sending heartbeats without shutting down.',
    counts: undefined,
    isException: false,
    measure: ({ count, limit }, { amount }) =>
      count >= limit
        ? `all ${amount(limit)} workers online`
        : `${amount(limit - count)} of ${amount(limit)} workers missing`,
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
  const isForgotten = pool.missing.size === 0 && pool.isForgotten;
  const isLong = [...pool.missing.values()].some((since) => now - since >= forMs);
  const online = evidence.workers.onlineCount(pool.name);
  const figures = plainFigures(online, online + pool.missing.size);
  const hosts = [...pool.missing.keys()];
  const gravity = !isLong || online > 0 ? 0 : evidence.workers.isAnyOnline() ? 1 : 2;
  const subject = poolSubject(pool, hosts, titleOf(hosts.length, figures.limit, gravity));
  const reason = episodes.has(key) ? undefined : reasonToSuppress(evaluation, pool, isLong);
  if (reason !== undefined) return { key, reason, figures, subject, failures: 0 };
  return poolCondition(evaluation, {
    key,
    level: isLong ? 'holds' : 'clear',
    firstAt: Math.min(now, ...pool.missing.values()),
    lastAt: now,
    clearMs: isForgotten ? 0 : clearMs,
    figures,
    subject,
    gravity,
    isForgotten,
  });
}

function titleOf(missing: number, limit: number, gravity: Gravity): Redacted {
  const workers = redactedText`${missing} of ${limit} workers missing`;
  if (gravity === 0) return workers;
  return gravity === 1
    ? redactedText`no worker left: ${workers}`
    : redactedText`no worker left in any pool: ${workers}`;
}

function reasonToSuppress(evaluation: Evaluation, pool: Pool, isLong: boolean): SuppressedSignalReason | undefined {
  if (!isLong) return 'unconfirmed-absence';
  return isInDeployGrace(evaluation, pool.name) ? 'deploy-grace' : undefined;
}
