import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis, whyNoRedis } from '../../../test/fakes/redis.ts';
import { createSystemClock } from '../../runtime/clock.ts';
import { readEnvelope } from './envelope.ts';
import type { Pidbox } from './pidbox.ts';
import { createRedisPidbox } from './redis-pidbox.ts';

const command = { method: 'query_task', arguments: { ids: ['a'] } };
const never = new AbortController().signal;

describe('remote control over Redis', { skip: whyNoRedis() }, () => {
  let server: RedisServer;
  let redis: Redis;
  let worker: Redis;
  let pidbox: Pidbox;

  before(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    worker = new Redis(server.url);
    await worker.subscribe('acme:/0.celery.pidbox');
    const target = { kind: 'tcp', host: '127.0.0.1', port: Number(new URL(server.url).port) } as const;
    pidbox = createRedisPidbox({
      address: { target, db: 0, username: undefined, password: undefined, tls: undefined },
      globalKeyprefix: 'acme:',
      fanoutPrefix: true,
      controlExchange: 'celery',
      clock: createSystemClock(),
    });
  });
  after(async () => {
    await pidbox.stop();
    redis.disconnect();
    worker.disconnect();
    await server.stop();
  });

  /** The body of the next command, and the list for its replies. */
  async function nextCommand() {
    const [, text] = (await once(worker, 'message')) as [string, string];
    const envelope = readEnvelope(text);
    assert.ok(envelope.ok);
    const body = envelope.value as { reply_to?: { exchange: string; routing_key: string }; method: string };
    const replyTo = body.reply_to;
    const list = replyTo === undefined ? '' : `acme:${replyTo.routing_key}.${replyTo.exchange}`;
    return { body, replyTo, list };
  }

  const reply = (value: unknown) =>
    JSON.stringify({
      body: Buffer.from(JSON.stringify(value)).toString('base64'),
      properties: { body_encoding: 'base64' },
    });

  test('publishes a command on the fanout channel of the control exchange', async () => {
    const received = nextCommand();
    await pidbox.publish({ method: 'enable_events', arguments: {} });
    const { body } = await received;
    assert.deepEqual(body, {
      method: 'enable_events',
      arguments: {},
      destination: null,
      pattern: null,
      matcher: null,
    });
  });

  test('binds a reply list during the request, passes replies on, and removes both', async () => {
    const received = nextCommand();
    const bodies: unknown[] = [];
    const done = pidbox.request(
      command,
      (body) => {
        bodies.push(body);
        return bodies.length === 2;
      },
      never,
    );
    const { replyTo, list } = await received;
    const members = await redis.smembers('acme:_kombu.binding.reply.celery.pidbox');
    assert.deepEqual(members, [`${replyTo?.routing_key}\x06\x16\x06\x16${list.slice('acme:'.length)}`]);
    await redis.lpush(list, 'no envelope', reply({ 'w@a': {} }), reply({ 'w@b': {} }));
    await done;
    assert.deepEqual(bodies.length, 2);
    assert.deepEqual(await redis.keys('acme:*'), []);
  });

  test('ends when the signal aborts, without replies', async () => {
    const received = nextCommand();
    const waiting = new AbortController();
    const done = pidbox.request(command, () => assert.fail('no worker replies'), waiting.signal);
    await received;
    waiting.abort();
    await done;
    assert.deepEqual(await redis.keys('acme:*'), []);
  });
});
