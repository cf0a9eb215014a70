/**
 * From observations to signals: one instance's own view of the fleet, bounded, and never shared. Each evaluation updates the
 * evidence, evaluates the signals without changing it, and then records the result.
 */

import { matchesSome } from '../../event/glob.ts';
import type { Millis } from '../../event/ids.ts';
import { type Condition, type Evaluation, isSuppression, type Suppression } from '../detection/condition.ts';
import { Episodes } from '../detection/episodes.ts';
import { termsOf } from '../detection/thresholds.ts';
import { type BaselineSnapshot, Evidence, type EvidenceOptions } from '../evidence/evidence.ts';
import type { Observation } from '../evidence/observation.ts';
import type { Book } from '../incident.ts';
import { type KeyText, keyText } from '../key.ts';
import { type Policy, taskPolicyOf } from '../policy.ts';
import type { Signal, SignalFindings, SuppressedSignal } from '../signal.ts';
import { blindThresholds } from '../signals/blind.ts';
import { evaluate, type SignalFinding, updateMeasures } from './evaluate.ts';
import { loadEvidence, type SavedEvidence, saveEvidence } from './saved-evidence.ts';

export interface AlertEngine {
  /** Records that an event of any kind was received. */
  noteEvent(at: Millis): void;
  observe(observation: Observation): void;
  /** Signals that fire now, suppressed evidence, and keys that cleared. To be called once a second. */
  evaluate(book: Pick<Book, 'marks' | 'deploys'>, now: Millis): SignalFindings;
  canJudgeAbsence(now: Millis): boolean;
  /** Baselines for another instance or a later start. Undefined before the first event. */
  snapshot(): BaselineSnapshot | undefined;
  restore(snapshot: BaselineSnapshot): void;
  /** All evidence as text of at most `charsMax` characters, for the next instance that decides. */
  save(now: Millis, charsMax: number): SavedEvidence;
  /**
   * Continues with the evidence that another process saved, instead of its own. `listeningSince`: start of the time without
   * a gap in this process. Returns the time at which the text was saved, or undefined for a text of another format.
   */
  load(text: string, listeningSince: Millis): Millis | undefined;
}

/** `policy` is read at each evaluation, so that a changed policy applies at once. */
export function createAlertEngine(policy: () => Policy): AlertEngine {
  const options: EvidenceOptions = {
    queueOf: (task) => taskPolicyOf(policy(), task)?.queue,
    isIgnored: (task, exception) => matchesSome(taskPolicyOf(policy(), task)?.ignore ?? [], exception),
  };
  let evidence = new Evidence(options);
  let episodes = new Episodes();
  return {
    noteEvent: (at) => evidence.noteEvent(at),
    observe: (observation) => evidence.observe(observation),
    canJudgeAbsence: (now) => evidence.canJudgeAbsence(now),
    snapshot: () => evidence.snapshot(),
    restore: (snapshot) => evidence.restore(snapshot),
    save: (now, charsMax) => saveEvidence({ evidence, episodes }, now, charsMax),
    load(text, listeningSince) {
      const loaded = { evidence: new Evidence(options), episodes: new Episodes() };
      const savedAt = loadEvidence(loaded, text);
      if (savedAt === undefined) return undefined;
      const baselines = evidence.snapshot();
      if (baselines !== undefined) loaded.evidence.restore(baselines);
      loaded.evidence.resume({ listeningSince, lastEventAt: evidence.lastEventAt });
      ({ evidence, episodes } = loaded);
      return savedAt;
    },
    evaluate({ marks, deploys }, now) {
      const current = policy();
      const silenceLimitMs = advance(evidence, current, now);
      const evaluation: Evaluation = { evidence, policy: current, now, marks, deploys, episodes, silenceLimitMs };
      updateMeasures(evaluation);
      const findings = evaluate(evaluation);
      const result = apply(findings, episodes, now);
      settle(evidence, findings);
      evidence.openIncidentKeys = openKeys(episodes, result.signals);
      const rollouts = evidence.workers.takeRollouts();
      const forgotten = episodes.forgotten();
      return {
        ...result,
        forgotten,
        cleared: episodes.takeCleared(),
        deploys: current.deploys.from.includes('hosts') ? rollouts : [],
      };
    },
  };
}

/** Brings the evidence up to `now`. Returns the silence of the fleet beyond which events are missing. */
function advance(evidence: Evidence, policy: Policy, now: Millis): Millis {
  const { afterMs } = termsOf(blindThresholds, policy);
  const limit = evidence.workers.silenceLimitMs(afterMs) ?? Number.POSITIVE_INFINITY;
  const { lastEventAt } = evidence;
  // During silence absence proves nothing, even before a source reports the gap.
  if (lastEventAt !== undefined && now - lastEventAt > limit)
    evidence.observe({ kind: 'gap', at: now, from: lastEventAt, to: now });
  if (evidence.canJudgeAbsence(now)) evidence.sweep(now);
  return limit;
}

function apply(
  findings: readonly SignalFinding[],
  episodes: Episodes,
  now: Millis,
): Pick<SignalFindings, 'signals' | 'suppressed'> {
  const signals: Signal[] = [];
  const suppressed: SuppressedSignal[] = [];
  for (const { definition, finding } of findings) {
    if (isSuppression(finding)) {
      suppressed.push(suppressedSignal(definition.name, finding));
      continue;
    }
    const signal = episodes.apply(finding, definition, now);
    if (signal !== undefined) signals.push(signal);
    else if (finding.failures > 0) suppressed.push(suppressedSignal(definition.name, remainderOf(finding)));
  }
  return { signals, suppressed };
}

function suppressedSignal(name: string, { key, reason, figures, subject, failures }: Suppression): SuppressedSignal {
  return {
    key: keyText(key),
    signal: name,
    reason,
    figures,
    task: subject.tasks[0],
    exception: subject.exceptions[0],
    failures,
  };
}

/** Failures of the evaluation in which their signal cleared: too few to fire, and counted all the same. */
function remainderOf({ key, figures, subject, failures }: Condition): Suppression {
  return { key, reason: 'below-threshold', figures, subject, failures };
}

/** Each failure is reported once: by a signal or by a suppression. */
function settle(evidence: Evidence, findings: readonly SignalFinding[]): void {
  for (const { finding } of findings) evidence.markReported(finding.key, finding.failures);
  evidence.clearTouched();
}

/** Keys whose events do not count towards a baseline: those of open signals, and the tasks that they name. */
function openKeys(episodes: Episodes, signals: readonly Signal[]): Set<KeyText> {
  const tasks = signals.flatMap(({ subject }) => subject.tasks.map((task) => keyText({ kind: 'task', task })));
  return new Set([...episodes.keys(), ...tasks]);
}

/** Baselines of two instances: the greater count of each hour, the earlier start. */
export function mergeSnapshots(stored: BaselineSnapshot | undefined, ours: BaselineSnapshot): BaselineSnapshot {
  if (stored === undefined) return ours;
  const evidence = new Evidence({ queueOf: () => undefined, isIgnored: () => false });
  evidence.restore(stored);
  evidence.restore(ours);
  return evidence.snapshot() ?? ours;
}
