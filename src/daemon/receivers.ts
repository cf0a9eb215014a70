/** All configured receivers, wired. A new receiver is one entry here. Options are read on each use, so that a reload applies. */
import type { Incident } from '../alert/incident.ts';
import type { Notification } from '../alert/outbox/notification.ts';
import type { Config } from '../config/config.ts';
import { createMemoryReceiver } from '../notify/memory-receiver.ts';
import type { Receiver } from '../notify/receiver.ts';
import type { Clock } from '../runtime/clock.ts';
import { linkOf } from '../sink/slack-message/links.ts';
import { renderSlack, type SlackMessage } from '../sink/slack-message/message.ts';
import type { WebhookLink } from '../sink/webhook/payload.ts';
import { createWebhookReceiver } from '../sink/webhook/receiver.ts';
import { version } from '../version.ts';
import { createSlackDelivery } from './slack.ts';

export interface ReceiversParts {
  /** The configuration at the start, which decides which receivers exist. */
  readonly config: Config;
  /** The configuration in force. */
  readonly current: () => Config;
  readonly clock: Clock;
  /** Called with each message that people see, in Slack or else on the status page only. */
  readonly onDelivered: (notification: Notification, message: SlackMessage) => void;
}

export function createReceivers(parts: ReceiversParts): readonly Receiver[] {
  return [slackReceiver(parts) ?? pageReceiver(parts), webhookReceiver(parts)].filter((one) => one !== undefined);
}

/** Shows messages on the status page, where there is no Slack. */
function pageReceiver({ config, clock, onDelivered }: ReceiversParts): Receiver {
  const { namespace } = config.store;
  return createMemoryReceiver({
    clock,
    onDelivered: (notification) => onDelivered(notification, renderSlack(notification, { links: [], namespace })),
  });
}

function slackReceiver({ config, current, clock, onDelivered }: ReceiversParts): Receiver | undefined {
  const { slack } = config;
  if (slack === undefined) return undefined;
  const { namespace } = config.store;
  return createSlackDelivery({ config: () => current().slack ?? slack, namespace, clock, onDelivered });
}

function webhookReceiver({ config, current, clock }: ReceiversParts): Receiver | undefined {
  const { webhook } = config;
  if (webhook === undefined) return undefined;
  return createWebhookReceiver({
    settings() {
      const { url, secret, timeoutMs } = current().webhook ?? webhook;
      return { url: url.expose(), secret: secret.expose(), timeoutMs };
    },
    clock,
    namespace: config.store.namespace,
    linksOf: (incident) => linksOf(incident, current()),
    userAgent: `taskvigil/${version}`,
  });
}

/** The links of Slack's messages: the templates are configured once. */
function linksOf(incident: Incident, { slack }: Config): readonly WebhookLink[] {
  const page = slack?.pageUrl === undefined ? [] : [{ label: 'Page', url: slack.pageUrl }];
  return [...(slack?.links ?? []), ...page].flatMap((template) => {
    const url = linkOf(incident, template);
    return url === undefined ? [] : [{ label: template.label, url }];
  });
}
