/** Wires the delivery of messages to Slack. Reads what a reload may change on each use. */
import type { SlackConfig } from '../config/sections/slack.ts';
import type { Receiver } from '../notify/receiver.ts';
import type { Clock } from '../runtime/clock.ts';
import { createSlackReceiver, type SlackReceiverOptions } from '../sink/slack/receiver.ts';
import { createRenewableToken } from '../sink/slack/renewable-token.ts';
import type { LinkTemplate } from '../sink/slack-message/links.ts';

export interface SlackDeliveryParts {
  /** The configuration in force. `actions` and `apiUrl` stay as they were at the start. */
  readonly config: () => SlackConfig;
  readonly namespace: string;
  readonly clock: Clock;
  readonly onDelivered?: SlackReceiverOptions['onDelivered'];
}

export function createSlackDelivery({ config, namespace, clock, onDelivered }: SlackDeliveryParts): Receiver {
  const { actions, apiUrl } = config();
  const token = createRenewableToken(() => ({ token: config().token.expose(), file: config().tokenFile }));
  const buttonKey = buttonKeyOf(actions);
  return createSlackReceiver({
    token: token.current,
    renewToken: token.renew,
    ...(apiUrl === undefined ? {} : { apiUrl }),
    clock,
    sleep: (ms) => clock.sleep(ms),
    links: () => linksOf(config()),
    namespace,
    ...(onDelivered === undefined ? {} : { onDelivered }),
    ...(buttonKey === undefined ? {} : { buttonKey }),
  });
}

/** The key that signs the buttons: the secret that authenticates the presses. undefined: messages have no buttons. */
export function buttonKeyOf(actions: SlackConfig['actions']): (() => string) | undefined {
  switch (actions.over) {
    case 'off':
      return undefined;
    case 'socket':
      return () => actions.appToken.expose();
    case 'http':
      return () => actions.signingSecret.expose();
    default:
      return actions satisfies never;
  }
}

function linksOf({ links, pageUrl }: SlackConfig): readonly LinkTemplate[] {
  return pageUrl === undefined ? links : [...links, { label: 'Page', url: pageUrl }];
}
