/** Messages of a task that is not idempotent were executed twice. */
import { redactedText } from '../../event/untrusted.ts';
import { defineSignal } from '../detection/definition.ts';
import { deliveryCondition } from '../detection/deliveries.ts';
import { taskPolicyOf } from '../policy.ts';

export const runTwice = defineSignal({
  name: 'run-twice',
  severity: 'high',
  thresholds: undefined,
  silences: 'task',
  joins: [{ openedBy: ['redelivery.timeout'], shares: ['task'] }],
  words: {
    headline: 'Executed twice',
    short: 'executed twice',
    about: 'tasks',
    meaning: 'The task is configured as not idempotent: check the effects of the second execution.',
    counts: ['message executed twice', 'messages executed twice'],
    isException: true,
    showsLimit: false,
  },
  firesWhen:
    'a message of a task that is not `idempotent` was executed twice. All such messages of a task are one incident',
  per: 'fleet',
  detect: (evaluation) =>
    evaluation.evidence.redeliveries.all('run-twice').flatMap((deliveries) => {
      const { task, times, total, before } = deliveries;
      if (taskPolicyOf(evaluation.policy, task)?.isIdempotent !== false) return [];
      const title =
        total - before === 1
          ? redactedText`one message was executed ${times} times`
          : redactedText`${total - before} messages were executed ${times} times in all`;
      const parts = { condition: 'run-twice', title, cause: undefined, failures: 0 };
      return deliveryCondition(evaluation, deliveries, parts) ?? [];
    }),
});
