/** A fleet over a real Redis that loses its data, restarts and hangs. test/conformance has the rest. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { FleetStore, Lease } from '../../src/store/fleet.ts';
import { createRedisFleet } from '../../src/store/fleet-redis.ts';
import { whyNoRedis } from '../fakes/redis.ts';
import { startRedis, stopEverything, waitFor } from '../live/process.ts';

const longMs = 60_000;
const longestAnswerMs = 5_000;

describe('redis fleet and its server', { skip: whyNoRedis() }, () => {
  const closing: (() => unknown)[] = [];
  afterEach(() => Promise.all(closing.splice(0).map((close) => close())));
  after(stopEverything);

  function openAt(url: string, namespace: string = randomUUID()) {
    const notices: unknown[] = [];
    const create = (): FleetStore => {
      const report = (notice: unknown) => notices.push(notice);
      const store = createRedisFleet({ url, namespace, report, random: Math.random, sleep });
      closing.push(() => store.stop());
      return store;
    };
    const raw = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
    raw.on('error', () => {});
    closing.push(() => raw.disconnect());
    return { create, raw, notices, prefix: `tv:{${namespace}}:` };
  }
  const ask = (store: FleetStore, instance: string, note = ''): Promise<Lease> =>
    store.hold('duty', { instance, ttlMs: longMs, note });

  test('sixteen connections: one duty, one heir', async () => {
    const { url } = await startRedis();
    const { create } = openAt(url);
    const stores = Array.from({ length: 16 }, create);
    await stores[0]!.announce({ instance: 'dead', host: 'pod' }, 'its work', 0);
    const leases = await Promise.all(stores.map((store, index) => ask(store, `instance-${index}`)));
    assert.equal(leases.filter(({ isMine }) => isMine).length, 1);
    assert.equal(new Set(leases.map(({ holder, term }) => `${holder} ${term}`)).size, 1);
    const works = await Promise.all(stores.map((store) => store.takeOver('dead')));
    assert.deepEqual(
      works.filter((work) => work !== undefined),
      ['its work'],
    );
  });

  test('goes on when the server has forgotten the script', async () => {
    const { url } = await startRedis();
    const { create, raw } = openAt(url);
    const store = create();
    const { term } = await ask(store, 'a');
    await raw.script('FLUSH');
    assert.deepEqual(await ask(store, 'a'), { isMine: true, holder: 'a', term, note: '' });
  });

  test('every key it writes expires, and no key of a hand-over remains', async () => {
    const { url } = await startRedis();
    const { create, raw, prefix } = openAt(url);
    const store = create();
    await ask(store, 'a', 'note');
    for (const open of ['one', 'two', 'three']) await store.announce({ instance: 'a', host: 'pod' }, open, longMs);
    await store.renew('a', longMs);
    const keys = (await raw.keys('*')).sort();
    assert.deepEqual(
      keys.map((key) => key.replace(/:\d+$/, ':<micros>')),
      ['duty:duty', 'open:a:<micros>', 'owner:a', 'owners'].map((key) => `${prefix}${key}`),
    );
    for (const key of keys) {
      const lifeMs = await raw.pttl(key);
      assert.ok(lifeMs > 23 * 3_600_000 && lifeMs <= 24 * 3_600_000, `${key}: ${lifeMs}`);
    }
    await store.takeOver('a', { force: true });
    assert.deepEqual(await raw.keys('*'), [`${prefix}duty:duty`]);
  });

  test('treats an unreadable record as missing, reports it, and replaces it', async () => {
    const { url } = await startRedis();
    const { create, raw, prefix, notices } = openAt(url);
    const store = create();
    await raw.hset(`${prefix}duty:duty`, 'version', '1', 'state', '{"format":99}');
    await raw.hset(`${prefix}owner:a`, 'version', '1', 'state', 'not JSON');
    await raw.zadd(`${prefix}owners`, String(Date.now() + longMs), 'a');
    await raw.zadd(`${prefix}owners`, '1', 'forgotten');
    assert.equal((await ask(store, 'a')).isMine, true);
    assert.equal(await store.renew('a', longMs), false);
    assert.deepEqual(await store.owners(), []);
    assert.deepEqual(await raw.zrange(`${prefix}owners`, '0', '-1'), ['a']);
    const notice = { kind: 'items-dropped', queue: 'store', reason: 'unreadable-record', count: 1 };
    assert.deepEqual(notices, [notice, notice]);
    assert.equal((await ask(store, 'b')).isMine, false);
  });

  test('after a flush the duty is free again, and terms go on upwards', async () => {
    const { url } = await startRedis();
    const { create, raw } = openAt(url);
    const [a, b] = [create(), create()];
    const terms: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const first = await ask(a, 'a', 'note');
      await raw.flushall();
      const second = await ask(b, 'b');
      assert.deepEqual([first.isMine, second.isMine, second.note], [true, true, '']);
      assert.deepEqual(await ask(a, 'a'), { isMine: false, holder: 'b', term: second.term, note: '' });
      await raw.flushall();
      terms.push(first.term, second.term);
    }
    assert.deepEqual(
      terms,
      terms.toSorted((x, y) => x - y),
    );
    assert.equal(new Set(terms).size, terms.length);
  });

  test('after a restart without its data the duty is free, owners are unknown, and terms go on upwards', async () => {
    const server = await startRedis();
    const { create } = openAt(server.url);
    const [a, b] = [create(), create()];
    const before = await ask(a, 'a');
    await a.announce({ instance: 'a', host: 'pod' }, 'open', longMs);
    await server.stop('SIGKILL');
    await assert.rejects(ask(a, 'a'));
    await assert.rejects(a.announce({ instance: 'a', host: 'pod' }, 'open', longMs));
    await startRedis(server.port);
    const after = await waitFor('the second is connected again', 20_000, () => ask(b, 'b').catch(() => undefined));
    assert.equal(after.isMine, true);
    assert.ok(after.term > before.term);
    const isKnown = await waitFor('the first is connected again', 20_000, () =>
      a.renew('a', longMs).then(
        (answer) => ({ answer }),
        () => undefined,
      ),
    );
    assert.deepEqual(isKnown, { answer: false });
    assert.equal((await ask(a, 'a')).holder, 'b');
  });

  test('rejects within seconds while the server hangs, and goes on when it wakes up', async () => {
    const server = await startRedis();
    const { create } = openAt(server.url);
    const store = create();
    const { term } = await ask(store, 'a');
    server.signal('SIGSTOP');
    const answers: Promise<unknown>[] = [
      ask(store, 'a'),
      store.release('duty', { instance: 'b', note: '' }),
      store.announce({ instance: 'a', host: 'pod' }, 'open', longMs),
      store.renew('a', longMs),
      store.owners(),
      store.takeOver('a'),
    ];
    const isLate = sleep(longestAnswerMs, 'late', { ref: false });
    for (const answer of answers)
      assert.equal(await Promise.race([answer.catch(() => 'rejected'), isLate]), 'rejected');
    server.signal('SIGCONT');
    const again = await waitFor('the server is back', 20_000, () => ask(store, 'a').catch(() => undefined));
    assert.deepEqual(again, { isMine: true, holder: 'a', term, note: '' });
  });

  test('rejects where there never was a server, and after it was stopped', async () => {
    const { create } = openAt('redis://127.0.0.1:1');
    const store = create();
    const isLate = sleep(longestAnswerMs, 'late', { ref: false });
    assert.equal(await Promise.race([ask(store, 'a').catch(() => 'rejected'), isLate]), 'rejected');
    await assert.rejects(store.owners());
    await store.stop();
    await assert.rejects(store.takeOver('a'));
  });
});
