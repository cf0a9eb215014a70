/** Celery's remote control over Redis: a publication, and a list of our own for the replies. Source: kombu/transport/redis.py. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../runtime/clock.ts';
import type { Pidbox } from '../celery/control.ts';
import type { RedisAddress } from '../redis/connection.ts';
import { createAsker } from '../redis/query.ts';
import { readEnvelope } from './envelope.ts';
import { type ControlCommand, commandBody, type ReplyTo } from './pidbox.ts';

export interface RedisPidboxOptions {
  readonly address: RedisAddress;
  /** kombu's transport options of the same names. */
  readonly globalKeyprefix: string;
  readonly fanoutPrefix: boolean | string;
  /** Celery's `control_exchange`. */
  readonly controlExchange: string;
  readonly timeoutSignal: Clock['timeoutSignal'];
}

/** kombu's separator of the parts of a binding. */
const separator = '\x06\x16';
/** The replies of workers that answer too late must not stay for ever. */
const repliesTtlSeconds = 60;

export function createRedisPidbox({
  address,
  globalKeyprefix,
  fanoutPrefix,
  controlExchange,
  timeoutSignal,
}: RedisPidboxOptions): Pidbox {
  const asker = createAsker(address);
  const replies = createAsker(address);
  const template = fanoutPrefix === false ? '' : fanoutPrefix === true ? '/{db}.' : fanoutPrefix;
  const channel = `${globalKeyprefix}${template.replaceAll('{db}', String(address.db))}${controlExchange}.pidbox`;
  const replyExchange = `reply.${controlExchange}.pidbox`;
  const oid = randomUUID();
  const queue = `${oid}.${replyExchange}`;
  const binding = `${globalKeyprefix}_kombu.binding.${replyExchange}`;
  const member = [oid, '', queue].join(separator);
  const key = `${globalKeyprefix}${queue}`;

  const publish = (command: ControlCommand, replyTo: ReplyTo | undefined, signal: AbortSignal): Promise<unknown> =>
    asker.with(signal, (redis) => redis.publish(channel, envelope(commandBody(command, replyTo), controlExchange)));

  return {
    async publish(command) {
      await publish(command, undefined, timeoutSignal(5_000));
    },
    async request(command, ticket, take, signal) {
      const own = timeoutSignal(10_000);
      // Without a binding of its own the reply queue does not exist, and the replies vanish.
      await asker.with(own, (redis) => redis.sadd(binding, member));
      try {
        await publish(command, { ticket, exchange: replyExchange, routingKey: oid }, own);
        await replies.with(own, async (redis) => {
          while (!signal.aborted) {
            const popped = await redis.brpop(key, 0.25);
            const body = popped === null ? undefined : readEnvelope(popped[1]);
            if (body?.ok === true && take(body.value)) return;
          }
        });
      } finally {
        await asker.with(own, async (redis) => {
          await redis.srem(binding, member);
          await redis.expire(key, repliesTtlSeconds);
          await redis.del(key);
        });
      }
    },
    async stop() {
      asker.stop();
      replies.stop();
    },
  };
}

function envelope(body: string, controlExchange: string): string {
  return JSON.stringify({
    body: Buffer.from(body).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: { clock: 1, expires: 0 },
    properties: {
      delivery_mode: 2,
      delivery_info: { exchange: `${controlExchange}.pidbox`, routing_key: '' },
      priority: 0,
      body_encoding: 'base64',
      delivery_tag: randomUUID(),
    },
  });
}
