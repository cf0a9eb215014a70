/** Evidence → the signals that hold now, and what was held back with its reason: one look at everything. */

import type { Millis } from '../../event/ids.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Book } from '../incident.ts';
import type { Policy } from '../policy.ts';
import type { DeployMark, Held, Signal, SignalKey } from '../signal.ts';
import { lookAtHearing } from './blind.ts';
import { type Condition, Episodes, type Found, heldBack, type Look } from './condition.ts';
import { lookAtTasks } from './failure-rate.ts';
import { lookAtCauses } from './failure-signals.ts';
import { lookAtSchedules } from './missed-schedule.ts';
import { lookAtOddities } from './oddity-signals.ts';
import { lookAtQueues, type OverSince } from './queue-wait.ts';
import { lookAtRetries } from './retry-storm.ts';
import { lookAtRuns } from './stuck.ts';
import { lookAtLost, lookAtWorkers } from './worker-signals.ts';

export interface Seen {
  readonly signals: readonly Signal[];
  readonly held: readonly Held[];
  /** Keys that held and are seen to be over. */
  readonly cleared: readonly SignalKey[];
  /** Rollouts that the names of the workers tell of. */
  readonly deploys: readonly DeployMark[];
}

export interface Detector {
  look(evidence: Evidence, policy: Policy, book: Pick<Book, 'marks' | 'deploys'>, now: Millis): Seen;
}

export function createDetector(): Detector {
  const episodes = new Episodes();
  const overSince: OverSince = new Map();
  return {
    look(evidence, policy, { marks, deploys }, now) {
      const look: Look = { evidence, policy, now, marks, deploys, episodes };
      noteSilence(look);
      const found: Found[] = [
        lookAtHearing(look),
        lookAtCauses(look),
        lookAtTasks(look),
        lookAtRetries(look),
        lookAtLost(look),
        lookAtOddities(look),
        lookAtWorkers(look),
        lookAtRuns(look),
        lookAtQueues(look, overSince),
        lookAtSchedules(look),
      ];
      const signals: Signal[] = [];
      const held = found.flatMap((one) => one.held);
      for (const condition of found.flatMap(({ conditions }) => conditions)) {
        const signal = episodes.signalOf(condition, now);
        if (signal !== undefined) signals.push(signal);
        else if (condition.failures > 0) held.push(stragglersOf(condition));
      }
      evidence.unusual = new Set([
        ...episodes.all(),
        ...signals.flatMap(({ subject }) => subject.tasks.map((task) => `t|${task}`)),
      ]);
      return {
        signals,
        held,
        cleared: episodes.takeCleared(),
        deploys: policy.deploys.from.includes('hosts') ? evidence.workers.takeRollouts() : [],
      };
    },
  };
}

/** While nothing is heard, nobody's absence counts, also before anybody says that there was a gap. */
function noteSilence({ evidence, now, policy }: Look): void {
  const { heardAt } = evidence;
  if (heardAt === undefined) return;
  const limit = evidence.workers.deafAfterMs(policy.thresholds.blind.afterMs);
  if (limit !== undefined && now - heardAt > limit) evidence.saw({ kind: 'gap', at: now, from: heardAt, to: now });
}

/** Failures that came in the look in which their signal was over: too few to hold, and accounted for all the same. */
function stragglersOf({ key, name, figures, subject, failures }: Condition): Held {
  return heldBack(key, name, 'below-threshold', figures, subject, failures);
}
