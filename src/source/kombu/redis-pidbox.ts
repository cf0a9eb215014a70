/** Kombu's remote control over Redis: a publication for commands, and a list for the replies. Source: kombu/transport/redis.py. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../runtime/clock.ts';
import type { RedisAddress } from '../redis/address.ts';
import { createRedisQueries } from '../redis/redis-queries.ts';
import { readEnvelope, wholeValueOf } from './envelope.ts';
import { commandBody, type Pidbox, type PidboxCommand, type ReplyTo } from './pidbox.ts';
import { fanoutChannel } from './redis-channels.ts';

export interface RedisPidboxOptions {
  readonly address: RedisAddress;
  /** kombu's transport options of the same names. */
  readonly globalKeyprefix: string;
  readonly fanoutPrefix: boolean | string;
  /** Celery's `control_exchange`. */
  readonly controlExchange: string;
  readonly clock: Pick<Clock, 'timeoutSignal'>;
}

/** kombu's separator of the parts of a binding. */
const separator = '\x06\x16';
/** Replies of workers that answer too late must not stay in Redis. */
const repliesTtlSeconds = 60;
const publishWithinMs = 5_000;
const requestWithinMs = 10_000;
/** BRPOP returns after this time without a reply, so that an abort is noticed. */
const popSeconds = 0.25;

export function createRedisPidbox(options: RedisPidboxOptions): Pidbox {
  const { address, globalKeyprefix, controlExchange, clock } = options;
  const queries = createRedisQueries(address);
  // BRPOP blocks its connection, so replies have a connection of their own.
  const replies = createRedisQueries(address);
  const exchange = `${controlExchange}.pidbox`;
  const channel = fanoutChannel(options, exchange);
  const replyExchange = `reply.${exchange}`;
  const routingKey = randomUUID();
  const queue = `${routingKey}.${replyExchange}`;
  const binding = `${globalKeyprefix}_kombu.binding.${replyExchange}`;
  const member = [routingKey, '', queue].join(separator);
  const key = `${globalKeyprefix}${queue}`;

  async function send(command: PidboxCommand, replyTo: ReplyTo | undefined, signal: AbortSignal): Promise<void> {
    const message = enveloped(commandBody(command, replyTo), exchange);
    await queries.run(signal, (redis) => redis.publish(channel, message));
  }

  return {
    publish: (command) => send(command, undefined, clock.timeoutSignal(publishWithinMs)),
    async request(command, receive, signal) {
      const deadline = clock.timeoutSignal(requestWithinMs);
      // Without a binding the reply queue does not exist for kombu, and the workers' replies are dropped.
      await queries.run(deadline, (redis) => redis.sadd(binding, member));
      try {
        await send(command, { ticket: randomUUID(), exchange: replyExchange, routingKey }, deadline);
        await replies.run(deadline, async (redis) => {
          while (!signal.aborted) {
            const popped = await redis.brpop(key, popSeconds);
            const reply = popped === null ? undefined : wholeValueOf(readEnvelope(popped[1]));
            if (reply !== undefined && receive(reply)) return;
          }
        });
      } finally {
        await queries.run(deadline, async (redis) => {
          await redis.srem(binding, member);
          await redis.expire(key, repliesTtlSeconds);
          await redis.del(key);
        });
      }
    },
    async stop() {
      queries.stop();
      replies.stop();
    },
  };
}

function enveloped(body: string, exchange: string): string {
  return JSON.stringify({
    body: Buffer.from(body).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: { clock: 1, expires: 0 },
    properties: {
      delivery_mode: 2,
      delivery_info: { exchange, routing_key: '' },
      priority: 0,
      body_encoding: 'base64',
      delivery_tag: randomUUID(),
    },
  });
}
