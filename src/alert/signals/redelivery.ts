/** A poison message: one message is delivered again and again and never ends. */
import { redactedText } from '../../event/untrusted.ts';
import { defineSignal } from '../detection/definition.ts';
import { deliveryCondition } from '../detection/deliveries.ts';

/** Starts from which lifecycle/ reports a poison loop. */
const limit = 3;

export const redelivery = defineSignal({
  name: 'redelivery',
  severity: 'high',
  thresholds: undefined,
  silences: 'task',
  joins: [{ openedBy: ['lost'], shares: ['task'] }],
  words: {
    headline: 'Poison message',
    short: 'poison message',
    about: 'tasks',
    meaning: 'The broker delivers this message again and again, and no attempt ever reports an end.',
    counts: undefined,
    isException: false,
    measure: ({ count }, { amount }) => `one message, started ${amount(count)} times, never finished`,
  },
  firesWhen: 'one message is started again and again and never ends: a poison loop',
  per: 'fleet',
  detect: (evaluation) =>
    [...evaluation.evidence.redeliveries.values()].flatMap((delivery) => {
      if (delivery.what !== 'poison-loop') return [];
      const title = redactedText`one message, started ${delivery.times} times, never finished`;
      return deliveryCondition(evaluation, delivery, { title, limit, cause: 'poison-loop' }) ?? [];
    }),
});
