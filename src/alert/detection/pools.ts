/** Conditions about the workers of one pool. */
import type { Redacted } from '../../event/untrusted.ts';
import type { Pool } from '../evidence/workers.ts';
import { namesMax, type Subject } from '../signal.ts';
import { type Condition, type Evaluation, type Finding, levelCondition } from './condition.ts';
import { deployBefore } from './deploys.ts';

const deploySuspectMs = 15 * 60_000;

/** Judges each pool. Empty while events may be missing, because silence then proves no absence. */
export function detectPools(
  evaluation: Evaluation,
  judge: (evaluation: Evaluation, pool: Pool) => Finding | undefined,
): Finding[] {
  if (!evaluation.evidence.canJudgeAbsence(evaluation.now)) return [];
  return [...evaluation.evidence.workers.pools()].flatMap((pool) => judge(evaluation, pool) ?? []);
}

export function poolSubject(pool: Pool, hosts: Subject['hosts'], title: Redacted): Subject {
  return {
    tasks: [],
    exceptions: [],
    hosts: hosts.slice(0, namesMax),
    pools: [pool.name],
    queues: [],
    title,
    fingerprint: undefined,
    class: 'resource',
    cause: 'worker-lost',
    example: undefined,
  };
}

type PoolParts = Pick<Condition, 'key' | 'level' | 'firstAt' | 'lastAt' | 'clearMs' | 'figures' | 'subject'> &
  Pick<Partial<Condition>, 'gravity' | 'isForgotten'>;

export function poolCondition(evaluation: Evaluation, parts: PoolParts): Condition {
  const { now } = evaluation;
  return levelCondition(now, {
    ...parts,
    deploy: deployBefore(evaluation, parts.subject.pools, now, deploySuspectMs),
  });
}
