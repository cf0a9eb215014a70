/** Conditions about the messages of one task that were delivered several times. */
import type { Redacted } from '../../event/untrusted.ts';
import { quietMs, type RepeatedDeliveries } from '../evidence/redeliveries.ts';
import { poolsOf } from '../evidence/worker-pool.ts';
import type { SignalKey } from '../key.ts';
import { namesMax, type Subject } from '../signal.ts';
import {
  type Condition,
  type Evaluation,
  emptySubject,
  levelCondition,
  plainFigures,
  severityOfTask,
} from './condition.ts';

interface DeliveryParts {
  /** Name of the condition in the key. */
  readonly condition: string;
  readonly title: Redacted;
  readonly cause: Subject['cause'];
  readonly failures: number;
}

export function deliveryCondition(
  evaluation: Evaluation,
  deliveries: RepeatedDeliveries,
  { condition, title, cause, failures }: DeliveryParts,
): Condition | undefined {
  const { now, episodes } = evaluation;
  const { task, total, before, firstAt, lastAt } = deliveries;
  const key: SignalKey = { kind: 'task', condition, task: task ?? '' };
  const isRecent = now - lastAt < quietMs;
  if (!isRecent && !episodes.has(key)) return undefined;
  return levelCondition(now, {
    key,
    severity: severityOfTask(evaluation, task),
    level: isRecent ? 'holds' : 'clear',
    firstAt,
    lastAt,
    clearMs: 0,
    failures,
    counter: { now: total, atFirst: before },
    figures: plainFigures(total - before, 1),
    subject: { ...deliverySubject([deliveries]), title, cause },
  });
}

/** Tasks, places and ids of repeated deliveries; the latest message is the example. */
export function deliverySubject(groups: readonly RepeatedDeliveries[]): Omit<Subject, 'title'> {
  const hosts = groups.flatMap((group) => [...group.hosts]).slice(0, namesMax);
  const messages = groups.flatMap((group) => [...group.messages.values()]);
  const last = messages.at(-1);
  return {
    ...emptySubject,
    tasks: groups.flatMap(({ task }) => task ?? []).slice(0, namesMax),
    hosts,
    pools: poolsOf(hosts),
    queues: [...new Set(groups.flatMap((group) => [...group.queues]))].slice(0, namesMax),
    class: 'bug',
    example: last === undefined ? undefined : { taskId: last.taskId, traceId: last.traceId },
    taskIds: messages.slice(0, namesMax).map(({ taskId }) => taskId),
  };
}
