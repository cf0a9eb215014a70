/** Celery events over Redis pub/sub. */
import type { Millis } from '../../event/ids.ts';
import type { Report } from '../../report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { RedisAddress } from '../redis/connection.ts';
import { createSubscriber } from '../redis/subscriber.ts';
import type { Source } from '../source.ts';

export interface CeleryRedisOptions {
  readonly name: string;
  readonly address: RedisAddress;
  /** kombu's transport options of the same names. */
  readonly globalKeyprefix: string;
  readonly fanoutPrefix: boolean | string;
  readonly eventExchange: string;
  /** Asked of each message, unread; what is not ours is counted and costs no more. */
  readonly accepts?: ((payload: string) => boolean) | undefined;
  readonly acceptsBytes?: ((bytes: Buffer, from: number, to: number) => boolean) | undefined;
  readonly now: () => Millis;
  readonly every: (ms: number, run: () => void) => Disposable;
  readonly after: (ms: number, run: () => void) => Disposable;
  readonly timeoutSignal: Clock['timeoutSignal'];
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
}

export function createCeleryRedis(options: CeleryRedisOptions): Source {
  const { patterns, names } = channelsOf(options);
  return createSubscriber({ ...options, patterns, channels: names, form: 'kombu-envelope', isChannelWanted: false });
}

/**
 * Where kombu publishes events: `<keyprefix><fanout prefix><exchange>` with `/<routing key>` behind it, or bare where
 * `fanout_patterns` is off. Both are listened to, since the setting cannot be seen from outside.
 */
export function channelsOf(
  options: Pick<CeleryRedisOptions, 'address' | 'globalKeyprefix' | 'fanoutPrefix' | 'eventExchange'>,
): { readonly patterns: readonly string[]; readonly names: readonly string[] } {
  const { address, globalKeyprefix, fanoutPrefix, eventExchange } = options;
  const template = fanoutPrefix === false ? '' : fanoutPrefix === true ? '/{db}.' : fanoutPrefix;
  const prefixes = [template.replaceAll('{db}', String(address.db))];
  // kombu before 5.4 left the placeholder as it is when it went through Sentinel.
  if (address.target.kind === 'sentinel' && template.includes('{db}')) prefixes.push(template);
  const names = prefixes.map((prefix) => `${globalKeyprefix}${prefix}${eventExchange}`);
  return { patterns: names.map((channel) => `${escapeGlob(channel)}/*`), names };
}

export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
