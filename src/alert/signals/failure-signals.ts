/** Causes of failures that are new, back, worse than usual, or of a task that may not fail at all. */

import { matchesSome } from '../../event/glob.ts';
import type { Millis } from '../../event/ids.ts';
import { upperBound } from '../evidence/baseline-rate.ts';
import type { CauseEvidence } from '../evidence/causes.ts';
import { isCountedByPool } from '../evidence/causes.ts';
import { type KeyText, keyText } from '../key.ts';
import { type Severity, type Thresholds, taskPolicyOf, thresholdsOf } from '../policy.ts';
import type { DeployMark, Figures, SignalName, Subject, SuppressedSignal, SuppressedSignalReason } from '../signal.ts';
import { type Condition, type Detections, deployBefore, type Evaluation, heldBack, markOf } from './condition.ts';

const minute = 60_000;
const hour = 60 * minute;
const quietMs = 10 * minute;
/** What grows slowly is looked at over so many windows. */
const longer = 3;
/** Seen so often before the window, it is no news. */
const usualFrom = 3;
/** Younger than that it may be on its way up: what it did meanwhile says nothing of what is usual. */
const usualAfterMs = hour;
/** After a human said it is mended, what was under way may still fail. */
const resolvedGraceMs = 5 * minute;

type Terms = Thresholds['newFailure'];
type Hold = (signal: SignalName, reason: SuppressedSignalReason, figures: Figures) => SuppressedSignal;

/** One look at each cause that failed since the last look or has not cleared. */
export function detectFailureCauses(look: Evaluation): Detections {
  const { evidence, episodes } = look;
  const open = episodes.open('cause').flatMap(({ fingerprint }) => evidence.causes.get(fingerprint) ?? []);
  const conditions: Condition[] = [];
  const held: SuppressedSignal[] = [];
  for (const cause of new Set([...evidence.causes.takeTouched(), ...open])) {
    if (isCountedByPool(cause.last) && cause.unreported === 0) continue;
    const judged = judgeCause(look, cause);
    if ('level' in judged) conditions.push(judged);
    else if (cause.unreported > 0) held.push(judged);
    cause.unreported = 0;
  }
  return { conditions, held };
}

function judgeCause(look: Evaluation, cause: CauseEvidence): Condition | SuppressedSignal {
  const { policy, evidence, now } = look;
  const subject = cause.subject();
  const own = taskPolicyOf(policy, cause.last.task);
  const thresholds = thresholdsOf(policy, cause.last.task);
  const hold: Hold = (signal, reason, figures) =>
    heldBack(keyOf(cause), signal, reason, figures, subject, cause.unreported);
  const isCritical = own?.severity === 'critical';
  const inWindow = cause.window.count(now, thresholds.newFailure.withinMs);
  const counted: Figures = {
    count: inWindow,
    limit: 1,
    withinMs: thresholds.newFailure.withinMs,
    baseline: undefined,
    of: undefined,
  };

  if (cause.last.class === 'cancelled') return hold('failures.new', 'cancelled', counted);
  if (own !== undefined && subject.exceptions.some((name) => matchesSome(own.ignore, name)))
    return hold('failures.new', 'ignored', counted);
  if (isCritical) return critical(look, cause, subject, counted);
  const mark = markOf(look, subject, 'failures.new');
  if (mark?.state === 'archived') return judgeArchived(look, cause, subject, thresholds, hold);
  if (mark?.state === 'resolved') return judgeResolved(look, cause, subject, mark.at, hold);
  const before = cause.baseline.total(now) - inUsual(look, cause, thresholds);
  const isKnown = before >= usualFrom && now - cause.firstAt >= usualAfterMs;
  if (evidence.isLearning(now, policy.learningMs) && !look.episodes.has(keyOf(cause)))
    return hold('failures.new', 'learning', counted);
  return isKnown
    ? judgeKnown(look, cause, subject, thresholds.surge, hold)
    : judgeNew(look, cause, subject, thresholds.newFailure, hold);
}

function keyOf({ fingerprint }: CauseEvidence): KeyText {
  return keyText({ kind: 'cause', fingerprint: fingerprint });
}

/** What the window holds of what counts as usual: an open incident's failures do not. */
function inUsual(look: Evaluation, cause: CauseEvidence, thresholds: Thresholds): number {
  return look.evidence.openIncidentKeys.has(keyOf(cause))
    ? 0
    : cause.window.count(look.now, thresholds.newFailure.withinMs);
}

function critical(look: Evaluation, cause: CauseEvidence, subject: Subject, figures: Figures): Condition {
  const level = look.now - cause.lastAt < minute ? 'holds' : 'clear';
  return condition(look, cause, 'failures.critical', level, subject, figures, {
    severity: 'critical',
    waitMs: 0,
  });
}

/**
 * A cause that is not usual. One that was seen before needs more, as much as chance could make of what was seen: rare old causes
 * come three at a time now and then. And a leak that grows slowly shows in a longer window first.
 */
function judgeNew(
  look: Evaluation,
  cause: CauseEvidence,
  subject: Subject,
  terms: Terms,
  hold: Hold,
): Condition | SuppressedSignal {
  const { factor } = look.policy.thresholds.surge;
  const deploy = deployBefore(look, subject.pools, look.now, terms.afterDeploy.forMs);
  const isSinceDeploy = deploy !== undefined && cause.firstAt >= deploy.at;
  const short = isSinceDeploy
    ? figuresOf(look, cause, terms.withinMs, () => Math.min(terms.min, terms.afterDeploy.min))
    : figuresOf(look, cause, terms.withinMs, (usual) => Math.max(terms.min, Math.round(factor * usual + 2)));
  const long = figuresOf(look, cause, longer * terms.withinMs, (usual) =>
    Math.max(terms.min + 2, Math.round(factor * usual + 2)),
  );
  const enough = [short, long].find(
    (figures) => figures.count >= figures.limit && figures.count >= terms.share * (figures.of ?? 0),
  );
  const figures = enough ?? short;
  if (enough === undefined && !look.episodes.has(keyOf(cause))) return hold('failures.new', 'below-threshold', figures);
  return condition(look, cause, 'failures.new', enough === undefined ? 'clear' : 'holds', subject, figures, {});
}

/** The count in a window, against what is usual: what was seen before that window. */
function figuresOf(
  look: Evaluation,
  cause: CauseEvidence,
  withinMs: Millis,
  limitOf: (usual: number) => number,
): Figures {
  const { now, evidence } = look;
  const count = cause.window.count(now, withinMs);
  const isUnusual = evidence.openIncidentKeys.has(keyOf(cause));
  const before = Math.max(0, cause.baseline.total(now) - (isUnusual ? 0 : count));
  const observedMs = evidence.observedMs(now);
  const watchedMs = observedMs - (isUnusual ? 0 : withinMs);
  // Nothing seen in less than an hour says nothing of what is usual.
  const usual = before === 0 && observedMs < hour ? 0 : upperBound(before, watchedMs, withinMs);
  const runs = runsSince(look, cause, Math.max(cause.firstAt, now - withinMs), count);
  return { count, limit: limitOf(usual), withinMs, baseline: before === 0 ? undefined : usual, of: runs };
}

/** What the task ran meanwhile; never fewer than failed. */
function runsSince({ evidence, now }: Evaluation, cause: CauseEvidence, from: Millis, count: number): number {
  return Math.max(count, evidence.tasks.find(cause.last.task)?.runs.between(from, now + 10_000) ?? 0);
}

function judgeKnown(
  look: Evaluation,
  cause: CauseEvidence,
  subject: Subject,
  { min, factor, withinMs }: Thresholds['surge'],
  hold: Hold,
  name: 'failures.surge' | 'failures.escalated' = 'failures.surge',
): Condition | SuppressedSignal {
  const short = figuresOf(look, cause, withinMs, (usual) => Math.max(min, Math.ceil(factor * usual + 3)));
  const long = figuresOf(look, cause, longer * withinMs, (usual) => Math.max(2 * min, Math.ceil(factor * usual + 3)));
  const enough = [short, long].find(({ count, limit }) => count >= limit);
  const figures = enough ?? short;
  if (enough === undefined && !look.episodes.has(keyOf(cause)))
    return hold(name, name === 'failures.surge' ? 'known-rate' : 'archived', figures);
  const level = enough !== undefined ? 'holds' : short.count >= short.limit / 2 ? 'lingers' : 'clear';
  return condition(look, cause, name, level, subject, figures, {});
}

function judgeArchived(
  look: Evaluation,
  cause: CauseEvidence,
  subject: Subject,
  { surge }: Thresholds,
  hold: Hold,
): Condition | SuppressedSignal {
  return judgeKnown(look, cause, subject, { ...surge, min: Math.max(10, surge.min) }, hold, 'failures.escalated');
}

/** What a human resolved and what fails again; a straggler of what was under way is no regression. */
function judgeResolved(
  look: Evaluation,
  cause: CauseEvidence,
  subject: Subject,
  resolvedAt: Millis,
  hold: Hold,
): Condition | SuppressedSignal {
  const { now } = look;
  const from = Math.max(resolvedAt + resolvedGraceMs, now - quietMs);
  const count = from >= now ? 0 : cause.window.between(from, now + 10_000);
  const isNewer = deployBefore(look, subject.pools, now, now - resolvedAt) !== undefined;
  const limit = isNewer ? 1 : 2;
  const figures: Figures = { count, limit, withinMs: quietMs, baseline: undefined, of: undefined };
  if (count < limit && !look.episodes.has(keyOf(cause))) return hold('failures.regressed', 'below-threshold', figures);
  return condition(look, cause, 'failures.regressed', count >= limit ? 'holds' : 'clear', subject, figures, {
    severity: 'high',
  });
}

function condition(
  look: Evaluation,
  cause: CauseEvidence,
  name: SignalName,
  level: Condition['level'],
  subject: Subject,
  figures: Figures,
  { severity, waitMs, clearMs }: { severity?: Severity; waitMs?: Millis; clearMs?: Millis },
): Condition {
  const { policy, now } = look;
  const own = taskPolicyOf(policy, cause.last.task)?.severity;
  const deploy = deployBefore(look, subject.pools, now, hour);
  const firstAt = firstInWindow(cause, now, figures.withinMs);
  // A count clears when nothing has come for so long, a surge when it is below half of what opened it.
  const isCount = name === 'failures.new' || name === 'failures.critical' || name === 'failures.regressed';
  return {
    name,
    key: keyOf(cause),
    severity: own ?? severity ?? 'normal',
    level,
    firstAt,
    lastAt: isCount ? cause.lastAt : now,
    clearMs: clearMs ?? policy.resolve.afterMs,
    waitMs: waitMs ?? policy.waitMs,
    failures: cause.unreported,
    counter: { now: cause.total, atFirst: cause.total - cause.window.between(firstAt, now + 10_000) },
    figures,
    trend: cause.trend(now),
    subject,
    causeText: causeTextOf(cause),
    deploy: isSuspect(deploy, cause, firstAt) ? deploy : undefined,
  };
}

/** A cause never seen before a deploy has to do with it, and one that begins to grow within minutes. */
function isSuspect(deploy: DeployMark | undefined, cause: CauseEvidence, firstAt: Millis): boolean {
  if (deploy === undefined || firstAt < deploy.at) return false;
  return cause.firstAt >= deploy.at || firstAt - deploy.at <= 15 * minute;
}

function firstInWindow(cause: CauseEvidence, now: Millis, withinMs: Millis): Millis {
  return Math.max(cause.firstAt, now - withinMs);
}

/**
 * Class and words, without what differs from one failure to the next. What the interpreter says of a defect, `list index out of
 * range`, it says of every such defect, so those words make no common cause.
 */
function causeTextOf({ last }: CauseEvidence): string | undefined {
  if (last.exception === undefined || (last.class === 'bug' && interpreterErrors.test(last.exception)))
    return undefined;
  const words = last.title
    .replace(/\[redacted(?::[\w-]+)?\]/g, '#')
    .replace(/(['"])\S*?\1/g, '#')
    .replace(/\b0x[0-9a-f]+\b|[\w.+-]*\d[\w.:-]*/gi, '#')
    .slice(0, 160);
  return /:.*\p{L}{3}/u.test(words) ? words : undefined;
}

const interpreterErrors =
  /^(?:Arithmetic|Assertion|Attribute|Buffer|EOF|FloatingPoint|Import|ModuleNotFound|Index|Key|Lookup|Name|NotImplemented|Overflow|Recursion|Reference|Runtime|Syntax|Indentation|System|Type|UnboundLocal|Unicode\w*|Value|ZeroDivision)Error$|^Stop(?:Async)?Iteration$|^Exception$/;
