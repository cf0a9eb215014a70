/** Facts about one cause of failures that the signals about causes decide by. */

import type { Millis } from '../../event/ids.ts';
import { upperBound } from '../evidence/baseline-rate.ts';
import type { CauseEvidence } from '../evidence/causes.ts';
import { bucketMs } from '../evidence/sliding-window.ts';
import type { CauseMark } from '../incident.ts';
import type { SignalKey } from '../key.ts';
import { type Severity, type TaskPolicy, taskPolicyOf } from '../policy.ts';
import type { DeployMark, Figures, Subject, SuppressedSignalReason } from '../signal.ts';
import { type Condition, type Evaluation, isInIncident, type Suppression } from './condition.ts';
import { deployBefore, markOf } from './deploys.ts';

export interface CauseContext extends Evaluation {
  readonly cause: CauseEvidence;
  readonly key: SignalKey;
  readonly task: string | undefined;
  readonly subject: Subject;
  readonly taskPolicy: TaskPolicy | undefined;
  readonly mark: CauseMark | undefined;
  /** A signal about this cause fires or has not cleared. */
  readonly isOpen: boolean;
  readonly isCritical: boolean;
}

const minute = 60_000;
const hour = 60 * minute;
/** Slow growth shows in a window of this many times the configured one. */
const longWindowFactor = 3;
/** A cause with this many failures before the window is known. */
const knownFrom = 3;
/** A cause needs an hour of history before its rate counts as a baseline. */
const knownAfterMs = hour;
/** A cause may grow this long after a deploy and still be attributed to it. */
const deploySuspectMs = 15 * minute;

export function causeContext(evaluation: Evaluation, cause: CauseEvidence): CauseContext {
  const key: SignalKey = { kind: 'cause', fingerprint: cause.fingerprint };
  const subject = cause.subject();
  const { task } = cause.last;
  const taskPolicy = taskPolicyOf(evaluation.policy, task);
  return {
    ...evaluation,
    cause,
    key,
    task,
    subject,
    taskPolicy,
    mark: markOf(evaluation, subject),
    isOpen: evaluation.episodes.has(key),
    isCritical: taskPolicy?.severity === 'critical',
  };
}

/** True for causes that no operator marked and that the policy does not declare critical. */
export function isUnmarked({ isCritical, mark }: CauseContext): boolean {
  return !isCritical && mark === undefined;
}

/** True if the cause failed often enough, and long enough ago, to have a baseline. Failures within `windowMs` do not count. */
export function isKnown(context: CauseContext, windowMs: Millis): boolean {
  const { cause, now } = context;
  const recent = isInIncident(context, context.key) ? 0 : cause.window.count(now, windowMs);
  return cause.baseline.total(now) - recent >= knownFrom && now - cause.firstAt >= knownAfterMs;
}

/** Count in a window, the count that chance makes of the baseline, and the limit derived from it. */
export function countAgainstBaseline(
  context: CauseContext,
  windowMs: Millis,
  limitFrom: (baseline: number) => number,
): Figures {
  const { cause, now, evidence } = context;
  const count = cause.window.count(now, windowMs);
  const isExcluded = isInIncident(context, context.key);
  const before = Math.max(0, cause.baseline.total(now) - (isExcluded ? 0 : count));
  const observedMs = evidence.observedMs(now);
  const baselineMs = observedMs - (isExcluded ? 0 : windowMs);
  // Less than an hour without a failure is no evidence of a baseline of zero failures.
  const baseline = before === 0 && observedMs < hour ? 0 : upperBound(before, baselineMs, windowMs);
  const attempts = attemptsSince(context, Math.max(cause.firstAt, now - windowMs), count);
  return {
    count,
    limit: limitFrom(baseline),
    withinMs: windowMs,
    baseline: before === 0 ? undefined : baseline,
    of: attempts,
  };
}

/** The configured window and a longer one in which slow growth shows. */
export function longWindow(windowMs: Millis): Millis {
  return longWindowFactor * windowMs;
}

/** Attempts of the task since `from`; never fewer than `count`, since start events may be lost. */
function attemptsSince({ evidence, now, task }: CauseContext, from: Millis, count: number): number {
  return Math.max(count, evidence.tasks.find(task)?.runs.between(from, now + bucketMs) ?? 0);
}

interface CauseConditionParts {
  readonly level: Condition['level'];
  readonly figures: Figures;
  readonly severity?: Severity;
  readonly waitMs?: Millis;
  /** `last-failure`: over when no failure came for the clear time. `now`: over when the rate fell below the lower level. */
  readonly lastAt: 'last-failure' | 'now';
}

/** Condition about a cause. The policy of the task may set another severity. */
export function causeCondition(context: CauseContext, parts: CauseConditionParts): Condition {
  const { policy, now, cause, subject, key, taskPolicy } = context;
  const { level, figures, severity, waitMs = policy.waitMs, lastAt } = parts;
  const deploy = deployBefore(context, subject.pools, now, hour);
  const firstAt = Math.max(cause.firstAt, now - figures.withinMs);
  return {
    key,
    severity: taskPolicy?.severity ?? severity,
    level,
    firstAt,
    lastAt: lastAt === 'now' ? now : cause.lastAt,
    clearMs: policy.resolve.afterMs,
    waitMs,
    failures: cause.unreported,
    counter: { now: cause.total, atFirst: cause.total - cause.window.between(firstAt, now + bucketMs) },
    figures,
    trend: cause.trend(now, context.evidence.listeningSince),
    subject,
    causeText: causeTextOf(cause),
    deploy: isSuspect(deploy, cause, firstAt) ? deploy : undefined,
  };
}

export function causeSuppression(context: CauseContext, reason: SuppressedSignalReason, figures: Figures): Suppression {
  const { key, subject, cause } = context;
  return { key, reason, figures, subject, failures: cause.unreported };
}

/** A deploy is suspect if the cause first failed after it, or grew within minutes of it. */
function isSuspect(deploy: DeployMark | undefined, cause: CauseEvidence, firstAt: Millis): boolean {
  if (deploy === undefined || firstAt < deploy.at) return false;
  return cause.firstAt >= deploy.at || firstAt - deploy.at <= deploySuspectMs;
}

/**
 * Class and words of an exception without the parts that differ between failures, so that one dependency that fails many
 * tasks is recognised. Undefined for built-in exceptions of a bug: `list index out of range` is the text of every such bug.
 */
function causeTextOf({ last }: CauseEvidence): string | undefined {
  if (last.exception === undefined || (last.class === 'bug' && builtInErrors.test(last.exception))) return undefined;
  const words = last.title
    .replace(/\[redacted(?::[\w-]+)?\]/g, '#')
    .replace(/(['"])\S*?\1/g, '#')
    .replace(/\b0x[0-9a-f]+\b|[\w.+-]*\d[\w.:-]*/gi, '#')
    .slice(0, 160);
  return /:.*\p{L}{3}/u.test(words) ? words : undefined;
}

const builtInErrors =
  /^(?:Arithmetic|Assertion|Attribute|Buffer|EOF|FloatingPoint|Import|ModuleNotFound|Index|Key|Lookup|Name|NotImplemented|Overflow|Recursion|Reference|Runtime|Syntax|Indentation|System|Type|UnboundLocal|Unicode\w*|Value|ZeroDivision)Error$|^Stop(?:Async)?Iteration$|^Exception$/;
