/** Runs that do not end. */

import type { Millis } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import type { OpenAttempt } from '../evidence/open-runs.ts';
import { poolOf } from '../evidence/worker-pool.ts';
import { keyText } from '../key.ts';
import { taskPolicyOf, thresholdsOf } from '../policy.ts';
import type { Figures, Subject, SuppressedSignal } from '../signal.ts';
import { type Condition, type Detections, type Evaluation, heldBack, noDetections } from './condition.ts';
import { levelOf, nothing } from './level-condition.ts';

const minute = 60_000;
/** Fewer run times say little about the longest. */
const samplesMin = 20;

/** Two runs over the limit, or one at twice the limit. */
export function detectStuckAttempts(look: Evaluation): Detections {
  const { evidence, now, episodes } = look;
  if (!evidence.canJudgeAbsence(now)) return noDetections;
  const limits = new Map<string, Millis | undefined>();
  const limitOf = (task: string): Millis | undefined => {
    if (!limits.has(task)) limits.set(task, stuckAfter(look, task));
    return limits.get(task);
  };
  const byTask = Map.groupBy(evidence.runs.longRunning(now, limitOf), ({ task }) => task as string);
  const names = new Set([...byTask.keys(), ...episodes.open('task', 'stuck').map(({ task }) => task)]);
  const conditions: Condition[] = [];
  const held: SuppressedSignal[] = [];
  for (const task of names) {
    const runs = byTask.get(task) ?? [];
    const limit = limitOf(task) ?? 0;
    const oldest = Math.min(now, ...runs.map(({ startedAt }) => startedAt));
    const isExplicit = thresholdsOf(look.policy, task).stuck.overMs !== undefined;
    const isStuck = runs.length >= 2 || (runs.length === 1 && (isExplicit || now - oldest > 2 * limit));
    const figures: Figures = { count: runs.length, limit, withinMs: 0, baseline: undefined, of: undefined };
    const subject = stuckSubject(task, runs, now - oldest);
    if (isStuck || episodes.has(keyText({ kind: 'task', condition: 'stuck', task: task }))) {
      conditions.push(
        levelOf(look, {
          name: 'stuck',
          key: keyText({ kind: 'task', condition: 'stuck', task: task }),
          severity: taskPolicyOf(look.policy, task)?.severity ?? 'high',
          level: isStuck ? 'holds' : runs.length > 0 ? 'lingers' : 'clear',
          firstAt: oldest,
          clearMs: minute,
          figures,
          subject,
        }),
      );
    } else
      held.push(
        heldBack(
          keyText({ kind: 'task', condition: 'stuck', task: task }),
          'stuck',
          'unconfirmed-absence',
          figures,
          subject,
          0,
        ),
      );
  }
  return { conditions, held };
}

function stuckAfter(look: Evaluation, task: string): Millis | undefined {
  const { overMs, p99Factor, floorMs } = thresholdsOf(look.policy, task).stuck;
  if (overMs !== undefined) return overMs;
  const times = look.evidence.tasks.find(task)?.runTimes;
  if (times === undefined || times.total < samplesMin) return undefined;
  return Math.max(floorMs, p99Factor * (times.quantile(0.99) ?? 0));
}

function stuckSubject(task: string, runs: readonly OpenAttempt[], longestMs: Millis): Subject {
  const hosts = [...new Set(runs.map(({ host }) => host))];
  const first = runs[0];
  return {
    ...nothing,
    tasks: [task],
    hosts: hosts.slice(0, 20),
    pools: [...new Set(hosts.map((host) => poolOf(host).pool))],
    queues: [...new Set(runs.flatMap(({ queue }) => queue ?? []))],
    title: redactedText`${runs.length} runs do not end, the longest since ${Math.round(longestMs / minute)} min`,
    cause: undefined,
    example: first?.example,
  };
}
