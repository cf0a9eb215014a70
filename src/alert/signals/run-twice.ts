/** One message of a task that is not idempotent was executed twice. */
import { redactedText } from '../../event/untrusted.ts';
import { defineSignal } from '../detection/definition.ts';
import { deliveryCondition } from '../detection/deliveries.ts';
import { taskPolicyOf } from '../policy.ts';

const limit = 2;

export const runTwice = defineSignal({
  name: 'run-twice',
  severity: 'high',
  thresholds: undefined,
  silences: 'task',
  joins: [],
  words: {
    headline: 'Executed twice',
    short: 'executed twice',
    about: 'tasks',
    meaning: 'The task is configured as not idempotent: check the effects of the second execution.',
    counts: undefined,
    isException: false,
    measure: ({ count }, { amount }) => `one message, executed ${amount(count)} times`,
  },
  firesWhen: 'one message of a task that is not `idempotent` was executed twice',
  per: 'fleet',
  detect: (evaluation) =>
    [...evaluation.evidence.redeliveries.values()].flatMap((delivery) => {
      const isHarmful = taskPolicyOf(evaluation.policy, delivery.task)?.isIdempotent === false;
      if (delivery.what !== 'run-twice' || !isHarmful) return [];
      const title = redactedText`one message was executed ${delivery.times} times`;
      return deliveryCondition(evaluation, delivery, { title, limit, cause: undefined }) ?? [];
    }),
});
