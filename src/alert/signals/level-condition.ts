/** The parts that all signals share whose condition is a level that lasts, and no count. */

import type { Subject } from '../signal.ts';
import type { Condition, Evaluation } from './condition.ts';

/** A subject of which nothing is known yet. */
export const nothing: Omit<Subject, 'title'> = {
  tasks: [],
  exceptions: [],
  hosts: [],
  pools: [],
  queues: [],
  fingerprint: undefined,
  class: undefined,
  cause: undefined,
  example: undefined,
};

type Parts = Pick<Condition, 'name' | 'key' | 'severity' | 'level' | 'firstAt' | 'clearMs' | 'figures' | 'subject'>;

/** A level that lasts: nothing is counted, and its own condition has waited. */
export function levelOf(look: Evaluation, parts: Parts): Condition {
  return {
    ...parts,
    lastAt: look.now,
    waitMs: 0,
    counter: undefined,
    failures: 0,
    trend: 'steady',
    causeText: undefined,
    deploy: undefined,
  };
}
