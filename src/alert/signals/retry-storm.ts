/** Retries that do not help: most runs of a task are put off for one reason, for longer than a blip lasts. */

import { matchesSome } from '../../event/glob.ts';
import { trendOf } from '../evidence/causes.ts';
import type { RetryEvidence, TaskEvidence } from '../evidence/tasks.ts';
import { poolOf } from '../evidence/worker-pool.ts';
import { keyText } from '../key.ts';
import { type Thresholds, taskPolicyOf, thresholdsOf } from '../policy.ts';
import type { Figures, Subject, SuppressedSignal } from '../signal.ts';
import { type Condition, type Detections, deployBefore, type Evaluation, heldBack } from './condition.ts';

const calmMs = 180_000;
/** And so many times the task's usual share of retries: some tasks poll by retrying. */
const usualFactor = 2;

export function detectRetryStorms(look: Evaluation): Detections {
  const { evidence, episodes } = look;
  const open = episodes.open('retry').flatMap((key) => evidence.retries.get(keyText(key)) ?? []);
  const conditions: Condition[] = [];
  const held: SuppressedSignal[] = [];
  for (const retry of new Set([...evidence.retries.takeTouched(), ...open])) {
    const task = evidence.tasks.find(retry.task);
    if (task === undefined) continue;
    const terms = thresholdsOf(look.policy, retry.task).retryStorm;
    const figures = figuresOf(look, retry, task, terms);
    const isStorm = isStormy(look, retry, task, terms);
    if (isStorm || episodes.has(retry.key)) conditions.push(conditionOf(look, retry, figures, isStorm));
    else held.push(heldBack(retry.key, 'retries.storm', 'absorbed-by-retry', figures, subjectOf(retry, task), 0));
  }
  return { conditions, held };
}

/** Every one of the last periods had enough of them; a blip fills one or two. */
function isStormy(
  { now, policy, evidence }: Evaluation,
  retry: RetryEvidence,
  task: TaskEvidence,
  terms: Thresholds['retryStorm'],
): boolean {
  if (matchesSome(taskPolicyOf(policy, retry.task)?.ignore ?? [], retry.exception)) return false;
  const usualRuns = task.baselineRuns.total(now) - task.runs.count(now, 600_000);
  const usualRetried = task.baselineRetries.total(now) - task.retried.count(now, 600_000);
  const usual = evidence.openIncidentKeys.has(retry.key)
    ? 0
    : (Math.max(0, usualRetried) + 1) / (Math.max(0, usualRuns) + 20);
  for (let period = 0; period < terms.periods; period += 1) {
    const to = now - period * terms.periodMs;
    const retries = retry.window.between(to - terms.periodMs, to);
    const runs = Math.max(retries, task.runs.between(to - terms.periodMs, to));
    if (retries < terms.atLeast || retries < terms.over * runs || retries < usualFactor * usual * runs) return false;
  }
  return true;
}

function figuresOf(
  { now }: Evaluation,
  retry: RetryEvidence,
  task: TaskEvidence,
  terms: Thresholds['retryStorm'],
): Figures {
  const withinMs = terms.periods * terms.periodMs;
  const count = retry.window.count(now, withinMs);
  const of = Math.max(count, task.runs.count(now, withinMs));
  return { count, limit: terms.atLeast * terms.periods, withinMs, baseline: undefined, of };
}

function conditionOf(look: Evaluation, retry: RetryEvidence, figures: Figures, isStorm: boolean): Condition {
  const { now, policy } = look;
  const task = look.evidence.tasks.of(retry.task);
  const subject = subjectOf(retry, task);
  const firstAt = now - figures.withinMs;
  return {
    name: 'retries.storm',
    key: retry.key,
    severity: taskPolicyOf(policy, retry.task)?.severity ?? 'normal',
    level: isStorm ? 'holds' : 'clear',
    firstAt,
    lastAt: now,
    clearMs: calmMs,
    waitMs: 0,
    failures: 0,
    counter: { now: retry.total, atFirst: retry.total - retry.window.between(firstAt, now + 10_000) },
    figures,
    trend: trendOf(retry.window, now),
    subject,
    causeText: undefined,
    deploy: deployBefore(look, subject.pools, now, 900_000),
  };
}

function subjectOf(retry: RetryEvidence, task: TaskEvidence): Subject {
  const hosts = [...retry.hosts];
  return {
    tasks: [retry.task],
    exceptions: [retry.exception],
    hosts,
    pools: [...new Set(hosts.map((host) => poolOf(host).pool))],
    queues: task.queue === undefined ? [] : [task.queue],
    title: retry.title,
    fingerprint: undefined,
    class: 'transient',
    cause: undefined,
    example: retry.example,
  };
}
