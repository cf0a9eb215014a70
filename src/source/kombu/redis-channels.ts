/** Channel names of kombu's fanout exchanges on Redis. Source: kombu/transport/redis.py, `_get_publish_topic`. */
import type { RedisAddress } from '../redis/address.ts';

export interface ChannelOptions {
  readonly address: Pick<RedisAddress, 'db' | 'target'>;
  /** kombu's transport options of the same names. */
  readonly globalKeyprefix: string;
  readonly fanoutPrefix: boolean | string;
}

/** The channel of one exchange, without a routing key. */
export function fanoutChannel({ address, globalKeyprefix, fanoutPrefix }: ChannelOptions, exchange: string): string {
  const prefix = templateOf(fanoutPrefix).replaceAll('{db}', String(address.db));
  return `${globalKeyprefix}${prefix}${exchange}`;
}

/**
 * Every channel of a topic exchange: `<keyprefix><fanout prefix><exchange>`, followed by `/<routing key>` unless
 * `fanout_patterns` is off. Both forms are needed, because the setting is not visible from outside.
 */
export function topicChannels(
  options: ChannelOptions,
  exchange: string,
): { readonly patterns: readonly string[]; readonly names: readonly string[] } {
  const { address, globalKeyprefix, fanoutPrefix } = options;
  const names = [fanoutChannel(options, exchange)];
  const template = templateOf(fanoutPrefix);
  // kombu before 5.4 does not replace the placeholder in a connection through Sentinel.
  if (address.target.kind === 'sentinel' && template.includes('{db}'))
    names.push(`${globalKeyprefix}${template}${exchange}`);
  return { patterns: names.map((channel) => `${escapeGlob(channel)}/*`), names };
}

/** The text as a pattern of PSUBSCRIBE that matches only itself. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

function templateOf(fanoutPrefix: boolean | string): string {
  if (fanoutPrefix === false) return '';
  return fanoutPrefix === true ? '/{db}.' : fanoutPrefix;
}
