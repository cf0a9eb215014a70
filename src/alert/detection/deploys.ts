/** Deploys and operators' marks that change how evidence is judged. */

import { matchesSome } from '../../event/glob.ts';
import type { Millis } from '../../event/ids.ts';
import type { CauseMark } from '../incident.ts';
import { matches } from '../matcher.ts';
import type { DeployMark, Subject } from '../signal.ts';
import type { Evaluation } from './condition.ts';

/** The newest deploy of one of these pools in the `withinMs` before `at`. */
export function deployBefore(
  { deploys }: Pick<Evaluation, 'deploys'>,
  pools: readonly string[],
  at: Millis,
  withinMs: Millis,
): DeployMark | undefined {
  return deploys.findLast(
    (deploy) =>
      deploy.at <= at &&
      at - deploy.at <= withinMs &&
      (deploy.pools.length === 0 || pools.some((pool) => matchesSome(deploy.pools, pool))),
  );
}

/** Workers of a pool stop and start while the pool is rolled out. */
export function isInDeployGrace(evaluation: Pick<Evaluation, 'deploys' | 'policy' | 'now'>, pool: string): boolean {
  return deployBefore(evaluation, [pool], evaluation.now, evaluation.policy.deploys.workerGraceMs) !== undefined;
}

/** The latest mark that an operator set on a cause of failures. */
export function markOf({ marks }: Pick<Evaluation, 'marks'>, subject: Subject): CauseMark | undefined {
  return marks.findLast(({ match }) => matches(match, subject, 'failures.new'));
}
