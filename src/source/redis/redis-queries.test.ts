import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis, whyNoRedis } from '../../../test/fakes/redis.ts';
import type { RedisAddress } from './address.ts';
import { createRedisQueries } from './redis-queries.ts';

const never = new AbortController().signal;

describe('a connection for queries', { skip: whyNoRedis() }, () => {
  let server: RedisServer;
  let address: RedisAddress;

  before(async () => {
    server = await startRedis();
    const target = { kind: 'tcp', host: '127.0.0.1', port: Number(new URL(server.url).port) } as const;
    address = { target, db: 1, username: undefined, password: undefined, tls: undefined };
  });
  after(() => server.stop());

  test('opens at the first query, in the database of the address', async () => {
    const other = new Redis(`${server.url}/1`);
    await other.set('key', 'value');
    other.disconnect();
    const queries = createRedisQueries(address);
    assert.equal(await queries.run(never, (redis) => redis.get('key')), 'value');
    queries.stop();
  });

  test('opens again after it broke', async () => {
    const queries = createRedisQueries(address);
    const id = () => queries.run(never, (redis) => redis.client('ID'));
    const first = await id();
    assert.equal(await id(), first);
    const other = new Redis(server.url);
    await other.call('CLIENT', 'KILL', 'ID', String(first));
    other.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.notEqual(await id(), first);
    queries.stop();
  });

  test('rejects when the signal aborts during a query, and before it', async () => {
    const queries = createRedisQueries(address);
    const waiting = new AbortController();
    const blocked = queries.run(waiting.signal, (redis) => redis.blpop('empty', 0));
    waiting.abort(new Error('too late'));
    await assert.rejects(blocked, /too late/);
    await assert.rejects(
      queries.run(waiting.signal, () => assert.fail('runs no query')),
      /too late/,
    );
    queries.stop();
  });

  test('rejects if no server listens, and does not end the process', async () => {
    const nowhere: RedisAddress = { ...address, target: { kind: 'tcp', host: '127.0.0.1', port: 1 } };
    const queries = createRedisQueries(nowhere);
    await assert.rejects(
      queries.run(never, (redis) => redis.ping()),
      Error,
    );
    queries.stop();
  });
});
