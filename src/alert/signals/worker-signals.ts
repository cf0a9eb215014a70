/** Workers that are missing, that die again and again, and the runs that die with them: by pool, for which one is chance. */

import type { Millis } from '../../event/ids.ts';
import { type Redacted, redactedText } from '../../event/untrusted.ts';
import { trendOf } from '../evidence/causes.ts';
import type { LostEvidence } from '../evidence/lost-runs.ts';
import type { Pool } from '../evidence/workers.ts';
import { type KeyText, keyText } from '../key.ts';
import { taskPolicyOf } from '../policy.ts';
import type { Figures, SignalName, Subject, SuppressedSignal, SuppressedSignalReason } from '../signal.ts';
import { type Condition, type Detections, deployBefore, type Evaluation, heldBack, noDetections } from './condition.ts';

const backForMs = 120_000;
const calmMs = 900_000;
/** One worker that comes back and dies again so soon is in a loop by itself. */
const sameHostTimes = 2;
const sameHostWithinMs = 600_000;

export function detectWorkerTroubles(look: Evaluation): Detections {
  const { evidence, now } = look;
  if (!evidence.canJudgeAbsence(now)) return noDetections;
  evidence.sweep(now);
  const conditions: Condition[] = [];
  const held: SuppressedSignal[] = [];
  for (const pool of evidence.workers.pools()) {
    for (const found of [judgeShort(look, pool), judgeCrashLoop(look, pool)]) {
      if (found === undefined) continue;
      if ('level' in found) conditions.push(found);
      else held.push(found);
    }
  }
  return { conditions, held };
}

function judgeShort(look: Evaluation, pool: Pool): Condition | SuppressedSignal | undefined {
  const { now, policy, evidence, episodes } = look;
  const key = keyText({ kind: 'pool', pool: pool.name });
  const { forMs } = policy.thresholds.workerShort;
  const long = [...pool.missing].filter(([, since]) => now - since >= forMs);
  if (pool.missing.size === 0 && !episodes.has(key)) return undefined;
  const online = evidence.workers.online(pool.name).length;
  const figures: Figures = {
    count: online,
    limit: online + pool.missing.size,
    withinMs: 0,
    baseline: undefined,
    of: undefined,
  };
  const hosts = [...pool.missing.keys()];
  const subject = subjectOf(pool, hosts, redactedText`${hosts.length} of ${figures.limit} workers gone`);
  const hold = (reason: SuppressedSignalReason): SuppressedSignal =>
    heldBack(key, 'worker.short', reason, figures, subject, 0);
  if (!episodes.has(key)) {
    if (long.length === 0) return hold('unconfirmed-absence');
    if (inDeployGrace(look, pool.name)) return hold('deploy-grace');
  }
  const firstAt = Math.min(now, ...pool.missing.values());
  return conditionOf(look, {
    name: 'worker.short',
    key,
    level: long.length > 0 ? 'holds' : 'clear',
    firstAt,
    lastAt: now,
    clearMs: backForMs,
    figures,
    subject,
  });
}

function judgeCrashLoop(look: Evaluation, pool: Pool): Condition | SuppressedSignal | undefined {
  const { now, policy, episodes } = look;
  const key = keyText({ kind: 'pool', condition: 'crash-loop', pool: pool.name });
  const { times, withinMs } = policy.thresholds.crashLoop;
  const deaths = pool.deaths.filter(({ at }) => now - at <= withinMs);
  if (deaths.length === 0 && !episodes.has(key)) return undefined;
  const recent = deaths.filter(({ at }) => now - at <= sameHostWithinMs).map(({ host }) => host);
  const again = recent.filter((host, index) => recent.indexOf(host) !== index);
  const isLoop = deaths.length >= times || (again.length + 1 >= sameHostTimes && again.length > 0);
  const hosts = [...new Set(deaths.map(({ host }) => host))];
  const figures: Figures = { count: deaths.length, limit: times, withinMs, baseline: undefined, of: undefined };
  const subject = subjectOf(
    pool,
    hosts,
    redactedText`${deaths.length} workers died in ${Math.round(withinMs / 60_000)} min`,
  );
  if (!isLoop && !episodes.has(key)) return heldBack(key, 'worker.crash-loop', 'below-threshold', figures, subject, 0);
  if (!episodes.has(key) && inDeployGrace(look, pool.name))
    return heldBack(key, 'worker.crash-loop', 'deploy-grace', figures, subject, 0);
  const lastAt = deaths.at(-1)?.at ?? 0;
  const firstAt = deaths[0]?.at ?? now;
  return conditionOf(look, {
    name: 'worker.crash-loop',
    key,
    level: isLoop ? 'holds' : 'clear',
    firstAt,
    lastAt,
    clearMs: calmMs,
    figures,
    subject,
  });
}

/** Runs that died, by pool. */
export function detectLostAttempts(look: Evaluation): Detections {
  const conditions: Condition[] = [];
  const held: SuppressedSignal[] = [];
  for (const lost of look.evidence.lost.all()) {
    const found = judgeLost(look, lost);
    if (found === undefined) continue;
    if ('level' in found) conditions.push(found);
    else held.push(found);
  }
  return { conditions, held };
}

function judgeLost(look: Evaluation, lost: LostEvidence): Condition | SuppressedSignal | undefined {
  const { now, policy, episodes, evidence } = look;
  const key = keyText({ kind: 'pool', condition: 'lost', pool: lost.pool });
  const { min, withinMs } = policy.thresholds.lost;
  const count = lost.window.count(now, withinMs);
  if (count === 0 && !episodes.has(key)) return undefined;
  const isCritical = lost
    .recentTasks(now, withinMs)
    .some((task) => taskPolicyOf(policy, task)?.severity === 'critical');
  const limit = isCritical ? 1 : min;
  const figures: Figures = { count, limit, withinMs, baseline: undefined, of: undefined };
  const subject = lost.subject(now, withinMs);
  const failures = lost.unreported;
  lost.unreported = 0;
  if (!episodes.has(key)) {
    const hold = (reason: SuppressedSignalReason): SuppressedSignal | undefined =>
      failures > 0 ? heldBack(key, 'lost', reason, figures, subject, failures) : undefined;
    if (count < limit) return hold('below-threshold');
    if (inDeployGrace(look, lost.pool)) return hold('deploy-grace');
    if (evidence.isLearning(now, policy.learningMs) && !isCritical) return hold('learning');
  }
  const firstAt = Math.max(lost.firstAt, now - withinMs);
  return {
    ...conditionOf(look, {
      name: 'lost',
      key,
      level: count >= limit ? 'holds' : 'clear',
      firstAt,
      lastAt: lost.lastAt,
      clearMs: calmMs,
      figures,
      subject,
    }),
    severity: isCritical ? 'critical' : 'high',
    waitMs: isCritical ? 0 : policy.waitMs,
    failures,
    counter: { now: lost.total, atFirst: lost.total - lost.window.between(firstAt, now + 10_000) },
    trend: trendOf(lost.window, now),
  };
}

interface Parts {
  readonly name: SignalName;
  readonly key: KeyText;
  readonly level: Condition['level'];
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  readonly clearMs: Millis;
  readonly figures: Figures;
  readonly subject: Subject;
}

function conditionOf(look: Evaluation, parts: Parts): Condition {
  return {
    ...parts,
    severity: 'high',
    // The condition itself has lasted long enough.
    waitMs: 0,
    counter: undefined,
    failures: 0,
    trend: 'steady',
    causeText: undefined,
    deploy: deployBefore(look, parts.subject.pools, look.now, 900_000),
  };
}

/** While a pool is rolled out its workers come and go. */
function inDeployGrace(look: Evaluation, pool: string): boolean {
  return deployBefore(look, [pool], look.now, look.policy.deploys.workerGraceMs) !== undefined;
}

function subjectOf(pool: Pool, hosts: Subject['hosts'], title: Redacted): Subject {
  return {
    tasks: [],
    exceptions: [],
    hosts: hosts.slice(0, 20),
    pools: [pool.name],
    queues: [],
    title,
    fingerprint: undefined,
    class: 'resource',
    cause: 'worker-lost',
    example: undefined,
  };
}
