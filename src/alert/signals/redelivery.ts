/** Poison messages: messages of one task that are delivered again and again and never end. */
import { redactedText } from '../../event/untrusted.ts';
import { defineSignal } from '../detection/definition.ts';
import { deliveryCondition } from '../detection/deliveries.ts';

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
    meaning:
      'The broker delivers the message again and again, and no attempt ever reports an end. Revoke its id, or purge its queue, to stop it.',
    counts: ['poison message', 'poison messages'],
    isException: true,
    showsLimit: false,
  },
  firesWhen:
    'a message is started three times and never ends: a poison loop. All such messages of a task are one incident',
  per: 'fleet',
  detect: (evaluation) =>
    evaluation.evidence.redeliveries.all('poison-loop').flatMap((deliveries) => {
      const { times, total, before, unreported: failures } = deliveries;
      const title =
        total - before === 1
          ? redactedText`one message, started ${times} times, never finished`
          : redactedText`${total - before} messages, started ${times} times in all, none of them finished`;
      const parts = { condition: 'redelivery', title, cause: 'poison-loop', failures } as const;
      return deliveryCondition(evaluation, deliveries, parts) ?? [];
    }),
});
