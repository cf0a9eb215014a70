/** Conditions about one message that was delivered several times. */
import type { Redacted } from '../../event/untrusted.ts';
import type { RepeatedDelivery } from '../evidence/redeliveries.ts';
import { poolsOf } from '../evidence/worker-pool.ts';
import type { SignalKey } from '../key.ts';
import type { Subject } from '../signal.ts';
import {
  type Condition,
  type Evaluation,
  emptySubject,
  levelCondition,
  plainFigures,
  severityOfTask,
} from './condition.ts';

/** Over when the message was not delivered again for this long. */
const quietMs = 15 * 60_000;

export function deliveryCondition(
  evaluation: Evaluation,
  delivery: RepeatedDelivery,
  { title, limit, cause }: { readonly title: Redacted; readonly limit: number; readonly cause: Subject['cause'] },
): Condition | undefined {
  const { now, episodes } = evaluation;
  const { taskId, traceId, task, queue, hosts, times, firstAt, lastAt } = delivery;
  const key: SignalKey = { kind: 'message', taskId };
  const isRecent = now - lastAt < quietMs;
  if (!isRecent && !episodes.has(key)) return undefined;
  return levelCondition(now, {
    key,
    severity: severityOfTask(evaluation, task),
    level: isRecent ? 'holds' : 'clear',
    firstAt,
    lastAt,
    clearMs: 0,
    figures: plainFigures(times, limit),
    subject: {
      ...emptySubject,
      tasks: task === undefined ? [] : [task],
      hosts,
      pools: poolsOf(hosts),
      queues: queue === undefined ? [] : [queue],
      title,
      cause,
      class: 'bug',
      example: { taskId, traceId },
    },
  });
}
