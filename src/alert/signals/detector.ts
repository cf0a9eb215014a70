/** Evidence → the signals that hold now, and what was held back with its reason: one look at everything. */

import type { Millis } from '../../event/ids.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Book } from '../incident.ts';
import { type KeyText, keyText } from '../key.ts';
import type { Policy } from '../policy.ts';
import type { DeployMark, Signal, SuppressedSignal } from '../signal.ts';
import { detectBlindness } from './blind.ts';
import { type Condition, type Detections, Episodes, type Evaluation, heldBack } from './condition.ts';
import { detectFailureRate } from './failure-rate.ts';
import { detectFailureCauses } from './failure-signals.ts';
import { detectMissedSchedules } from './missed-schedule.ts';
import { detectRedeliveries } from './oddity-signals.ts';
import { detectQueueWaits, type OverSince } from './queue-wait.ts';
import { detectRetryStorms } from './retry-storm.ts';
import { detectStuckAttempts } from './stuck.ts';
import { detectLostAttempts, detectWorkerTroubles } from './worker-signals.ts';

export interface SignalFindings {
  readonly signals: readonly Signal[];
  readonly suppressed: readonly SuppressedSignal[];
  /** Keys that held and are seen to be over. */
  readonly cleared: readonly KeyText[];
  /** Rollouts that the names of the workers tell of. */
  readonly deploys: readonly DeployMark[];
}

export interface Detector {
  look(evidence: Evidence, policy: Policy, book: Pick<Book, 'marks' | 'deploys'>, now: Millis): SignalFindings;
}

export function createDetector(): Detector {
  const episodes = new Episodes();
  const overSince: OverSince = new Map();
  return {
    look(evidence, policy, { marks, deploys }, now) {
      const look: Evaluation = { evidence, policy, now, marks, deploys, episodes };
      noteSilence(look);
      const found: Detections[] = [
        detectBlindness(look),
        detectFailureCauses(look),
        detectFailureRate(look),
        detectRetryStorms(look),
        detectLostAttempts(look),
        detectRedeliveries(look),
        detectWorkerTroubles(look),
        detectStuckAttempts(look),
        detectQueueWaits(look, overSince),
        detectMissedSchedules(look),
      ];
      const signals: Signal[] = [];
      const held = found.flatMap((one) => one.held);
      for (const condition of found.flatMap(({ conditions }) => conditions)) {
        const signal = episodes.signalOf(condition, now);
        if (signal !== undefined) signals.push(signal);
        else if (condition.failures > 0) held.push(stragglersOf(condition));
      }
      evidence.openIncidentKeys = new Set([
        ...episodes.all(),
        ...signals.flatMap(({ subject }) => subject.tasks.map((task) => keyText({ kind: 'task', task: task }))),
      ]);
      return {
        signals,
        suppressed: held,
        cleared: episodes.takeCleared(),
        deploys: policy.deploys.from.includes('hosts') ? evidence.workers.takeRollouts() : [],
      };
    },
  };
}

/** While nothing is heard, nobody's absence counts, also before anybody says that there was a gap. */
function noteSilence({ evidence, now, policy }: Evaluation): void {
  const { lastEventAt } = evidence;
  if (lastEventAt === undefined) return;
  const limit = evidence.workers.silenceLimitMs(policy.thresholds.blind.afterMs);
  if (limit !== undefined && now - lastEventAt > limit)
    evidence.observe({ kind: 'gap', at: now, from: lastEventAt, to: now });
}

/** Failures that came in the look in which their signal was over: too few to hold, and accounted for all the same. */
function stragglersOf({ key, name, figures, subject, failures }: Condition): SuppressedSignal {
  return heldBack(key, name, 'below-threshold', figures, subject, failures);
}
