/** Tasks that fail too often, whatever the causes; and rare ones whose last runs all failed. */

import type { CauseEvidence } from '../evidence/causes.ts';
import { trendOf } from '../evidence/causes.ts';
import type { TaskEvidence } from '../evidence/tasks.ts';
import { keyText } from '../key.ts';
import { taskPolicyOf, thresholdsOf } from '../policy.ts';
import type { Subject } from '../signal.ts';
import { type Condition, type Detections, deployBefore, type Evaluation } from './condition.ts';

const minute = 60_000;
const hour = 60 * minute;

export function detectFailureRate(look: Evaluation): Detections {
  const conditions: Condition[] = [];
  for (const task of look.evidence.tasks.all()) {
    const failed = task.failed.lastAt();
    if (
      failed === undefined ||
      (look.now - failed > hour && !look.episodes.has(keyText({ kind: 'task', task: task.name })))
    )
      continue;
    const condition = judgeTask(look, task);
    if (condition !== undefined) conditions.push(condition);
  }
  return { conditions, held: [] };
}

function judgeTask(look: Evaluation, task: TaskEvidence): Condition | undefined {
  const { now, policy } = look;
  const terms = thresholdsOf(policy, task.name).failureRate;
  const failed = task.failed.count(now, terms.withinMs);
  const runs = Math.max(task.runs.count(now, terms.withinMs), failed);
  const isUnusual = look.evidence.openIncidentKeys.has(keyText({ kind: 'task', task: task.name }));
  const usualRuns = task.baselineRuns.total(now) - (isUnusual ? 0 : runs);
  const usualFailed = task.baselineFailures.total(now) - (isUnusual ? 0 : failed);
  const usual = (Math.max(0, usualFailed) + 1) / (Math.max(0, usualRuns) + 20);
  const share = runs === 0 ? 0 : failed / runs;
  const perHour = usualRuns / Math.max(1, look.evidence.observedMs(now) / hour);
  const isRare = perHour < 12 && look.evidence.observedMs(now) >= hour;
  const recent = task.lastRuns.slice(-3);
  const allFailed =
    isRare && recent.length === 3 && recent.every((run) => run.failed) && now - (recent[0]?.at ?? 0) < 24 * hour;
  const limit = Math.max(Math.ceil(terms.over * runs), Math.ceil(terms.factor * (usual * runs + 1)));
  const isHigh = runs >= terms.ofAtLeast && failed >= limit;
  const level =
    isHigh || (allFailed && now - (recent[2]?.at ?? 0) < minute)
      ? 'holds'
      : share >= terms.clear && failed >= 2
        ? 'lingers'
        : 'clear';
  if (level !== 'holds' && !look.episodes.has(keyText({ kind: 'task', task: task.name }))) return undefined;
  const hosts = [...task.hosts];
  const cause = mainCauseOf(look, task);
  return {
    name: 'failures.ratio',
    key: keyText({ kind: 'task', task: task.name }),
    severity: taskPolicyOf(policy, task.name)?.severity ?? 'high',
    level,
    firstAt: now - terms.withinMs,
    lastAt: level === 'clear' ? (task.failed.lastAt() ?? now) : now,
    clearMs: policy.resolve.afterMs,
    waitMs: policy.waitMs,
    counter: undefined,
    failures: 0,
    figures:
      isHigh || !allFailed
        ? { count: failed, limit, withinMs: terms.withinMs, baseline: usual * runs, of: runs }
        : { count: 3, limit: 3, withinMs: 0, baseline: undefined, of: 3 },
    trend: trendOf(task.failed, now),
    subject: {
      tasks: [task.name],
      exceptions: cause?.exceptions ?? [...task.exceptions],
      hosts,
      pools: cause?.pools ?? [],
      queues: task.queue === undefined ? [] : [task.queue],
      title: cause?.title ?? (`${task.name} fails` as Subject['title']),
      fingerprint: undefined,
      class: cause?.class,
      cause: cause?.cause,
      example: cause?.example,
    },
    causeText: undefined,
    deploy: deployBefore(look, cause?.pools ?? [], now, 15 * minute),
  };
}

/** The cause that this task fails for most, to tell what is going on. */
function mainCauseOf({ evidence, now, policy }: Evaluation, task: TaskEvidence): Subject | undefined {
  const { withinMs } = thresholdsOf(policy, task.name).failureRate;
  let main: CauseEvidence | undefined;
  let most = 0;
  for (const cause of evidence.causes.of(task.name)) {
    const count = cause.window.count(now, withinMs);
    if (count > most) [main, most] = [cause, count];
  }
  return main?.subject();
}
