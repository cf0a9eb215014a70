/** Everything before the book: observations in, what they mean now out. One instance's own view; bounded, and never shared. */
import type { Millis } from '../../event/ids.ts';
import { Evidence, type Memory } from '../evidence/evidence.ts';
import type { Observation } from '../evidence/observation.ts';
import { matchesSome } from '../glob.ts';
import type { Book } from '../incident.ts';
import { type Policy, taskPolicyOf } from '../policy.ts';
import { createDetector, type Seen } from './detector.ts';

export interface Engine {
  /** An event was heard, whatever it was. */
  heard(at: Millis): void;
  saw(observation: Observation): void;
  /** What holds now, what was held back, and what is over. To be called once a second. */
  look(book: Pick<Book, 'marks' | 'deploys'>, now: Millis): Seen;
  canJudgeAbsence(now: Millis): boolean;
  /** What is usual, for another instance or a later start; undefined when nothing has been heard. */
  memory(): Memory | undefined;
  recall(memory: Memory): void;
}

/** `policy` is asked at each look, so that a changed one applies at once. */
export function createEngine(policy: () => Policy): Engine {
  const evidence = new Evidence({
    queueOf: (task) => taskPolicyOf(policy(), task)?.queue,
    isIgnored: (task, exception) => matchesSome(taskPolicyOf(policy(), task)?.ignore ?? [], exception),
  });
  const detector = createDetector();
  return {
    heard: (at) => evidence.heard(at),
    saw: (observation) => evidence.saw(observation),
    look: (book, now) => detector.look(evidence, policy(), book, now),
    canJudgeAbsence: (now) => evidence.canJudgeAbsence(now),
    memory: () => evidence.memory(),
    recall: (memory) => evidence.recall(memory),
  };
}

/** What two instances know of what is usual: the greater count of each hour, the earlier beginning. */
export function mergedMemory(stored: Memory | undefined, ours: Memory): Memory {
  if (stored === undefined) return ours;
  const evidence = new Evidence({ queueOf: () => undefined, isIgnored: () => false });
  evidence.recall(stored);
  evidence.recall(ours);
  return evidence.memory() ?? ours;
}
