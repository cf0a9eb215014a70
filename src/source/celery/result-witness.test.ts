import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis, whyNoRedis } from '../../../test/fakes/redis.ts';
import type { TaskId } from '../../event/ids.ts';
import type { RedisAddress } from '../redis/address.ts';
import type { Witness } from '../witness.ts';
import { createResultWitness } from './result-witness.ts';

describe('the witness of the result backend', { skip: whyNoRedis() }, () => {
  let server: RedisServer;
  let redis: Redis;
  let witness: Witness;

  before(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    const address: RedisAddress = {
      target: { kind: 'tcp', host: '127.0.0.1', port: Number(new URL(server.url).port) },
      db: 0,
      username: undefined,
      password: undefined,
      tls: undefined,
    };
    const keyPrefix = 'acme:celery-task-meta-';
    witness = createResultWitness({ name: 'celery', address, keyPrefix, clock: { now: () => 1_800_000_000_000 } });
  });
  after(async () => {
    await witness.stop();
    redis.disconnect();
    await server.stop();
  });

  const ask = (...ids: readonly string[]) =>
    witness.ask(ids as readonly string[] as TaskId[], AbortSignal.timeout(5_000));
  const put = (id: string, record: object | string) =>
    redis.set(`acme:celery-task-meta-${id}`, typeof record === 'string' ? record : JSON.stringify(record));

  test('returns the record of each task that has one', async () => {
    await put('done', { task_id: 'done', status: 'SUCCESS', result: 1 });
    const found = await ask('done', 'none');
    assert.deepEqual([...found.keys()], ['done']);
    const testimony = found.get('done' as TaskId);
    assert.ok(testimony?.kind === 'result');
    assert.deepEqual([testimony.result.status, testimony.result.receivedAt], ['success', 1_800_000_000_000]);
  });

  test('treats a custom state of the application as no record', async () => {
    await put('custom', { task_id: 'custom', status: 'PROGRESS' });
    assert.equal((await ask('custom')).size, 0);
  });

  for (const [record, reason] of [
    ['\u0080\u0004K', 'not-json'],
    ['[]', 'not-an-object'],
  ] as const) {
    test(`rejects if a record is ${reason}, because then no answer is reliable`, async () => {
      await put('other', record);
      await assert.rejects(ask('done', 'other'), new Error(`a result is ${reason}`));
    });
  }

  test('rejects when the signal aborts', async () => {
    await assert.rejects(witness.ask(['done' as TaskId], AbortSignal.abort(new Error('too late'))), /too late/);
  });
});
