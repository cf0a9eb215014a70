/** All configured receivers, wired. A new receiver is one line here. */
import type { Notification } from '../alert/outbox/notification.ts';
import type { Config } from '../config/config.ts';
import type { SlackConfig } from '../config/sections/slack.ts';
import { createMemoryReceiver } from '../notify/memory-receiver.ts';
import type { Receiver } from '../notify/receiver.ts';
import type { Clock } from '../runtime/clock.ts';
import { renderSlack, type SlackMessage } from '../sink/slack-message/message.ts';
import { createSlackDelivery } from './slack.ts';

export interface ReceiversParts {
  readonly config: Config;
  /** The configuration in force, if Slack was configured at the start. */
  readonly slack: () => SlackConfig | undefined;
  readonly clock: Clock;
  /** Called with each message that people see, in Slack or else on the status page only. */
  readonly onDelivered: (notification: Notification, message: SlackMessage) => void;
}

export function createReceivers({ config, slack, clock, onDelivered }: ReceiversParts): readonly Receiver[] {
  const { namespace } = config.store;
  const slackConfig = config.slack;
  const page = (): Receiver =>
    createMemoryReceiver({
      clock,
      onDelivered: (notification) => onDelivered(notification, renderSlack(notification, { links: [], namespace })),
    });
  return [
    slackConfig === undefined
      ? page()
      : createSlackDelivery({ config: () => slack() ?? slackConfig, namespace, clock, onDelivered }),
  ];
}
