/** Workers of one pool that die again and again. */
import { redactedText } from '../../event/untrusted.ts';
import { type Evaluation, type Finding, plainFigures } from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { isInDeployGrace } from '../detection/deploys.ts';
import { detectPools, poolCondition, poolSubject } from '../detection/pools.ts';
import { defineThresholds, leastCount, termsOf, windowOf } from '../detection/thresholds.ts';
import type { Death, Pool } from '../evidence/workers.ts';
import type { SignalKey } from '../key.ts';

const minute = 60_000;
const clearMs = 15 * minute;
/** One worker that dies twice within this time is a loop, whatever the threshold for the pool. */
const sameHostWithinMs = 10 * minute;

const crashLoopThresholds = defineThresholds({
  option: 'crashLoop',
  description: 'Workers of one pool that stop and start again.',
  overriddenBy: undefined,
  fields: { times: leastCount(3, 2, 1_000), withinMs: windowOf(15 * minute) },
  sentence: ({ times, withinMs }, { duration }) =>
    `Workers that crash: ${times} times in ${duration(withinMs)} in one pool.`,
});

export const crashLoop = defineSignal({
  name: 'worker.crash-loop',
  severity: 'high',
  thresholds: crashLoopThresholds,
  silences: 'pool',
  joins: [{ openedBy: ['worker', 'lost'], shares: ['pool'] }],
  words: {
    headline: 'Crash loop',
    short: 'crash loop',
    about: 'pool',
    meaning: 'Workers start, stop without shutting down properly, and start again.',
    counts: ['crash', 'crashes'],
    isException: false,
  },
  firesWhen: 'workers of one pool die again and again',
  per: 'fleet',
  detect: (evaluation) => detectPools(evaluation, judgePool),
});

function judgePool(evaluation: Evaluation, pool: Pool): Finding | undefined {
  const { now, policy, episodes } = evaluation;
  const key: SignalKey = { kind: 'pool', condition: 'crash-loop', pool: pool.name };
  const { times, withinMs } = termsOf(crashLoopThresholds, policy);
  const deaths = pool.deaths.filter(({ at }) => now - at <= withinMs);
  if (deaths.length === 0 && !episodes.has(key)) return undefined;
  const isLoop = deaths.length >= times || hasRepeatedHost(deaths, now);
  const hosts = [...new Set(deaths.map(({ host }) => host))];
  const figures = plainFigures(deaths.length, times, withinMs);
  const minutes = Math.round(withinMs / minute);
  const subject = poolSubject(pool, hosts, redactedText`${deaths.length} workers died in ${minutes} min`);
  if (!isLoop && !episodes.has(key)) return { key, reason: 'below-threshold', figures, subject, failures: 0 };
  if (!episodes.has(key) && isInDeployGrace(evaluation, pool.name))
    return { key, reason: 'deploy-grace', figures, subject, failures: 0 };
  return poolCondition(evaluation, {
    key,
    level: isLoop ? 'holds' : 'clear',
    firstAt: deaths[0]?.at ?? now,
    lastAt: deaths.at(-1)?.at ?? 0,
    clearMs,
    figures,
    subject,
  });
}

function hasRepeatedHost(deaths: readonly Death[], now: number): boolean {
  const recent = deaths.filter(({ at }) => now - at <= sameHostWithinMs).map(({ host }) => host);
  return new Set(recent).size < recent.length;
}
