import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis, whyNoRedis } from '../../../test/fakes/redis.ts';
import { parseTaskId, type TaskId } from '../../event/ids.ts';
import { createSystemClock } from '../../runtime/clock.ts';
import type { RedisAddress } from '../redis/address.ts';
import { createRedisQueueDepths } from './redis-queue-depths.ts';
import { createRedisQueueWitness } from './redis-queue-witness.ts';

const prefix = 'acme:';

/** A task message as kombu stores it in a queue. */
function message(id: string, argsrepr = '()'): string {
  return JSON.stringify({ body: 'W10=', headers: { lang: 'py', task: 'mail.send', id, argsrepr }, properties: {} });
}

/** An entry of the hash `unacked`: message, exchange and routing key as JSON. */
function unacknowledged(id: string): string {
  return JSON.stringify([JSON.parse(message(id)), '', 'celery']);
}

describe('kombu on Redis', { skip: whyNoRedis() }, () => {
  let server: RedisServer;
  let redis: Redis;
  let address: RedisAddress;
  const queues = () => ['celery', 'mail'];

  before(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    const port = Number(new URL(server.url).port);
    const target = { kind: 'tcp', host: '127.0.0.1', port } as const;
    address = { target, db: 0, username: undefined, password: undefined, tls: undefined };
  });
  after(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => redis.flushall());

  async function search(...ids: readonly string[]) {
    const witness = createRedisQueueWitness({
      name: 'celery',
      address,
      globalKeyprefix: prefix,
      visibilityTimeoutMs: 3_600_000,
      queues,
    });
    try {
      const found = await witness.ask(ids as readonly string[] as TaskId[], AbortSignal.timeout(5_000));
      return Object.fromEntries(found);
    } finally {
      await witness.stop();
    }
  }

  test('a message in a queue is waiting, at each priority', async () => {
    await redis.lpush('acme:celery', message('a'));
    await redis.lpush('acme:mail\x06\x169', message('b'));
    await redis.lpush('acme:other', message('c'));
    assert.deepEqual(await search('a', 'b', 'c'), {
      a: { kind: 'waiting', queue: 'celery' },
      b: { kind: 'waiting', queue: 'mail' },
    });
  });

  test('a delivered message returns after the visibility timeout', async () => {
    await redis.hset('acme:unacked', 'tag-a', unacknowledged('a'), 'tag-b', unacknowledged('b'));
    await redis.zadd('acme:unacked_index', 1_800_000_000.5, 'tag-a');
    assert.deepEqual(await search('a', 'b'), {
      a: { kind: 'unacknowledged', deliveredAt: 1_800_000_000_500, returnsAt: 1_800_003_600_500 },
      b: { kind: 'unacknowledged', deliveredAt: undefined, returnsAt: undefined },
    });
  });

  test('an entry with the message as text inside JSON is found too', async () => {
    await redis.hset('acme:unacked', 'tag', JSON.stringify([message('a'), '', 'celery']));
    assert.deepEqual(Object.keys(await search('a')), ['a']);
  });

  test('a delivered message counts before a waiting one', async () => {
    await redis.lpush('acme:celery', message('a'));
    await redis.hset('acme:unacked', 'tag', unacknowledged('a'));
    assert.equal((await search('a'))['a']?.kind, 'unacknowledged');
  });

  test('an id inside a text is not the id of the message', async () => {
    await redis.lpush('acme:celery', message('a', '{"id": "b"}'));
    assert.deepEqual(Object.keys(await search('a', 'b')), ['a']);
  });

  test('an id of any form is found in a queue and among the delivered messages', async () => {
    const long = parseTaskId('x'.repeat(1_200)) as string;
    const ascii = (text: string) => text.replaceAll('ä', '\\u00e4');
    await redis.lpush('acme:celery', message(42 as unknown as string), ascii(message('bär "1"\n')));
    await redis.hset('acme:unacked', 'tag', JSON.stringify([ascii(message('ä')), '', 'celery']));
    await redis.hset('acme:unacked', 'other', unacknowledged('x'.repeat(1_200)));
    assert.deepEqual(Object.keys(await search('42', 'bär "1"\n', 'ä', long)).sort(), ['42', 'bär "1"\n', long, 'ä']);
  });

  test('a queue of several slices is searched completely', async () => {
    await redis.rpush('acme:celery', ...Array.from({ length: 450 }, (_, index) => message(`t${index}`)));
    assert.deepEqual(Object.keys(await search('t0', 't199', 't200', 't449', 't450')).sort(), [
      't0',
      't199',
      't200',
      't449',
    ]);
  });

  test('a backlog of more than 20,000 messages is no answer for a missing task', async () => {
    const short = '{"headers": {"id": "x"}}';
    for (let slice = 0; slice < 101; slice += 1)
      await redis.rpush('acme:celery', ...new Array<string>(200).fill(short));
    await assert.rejects(search('missing'), /^Error: more messages than the search limit of 20,000$/);
    assert.deepEqual(Object.keys(await search('x')), ['x']);
  });

  test('the depth of a queue is the sum over its priorities, and 0 for a queue without messages', async () => {
    await redis.lpush('acme:celery', 'm', 'm');
    await redis.lpush('acme:celery\x06\x163', 'm');
    const depths = createRedisQueueDepths({ address, globalKeyprefix: prefix, queues, clock: createSystemClock() });
    assert.deepEqual(Object.fromEntries(await depths.read()), { celery: 3, mail: 0 });
    depths.stop();
  });
});
