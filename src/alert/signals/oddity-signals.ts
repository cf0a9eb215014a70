/** Messages that are begun again and again, and work that was done twice where that does harm. */

import { redactedText } from '../../event/untrusted.ts';
import { poolOf } from '../evidence/worker-pool.ts';
import { keyText } from '../key.ts';
import { taskPolicyOf } from '../policy.ts';
import type { Figures, Subject } from '../signal.ts';
import type { Condition, Detections, Evaluation } from './condition.ts';
import { levelOf, nothing } from './level-condition.ts';

const minute = 60_000;
const oddityQuietMs = 15 * minute;

/** Messages that are begun again and again, and work done twice where that does harm. */
export function detectRedeliveries(look: Evaluation): Detections {
  const { evidence, now, policy, episodes } = look;
  const conditions: Condition[] = [];
  for (const oddity of evidence.repeatedDeliveries.values()) {
    const key = keyText({ kind: 'message', taskId: oddity.taskId });
    const isRecent = now - oddity.lastAt < oddityQuietMs;
    if (!isRecent && !episodes.has(key)) continue;
    const own = taskPolicyOf(policy, oddity.task);
    if (oddity.what === 'run-twice' && own?.isIdempotent !== false) continue;
    const isPoison = oddity.what === 'poison-loop';
    const words = isPoison
      ? redactedText`one message, begun ${oddity.times} times and never ended`
      : redactedText`one message was run ${oddity.times} times`;
    const example = { taskId: oddity.taskId, traceId: oddity.traceId };
    const subject: Subject = {
      ...nothing,
      tasks: oddity.task === undefined ? [] : [oddity.task],
      hosts: oddity.hosts,
      pools: [...new Set(oddity.hosts.map((host) => poolOf(host).pool))],
      queues: oddity.queue === undefined ? [] : [oddity.queue],
      title: words,
      cause: isPoison ? 'poison-loop' : undefined,
      class: 'bug',
      example,
    };
    const figures: Figures = {
      count: oddity.times,
      limit: isPoison ? 3 : 2,
      withinMs: 0,
      baseline: undefined,
      of: undefined,
    };
    conditions.push({
      ...levelOf(look, {
        name: isPoison ? 'redelivery' : 'run-twice',
        key,
        severity: own?.severity ?? 'high',
        level: isRecent ? 'holds' : 'clear',
        firstAt: oddity.firstAt,
        clearMs: 0,
        figures,
        subject,
      }),
      lastAt: oddity.lastAt,
    });
  }
  return { conditions, held: [] };
}
