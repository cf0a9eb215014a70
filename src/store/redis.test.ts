import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis, whyNoRedis } from '../../test/fakes/redis.ts';
import { type Book, emptyBook } from '../alert/incident.ts';
import { emptyLedger } from '../alert/outbox/ledger.ts';
import { createRedisStore } from './redis.ts';
import { type AlertStore, sharedMax, takenAtOnceMax } from './store.ts';

const started: { server?: RedisServer } = {};
after(() => started.server?.stop());

const dayMs = 86_400_000;

/** Stores in a namespace of their own, and a second connection that reads and damages the keys. */
async function open(t: TestContext, count = 1) {
  started.server ??= await startRedis();
  const { url } = started.server;
  const namespace = randomUUID();
  const options = { url, namespace, report: () => {}, random: Math.random, sleep: (ms: number) => sleep(ms) };
  const stores = Array.from({ length: count }, () => createRedisStore(options));
  const redis = new Redis(url);
  t.after(async () => {
    redis.disconnect();
    await Promise.all(stores.map((store) => store.stop()));
  });
  // A store refuses to wait for its connection, so that alerts never do.
  for (const store of stores) await connected(store);
  return { stores, store: stores[0]!, redis, prefix: `tv:{${namespace}}:` };
}

async function connected(store: AlertStore): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const isConnected = await store.takeShared().then(
      () => true,
      () => false,
    );
    if (isConnected) return;
    await sleep(10);
  }
  assert.fail('the store did not connect within 2 s');
}

const withCount = (book: Book | undefined): Book => ({
  ...(book ?? emptyBook),
  begunAt: (book?.begunAt ?? 0) + 1,
});

describe('records in Redis', { skip: whyNoRedis() }, () => {
  test('the change receives no record first, then the record it wrote, and the clock of the server', async (t) => {
    const { store } = await open(t);
    const before = Date.now();
    const first = await store.updateBook((book, now) => ({ next: withCount(book), answer: { book, now } }));
    assert.equal(first.book, undefined);
    assert.ok(Math.abs(first.now - before) < 60_000);
    const second = await store.updateBook((book) => ({ next: undefined, answer: book?.begunAt }));
    assert.equal(second, 1);
  });

  test('a change that returns the record or nothing writes nothing', async (t) => {
    const { store, redis, prefix } = await open(t);
    await store.updateBook((book) => ({ next: withCount(book), answer: undefined }));
    const version = await redis.hget(`${prefix}book`, 'version');
    await store.updateBook((book) => ({ next: book, answer: undefined }));
    await store.updateBook(() => ({ next: undefined, answer: undefined }));
    assert.equal(await redis.hget(`${prefix}book`, 'version'), version);
  });

  test('of concurrent changes none is lost', async (t) => {
    const { stores } = await open(t, 3);
    const changes = stores.flatMap((store) =>
      Array.from({ length: 10 }, () => store.updateBook((book) => ({ next: withCount(book), answer: undefined }))),
    );
    await Promise.all(changes);
    const total = await stores[0]!.updateBook((book) => ({ next: undefined, answer: book?.begunAt }));
    assert.equal(total, 30);
  });

  test('a change of another instance is read, although this one has a copy', async (t) => {
    const { stores } = await open(t, 2);
    const [one, other] = stores as [(typeof stores)[0], (typeof stores)[0]];
    for (const store of [one, other, one])
      await store.updateBook((book) => ({ next: withCount(book), answer: undefined }));
    assert.equal(await other.updateBook((book) => ({ next: undefined, answer: book?.begunAt })), 3);
  });

  const unreadable = ['', 'not json', 'null', '[]', '{"record":{}}'];
  for (const state of unreadable)
    test(`the text ${JSON.stringify(state)} counts as no record and is replaced`, async (t) => {
      const { store, redis, prefix } = await open(t);
      await redis.hset(`${prefix}book`, { version: '7', state });
      const found = await store.updateBook((book) => ({ next: withCount(book), answer: book }));
      assert.equal(found, undefined);
      assert.equal(await store.updateBook((book) => ({ next: undefined, answer: book?.begunAt })), 1);
    });

  test('a record of another format is an error and stays as it is', async (t) => {
    const { store, redis, prefix } = await open(t);
    const state = JSON.stringify({ format: 1, record: { begunAt: 9 } });
    await redis.hset(`${prefix}book`, { version: '7', state });
    await assert.rejects(
      store.updateBook((book) => ({ next: withCount(book), answer: undefined })),
      { name: 'ForeignRecordError', message: 'expected a record of format 2, got 1' },
    );
    assert.equal(await redis.hget(`${prefix}book`, 'state'), state);
  });

  test('each kind of record expires after its own time', async (t) => {
    const { store, redis, prefix } = await open(t);
    await store.updateBook((book) => ({ next: withCount(book), answer: undefined }));
    await store.updateLedger({ id: 'incident-1', receiver: 'slack' }, () => ({ next: emptyLedger, answer: undefined }));
    await store.updateBaselines(() => ({ next: { since: 1, causes: [], tasks: [] }, answer: undefined }));
    const keys = (await redis.keys(`${prefix}*`)).map((key) => key.slice(prefix.length)).sort();
    assert.deepEqual(keys, ['book', 'ledger:slack:incident-1', 'memory']);
    for (const [key, days] of [
      ['book', 7],
      ['ledger:slack:incident-1', 14],
      ['memory', 30],
    ] as const)
      assert.equal(Math.ceil((await redis.pttl(`${prefix}${key}`)) / dayMs), days, key);
  });
});

describe('shared observations in Redis', { skip: whyNoRedis() }, () => {
  test('each batch is taken once, the oldest first, a bounded number at a time', async (t) => {
    const { stores } = await open(t, 2);
    const [one, other] = stores as [(typeof stores)[0], (typeof stores)[0]];
    for (let index = 0; index <= takenAtOnceMax; index += 1) await one.share(`batch-${index}`);
    const first = await other.takeShared();
    assert.equal(first.length, takenAtOnceMax);
    assert.equal(first[0], 'batch-0');
    assert.deepEqual(await one.takeShared(), [`batch-${takenAtOnceMax}`]);
    assert.deepEqual(await other.takeShared(), []);
  });

  test('batches that no instance takes are dropped, the oldest first', async (t) => {
    const { store, redis, prefix } = await open(t);
    await redis.rpush(`${prefix}shared`, ...Array.from({ length: sharedMax }, (_, index) => `old-${index}`));
    await store.share('new');
    assert.equal(await redis.llen(`${prefix}shared`), sharedMax);
    assert.equal((await store.takeShared())[0], 'old-1');
  });
});
