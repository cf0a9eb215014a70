/** Channel name → channel id. Policies may name a channel; Slack's history is read by id only. */
import type { Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { listOf, textOf } from './json-fields.ts';
import type { SlackApi, SlackCallFailure } from './web-api.ts';

export interface ChannelIds {
  /** The id of `channel`, an id or a `#name`; undefined if the bot is not a member of a channel of that name. */
  idOf(channel: string, startBy: Millis): Promise<ChannelId | SlackCallFailure>;
  /** Stores an id that Slack returned for `channel`. */
  learn(channel: string, id: string): void;
}

export interface ChannelId {
  readonly ok: true;
  readonly id: string | undefined;
}

/** Far more channels than a policy names. */
const channelsMax = 1_000;
const idPattern = /^[CGD][A-Z0-9]{6,}$/;

/** Lists only the bot's own channels: it cannot read the history of any other. */
export function createChannelIds({ pages }: Pick<SlackApi, 'pages'>): ChannelIds {
  const ids = new BoundedMap<string, string>({ itemsMax: channelsMax });

  return {
    learn: (channel, id) => void ids.set(channel, id),
    async idOf(channel, startBy) {
      const known = idPattern.test(channel) ? channel : ids.get(channel);
      if (known !== undefined) return { ok: true, id: known };
      const args = { types: 'public_channel,private_channel', exclude_archived: true };
      for await (const page of pages({ method: 'users.conversations', args, startBy })) {
        if (!page.ok) return page;
        const entry = listOf(page.result['channels']).find(({ name }) => `#${textOf(name)}` === channel);
        const id = textOf(entry?.['id']);
        if (id === undefined) continue;
        ids.set(channel, id);
        return { ok: true, id };
      }
      return { ok: true, id: undefined };
    },
  };
}
