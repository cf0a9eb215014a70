/** Slack's payload for a press on a button, also as a signed HTTP request. */
import { createHmac } from 'node:crypto';
import type { FakeMessage } from './slack.ts';

export interface PressFacts {
  /** An id or a name. */
  readonly channel: string;
  /** Default: the last root message. */
  readonly ts?: string;
  /** The end of the control's id: `ack`, `snooze`, `resolve`, `more`. */
  readonly action: string;
  /** The chosen option's value, for menus. */
  readonly option?: string;
  readonly user?: string;
  /** A forged token in place of the message's own. */
  readonly blockId?: string;
}

type Fields = Readonly<Record<string, unknown>>;

export function interactionOf(message: FakeMessage, facts: PressFacts, responseUrl: string): unknown {
  const block = (message.blocks as Fields[]).find(({ type }) => type === 'actions');
  const control = (block?.['elements'] as Fields[] | undefined)?.find((one) =>
    String(one['action_id']).endsWith(`:${facts.action}`),
  );
  if (block === undefined || control === undefined) throw new Error(`expected a control "${facts.action}" to press`);
  const chosen = (control['options'] as Fields[] | undefined)?.find(({ value }) => value === facts.option);
  if (facts.option !== undefined && chosen === undefined) throw new Error(`expected an option "${facts.option}"`);
  return {
    type: 'block_actions',
    user: { id: facts.user ?? 'U0JO', username: 'jo', team_id: 'T0FAKE' },
    api_app_id: 'A0FAKE',
    container: { type: 'message', message_ts: message.ts, channel_id: message.channel, is_ephemeral: false },
    channel: { id: message.channel },
    message: { ts: message.ts, text: message.text, blocks: message.blocks },
    response_url: responseUrl,
    actions: [
      {
        type: control['type'],
        action_id: control['action_id'],
        block_id: facts.blockId ?? block['block_id'],
        action_ts: `${Date.now() / 1_000}`,
        ...(chosen === undefined ? {} : { selected_option: chosen }),
      },
    ],
  };
}

export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** As Slack sends an interaction over HTTP. `at`: seconds since the epoch. */
export function signed(payload: unknown, secret: string, at: number): SignedRequest {
  return signedBody(new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), secret, at);
}

export function signedBody(body: string, secret: string, at: number): SignedRequest {
  const mac = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': `${at}`,
      'x-slack-signature': `v0=${mac}`,
    },
    body,
  };
}
