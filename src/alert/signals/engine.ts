/** Everything before the book: observations in, what they mean now out. One instance's own view; bounded, and never shared. */

import { matchesSome } from '../../event/glob.ts';
import type { Millis } from '../../event/ids.ts';
import { type BaselineSnapshot, Evidence } from '../evidence/evidence.ts';
import type { Observation } from '../evidence/observation.ts';
import type { Book } from '../incident.ts';
import { type Policy, taskPolicyOf } from '../policy.ts';
import { createDetector, type SignalFindings } from './detector.ts';

export interface AlertEngine {
  /** An event was heard, whatever it was. */
  noteEvent(at: Millis): void;
  observe(observation: Observation): void;
  /** What holds now, what was held back, and what is over. To be called once a second. */
  evaluate(book: Pick<Book, 'marks' | 'deploys'>, now: Millis): SignalFindings;
  canJudgeAbsence(now: Millis): boolean;
  /** What is usual, for another instance or a later start; undefined when nothing has been heard. */
  snapshot(): BaselineSnapshot | undefined;
  restore(memory: BaselineSnapshot): void;
}

/** `policy` is asked at each look, so that a changed one applies at once. */
export function createAlertEngine(policy: () => Policy): AlertEngine {
  const evidence = new Evidence({
    queueOf: (task) => taskPolicyOf(policy(), task)?.queue,
    isIgnored: (task, exception) => matchesSome(taskPolicyOf(policy(), task)?.ignore ?? [], exception),
  });
  const detector = createDetector();
  return {
    noteEvent: (at) => evidence.noteEvent(at),
    observe: (observation) => evidence.observe(observation),
    evaluate: (book, now) => detector.look(evidence, policy(), book, now),
    canJudgeAbsence: (now) => evidence.canJudgeAbsence(now),
    snapshot: () => evidence.snapshot(),
    restore: (memory) => evidence.restore(memory),
  };
}

/** What two instances know of what is usual: the greater count of each hour, the earlier beginning. */
export function mergeSnapshots(stored: BaselineSnapshot | undefined, ours: BaselineSnapshot): BaselineSnapshot {
  if (stored === undefined) return ours;
  const evidence = new Evidence({ queueOf: () => undefined, isIgnored: () => false });
  evidence.restore(stored);
  evidence.restore(ours);
  return evidence.snapshot() ?? ours;
}
