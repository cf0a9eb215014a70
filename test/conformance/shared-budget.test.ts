/** The shared budget of instances, on a real redis-server. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createRedisBudget, type SharedBudget } from '../../src/store/shared-budget.ts';
import { type RedisServer, startRedis, whyNoRedis } from '../fakes/redis.ts';

describe('a shared budget', { skip: whyNoRedis() }, () => {
  const limit = { most: 3, windowMs: 60_000 };
  const opened: { stop(): unknown }[] = [];
  let server: Promise<RedisServer> | undefined;

  async function open(count: number) {
    server ??= startRedis();
    const { url } = await server;
    const namespace = randomUUID();
    const raw = new Redis(url);
    await raw.ping();
    opened.push({ stop: () => raw.disconnect() });
    const budgets = Array.from({ length: count }, () => createRedisBudget({ url, namespace }));
    opened.push(...budgets);
    // Connected, so that a request is counted and not granted because the store is unreachable.
    for (const [index, budget] of budgets.entries()) {
      const key = `connected-${index}`;
      while ((await raw.exists(`tv:{${namespace}}:budget:${key}`)) === 0) {
        await budget.take(key, limit);
        await sleep(5);
      }
    }
    return { budgets: budgets as [SharedBudget, ...SharedBudget[]], raw, prefix: `tv:{${namespace}}:` };
  }

  after(async () => {
    for (const one of opened) await one.stop();
    await (await server)?.stop();
  });

  test('is shared by all instances, in any order', async () => {
    const { budgets } = await open(4);
    const waits = await Promise.all(budgets.flatMap((budget) => [budget.take('a', limit), budget.take('a', limit)]));
    assert.equal(waits.filter((wait) => wait === 0).length, 3);
    for (const wait of waits) assert.ok(wait >= 0 && wait <= 60_000, String(wait));
  });

  test('is separate for each key', async () => {
    const { budgets } = await open(1);
    const one = { most: 1, windowMs: 60_000 };
    assert.equal(await budgets[0].take('a', one), 0);
    assert.equal(await budgets[0].take('b', one), 0);
    assert.ok((await budgets[0].take('a', one)) > 50_000);
  });

  test('is complete again after its window, which starts with the first request', async () => {
    const { budgets } = await open(1);
    const short = { most: 1, windowMs: 200 };
    assert.equal(await budgets[0].take('a', short), 0);
    const wait = await budgets[0].take('a', short);
    assert.ok(wait > 0 && wait <= 200, String(wait));
    await sleep(wait + 10);
    assert.equal(await budgets[0].take('a', short), 0);
  });

  test('expires in the store', async () => {
    const { budgets, raw, prefix } = await open(1);
    await budgets[0].take('a', limit);
    for (const key of await raw.keys(`${prefix}*`)) assert.ok((await raw.pttl(key)) > 0, key);
  });

  test('grants everything while the store is unreachable', async () => {
    const away = createRedisBudget({ url: 'redis://127.0.0.1:1/0', namespace: 'away' });
    opened.push(away);
    for (let index = 0; index < 5; index += 1) assert.equal(await away.take('a', limit), 0);
  });
});
