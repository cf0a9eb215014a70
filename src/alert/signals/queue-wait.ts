/** Queues in which tasks wait for too long. */

import { cleanName, type Millis } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import { waitOf } from '../evidence/queues.ts';
import { keyText } from '../key.ts';
import { queueWaitOf } from '../policy.ts';
import type { Figures, Subject, SuppressedSignal } from '../signal.ts';
import { type Condition, type Detections, type Evaluation, heldBack, noDetections } from './condition.ts';
import { levelOf, nothing } from './level-condition.ts';

/** When each queue went over its limit without a break, kept by the look's owner. */
export type OverSince = Map<string, Millis>;

export function detectQueueWaits(look: Evaluation, overSince: OverSince): Detections {
  const { evidence, now, policy, episodes } = look;
  if (!evidence.canJudgeAbsence(now)) {
    overSince.clear();
    return noDetections;
  }
  const conditions: Condition[] = [];
  const held: SuppressedSignal[] = [];
  for (const queue of evidence.queues.all()) {
    const key = keyText({ kind: 'queue', queue: queue.name });
    const { overMs, forMs } = queueWaitOf(policy, queue.name);
    const wait = waitOf(queue, now);
    if (wait > overMs) overSince.set(queue.name, overSince.get(queue.name) ?? now);
    else overSince.delete(queue.name);
    const since = overSince.get(queue.name);
    if (since === undefined && !episodes.has(key)) continue;
    const isLate = since !== undefined && now - since >= forMs;
    const figures: Figures = {
      count: Math.round(wait),
      limit: overMs,
      withinMs: 0,
      baseline: undefined,
      of: queue.depth?.length ?? queue.waiting.size,
    };
    const title = redactedText`tasks wait ${Math.round(wait / 1_000)} s in ${cleanName(queue.name) ?? 'a queue'}`;
    const subject: Subject = { ...nothing, tasks: [...queue.tasks].slice(0, 20), queues: [queue.name], title };
    if (!isLate && !episodes.has(key)) {
      held.push(heldBack(key, 'latency', 'unconfirmed-absence', figures, subject, 0));
      continue;
    }
    const level = isLate ? 'holds' : wait > overMs / 2 ? 'lingers' : 'clear';
    conditions.push(
      levelOf(look, {
        name: 'latency',
        key,
        severity: 'normal',
        level,
        firstAt: (since ?? now) - overMs,
        clearMs: 180_000,
        figures,
        subject,
      }),
    );
  }
  return { conditions, held };
}
